namespace Kindred.Algorithms.Evaluation;

/// <summary>A ranked list of items per user, best first. Immutable.</summary>
public sealed class RankedLists
{
    private readonly int[] _items;
    private readonly int[] _lengths;

    internal RankedLists(int longest, int[] items, int[] lengths)
    {
        Longest = longest;
        _items = items;
        _lengths = lengths;
    }

    /// <summary>Number of users.</summary>
    public int Users => _lengths.Length;

    /// <summary>Number of items asked for.</summary>
    public int Longest { get; }

    /// <summary>The list of a user; shorter than <see cref="Longest"/> only where fewer items were candidates.</summary>
    public ReadOnlySpan<int> Of(int user) => _items.AsSpan(user * Longest, _lengths[user]);

    /// <summary>Takes lists made elsewhere.</summary>
    /// <exception cref="ArgumentException">A list holds an item twice.</exception>
    public static RankedLists From(IReadOnlyList<int[]> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        var longest = lists.Count == 0 ? 0 : lists.Max(list => list.Length);
        var items = new int[lists.Count * longest];
        for (var user = 0; user < lists.Count; user++)
        {
            if (lists[user].Distinct().Count() != lists[user].Length)
            {
                throw new ArgumentException($"The list of user {user} holds an item twice.", nameof(lists));
            }

            lists[user].CopyTo(items, user * longest);
        }

        return new RankedLists(longest, items, [.. lists.Select(list => list.Length)]);
    }
}
