using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>
/// Interactions on disk, by user and by item, for data that memory does not hold: recommenders that train out of core read them through small windows. What stays
/// in memory is 8 bytes a user and an item. The files are deleted when it is disposed.
/// </summary>
public sealed class InteractionFiles : IDisposable
{
    private readonly string _folder;

    internal InteractionFiles(string folder, CsrFile byUser, CsrFile byItem, double[] itemWeights)
    {
        (_folder, ByUser, ByItem) = (folder, byUser, byItem);
        ItemWeights = itemWeights;
    }

    /// <summary>Number of users.</summary>
    public int Users => ByUser.Rows;

    /// <summary>Number of items.</summary>
    public int Items => ByItem.Rows;

    /// <summary>Number of (user, item) pairs.</summary>
    public long Count => ByUser.NonZeros;

    /// <summary>Sum of each item's weights, <b>[items]</b>; 0 where nobody took it.</summary>
    public IReadOnlyList<double> ItemWeights { get; }

    /// <summary>Entries of the longest row, by user or by item: what a window holds at the least.</summary>
    public int LongestRow => Math.Max(ByUser.LongestRow, ByItem.LongestRow);

    internal CsrFile ByUser { get; }

    internal CsrFile ByItem { get; }

    /// <summary>Number of items a user took.</summary>
    public int CountOf(int user) => ByUser.RowLength(user);

    /// <summary>The interactions of some users, in memory: row k is user <paramref name="users"/>[k].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such user.</exception>
    public Interactions Load(IReadOnlyList<int> users)
    {
        ArgumentNullException.ThrowIfNull(users);
        var builder = new CsrBuilder();
        for (var k = 0; k < users.Count; k++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)users[k], (uint)Users, nameof(users));
            using var window = ByUser.Open(users[k], users[k] + 1);
            for (var at = 0; at < window.RowColumns(users[k]).Length; at++)
            {
                builder.Add(k, window.RowColumns(users[k])[at], window.RowValues(users[k])[at]);
            }
        }

        return new Interactions(builder.Build(users.Count, Items));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ByUser.Dispose();
        ByItem.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
