using Kindred.Algorithms.Sparse;
using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Training.Data;

/// <summary>
/// A collection's events in columns, in the order of the log: 28 bytes an event, read once, from which training sets of any time span are made.
/// </summary>
internal sealed class EventTable
{
    // Microseconds.
    private const long BasketPause = 3_600_000_000;

    private readonly List<int> _users = [];
    private readonly List<int> _items = [];
    private readonly List<int> _types = [];
    private readonly List<float> _values = [];
    private readonly List<long> _times = [];

    public int Count => _users.Count;

    /// <summary>Number of users: one more than the highest number seen.</summary>
    public int Users { get; private set; }

    /// <summary>Number of items: one more than the highest number seen, in events or with features.</summary>
    public int Items { get; private set; }

    /// <summary>Categories of the items, <b>[items x categories]</b>; null until <see cref="ReadFeaturesAsync"/>, and where no item has any.</summary>
    public CsrMatrix? ItemFeatures { get; private set; }

    public long LastSequence { get; private set; }

    /// <summary>Reads the log of a collection from its beginning.</summary>
    public static async Task<EventTable> ReadAsync(IEventReader events, int collection, CancellationToken cancellation)
    {
        var table = new EventTable();
        await foreach (var recorded in events.ReadAsync(collection, 0, cancellation))
        {
            table.Add(recorded);
        }

        return table;
    }

    /// <summary>Reads the categories of the catalogue. Deleted items have none.</summary>
    /// <param name="items">The catalogue.</param>
    /// <param name="collection">Number of the collection.</param>
    /// <param name="withoutEvents">Whether items without events get a place too: worth it only where a recommender scores them by their features.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public async Task ReadFeaturesAsync(IItemReader items, int collection, bool withoutEvents, CancellationToken cancellation)
    {
        var names = new IdMap();
        var features = new CsrBuilder();
        await foreach (var item in items.ReadAllAsync(collection, cancellation))
        {
            foreach (var category in item.Deleted || (!withoutEvents && item.Number >= Items) ? [] : item.Categories)
            {
                features.Add(item.Number, names.Add(category), 1);
                Items = Math.Max(Items, item.Number + 1);
            }
        }

        ItemFeatures = names.Count == 0 ? null : features.Build(Items, names.Count);
    }

    public void Add(in EventRecord recorded)
    {
        _users.Add(recorded.User);
        _items.Add(recorded.Item);
        _types.Add(recorded.Type);
        _values.Add(recorded.Value ?? float.NaN);
        _times.Add(recorded.At);
        Users = Math.Max(Users, recorded.User + 1);
        Items = Math.Max(Items, recorded.Item + 1);
        LastSequence = Math.Max(LastSequence, recorded.Sequence);
    }

    /// <summary>The event at a place in the log, from 0.</summary>
    public (int User, int Item, int Type, float? Value, long At) this[int place] =>
        (_users[place], _items[place], _types[place], float.IsNaN(_values[place]) ? null : _values[place], _times[place]);

    /// <summary>
    /// What was bought at one time, <b>[baskets x items]</b>: a user's events of the types that make an item seen and do not judge by value, cut at pauses
    /// longer than an hour. Null where there are none.
    /// </summary>
    public Interactions? ToBaskets(Collection collection)
    {
        var buys = collection.EventTypes.Where(type => type.Settings.Seen && !Pair.JudgesByValue(type)).Select(type => type.Number).ToHashSet();
        int[] places = [.. Enumerable.Range(0, Count).Where(place => buys.Contains(_types[place])).OrderBy(place => _users[place]).ThenBy(place => _times[place]).ThenBy(place => place)];
        var builder = new InteractionsBuilder();
        var basket = -1;
        for (var k = 0; k < places.Length; k++)
        {
            var place = places[k];
            if (k == 0 || _users[place] != _users[places[k - 1]] || _times[place] - _times[places[k - 1]] > BasketPause)
            {
                basket++;
            }

            builder.Add(basket, _items[place], 1);
        }

        return basket < 0 ? null : builder.Build(basket + 1, Items, withTimes: false);
    }
}
