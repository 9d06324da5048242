using System.Collections.Concurrent;
using Kindred.Contracts;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Recommendations.Answers;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Serving;

/// <summary>
/// The collections of this process, and where it is told of events and catalogue changes before they are acknowledged. The readers come as
/// functions: whoever writes the log knows us, and we read it.
/// </summary>
internal sealed class ServedCollections(
    CollectionRegistry registry,
    RecommendationSettings settings,
    PlatformSettings platform,
    Func<IItemReader> items,
    Func<IEventReader> events,
    IModelHeads heads,
    Receipts receipts,
    TimeProvider clock,
    ILogger<ServedCollections> logger) : IEventsRecorded, IItemsChanged, IDisposable
{
    private readonly ConcurrentDictionary<string, ServedCollection> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, ServedCollection> _byNumber = new();

    /// <summary>All collections.</summary>
    public IEnumerable<ServedCollection> All => registry.All.Select(collection => Find(collection.Name)!);

    /// <summary>The collection of that name, or null.</summary>
    public ServedCollection? Find(string name) =>
        _byName.TryGetValue(name, out var served) ? served : registry.Find(name) is { } collection ? Add(collection) : null;

    public void OnRecorded(int collection, ReadOnlySpan<EventRecord> events)
    {
        if (!_byNumber.TryGetValue(collection, out var served))
        {
            return;
        }

        foreach (ref readonly var record in events)
        {
            served.Profiles.Invalidate(record.User);
        }

        served.Activity.CountNext(events);
    }

    public void OnEventsRemoved(int collection, int user)
    {
        if (_byNumber.TryGetValue(collection, out var served))
        {
            served.Profiles.Invalidate(user);
        }
    }

    public void OnUserForgotten(int collection, int user)
    {
        if (_byNumber.TryGetValue(collection, out var served))
        {
            served.Profiles.Invalidate(user);
            receipts.Forget(collection, user);
        }
    }

    public void OnItemsChanged(int collection, IReadOnlyList<ItemRecord> items)
    {
        if (_byNumber.TryGetValue(collection, out var served))
        {
            served.Items.Apply(items);
        }
    }

    public void Dispose()
    {
        foreach (var served in _byNumber.Values)
        {
            served.Dispose();
        }
    }

    private ServedCollection Add(Collection collection)
    {
        var served = _byNumber.GetOrAdd(
            collection.Number,
            _ => new ServedCollection(collection, settings, platform.ModelsFolder, items(), events(), heads, clock, logger));
        return _byName.GetOrAdd(collection.Name, served);
    }
}
