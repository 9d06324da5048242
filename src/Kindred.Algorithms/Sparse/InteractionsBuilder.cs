using System.Runtime.InteropServices;

namespace Kindred.Algorithms.Sparse;

/// <summary>
/// Builds <see cref="Interactions"/> from events in any order: of one user and item the weights are summed, the time is the newest and the
/// rating is the newest event's (of equal times the one added last). Memory: 28 bytes an event. Not safe for several threads.
/// </summary>
public sealed class InteractionsBuilder
{
    private readonly List<int> _users = [];
    private readonly List<int> _items = [];
    private readonly List<float> _weights = [];
    private readonly List<long> _times = [];
    private readonly List<float> _ratings = [];

    /// <summary>Number of events added.</summary>
    public int Count => _users.Count;

    /// <summary>Adds an event.</summary>
    /// <param name="user">Number of the user, 0 or more.</param>
    /// <param name="item">Number of the item, 0 or more.</param>
    /// <param name="weight">Above 0; 1 means one positive.</param>
    /// <param name="time">Microseconds since 1970 (UTC).</param>
    /// <param name="rating">Rating given; leave 0 where there are none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, the weight not finite and above 0, or the rating not finite.</exception>
    public void Add(int user, int item, float weight, long time = 0, float rating = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(user);
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        if (!float.IsFinite(weight) || weight <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "The weight of an interaction is finite and above 0.");
        }

        if (!float.IsFinite(rating))
        {
            throw new ArgumentOutOfRangeException(nameof(rating), rating, "A rating is finite.");
        }

        _users.Add(user);
        _items.Add(item);
        _weights.Add(weight);
        _times.Add(time);
        _ratings.Add(rating);
    }

    /// <summary>Builds <b>[users x items]</b>; the builder keeps its events.</summary>
    /// <param name="users">Number of users.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="withTimes">False leaves <see cref="Interactions.Times"/> null.</param>
    /// <param name="withRatings">False leaves <see cref="Interactions.Ratings"/> null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An event lies outside the shape.</exception>
    public Interactions Build(int users, int items, bool withTimes = true, bool withRatings = false)
    {
        var order = CellOrder.Of(CollectionsMarshal.AsSpan(_users), CollectionsMarshal.AsSpan(_items), users, items);
        var cells = Cells(order);
        var starts = new long[users + 1];
        var columns = new int[cells];
        var weights = new float[cells];
        var times = new long[cells];
        var ratings = new float[cells];
        var cell = -1;
        var user = -1;
        foreach (var k in order)
        {
            var opens = _users[k] != user || columns[cell] != _items[k];
            if (opens)
            {
                cell++;
                user = _users[k];
                columns[cell] = _items[k];
                starts[user + 1] = cell + 1;
            }

            weights[cell] += _weights[k];
            if (opens || _times[k] >= times[cell])
            {
                times[cell] = _times[k];
                ratings[cell] = _ratings[k];
            }
        }

        for (var u = 0; u < users; u++)
        {
            starts[u + 1] = Math.Max(starts[u + 1], starts[u]);
        }

        return new Interactions(new CsrMatrix(items, starts, columns, weights), withTimes ? times : null, withRatings ? ratings : null);
    }

    private int Cells(int[] order)
    {
        var cells = 0;
        for (var k = 0; k < order.Length; k++)
        {
            cells += k == 0 || _users[order[k]] != _users[order[k - 1]] || _items[order[k]] != _items[order[k - 1]] ? 1 : 0;
        }

        return cells;
    }
}
