using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Models;
using Kindred.Recommendations.Profiles;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Serving;

/// <summary>Everything one collection is answered from, and how it follows the database.</summary>
internal sealed class ServedCollection(
    Collection collection,
    RecommendationSettings settings,
    string modelsFolder,
    IItemReader itemReader,
    IEventReader eventReader,
    IModelHeads heads,
    TimeProvider clock,
    ILogger logger) : IDisposable
{
    private const int ChangesAtOnce = 1000;
    private const int EventsAtOnce = 4096;

    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly SemaphoreSlim _catchingUp = new(1, 1);
    private long _catalogueVersion;
    private long _startedAfter;
    private volatile bool _loaded;

    public Collection Collection { get; } = collection;

    public ItemTable Items { get; } = new();

    public Activity Activity { get; } = new(collection, settings.TrendingHalfLifeDays);

    public LiveProfiles Profiles { get; } = new(collection, eventReader, settings, clock);

    public LiveOrders Orders => LazyInitializer.EnsureInitialized(ref field, () => new LiveOrders(Items, Activity, clock));

    public ModelShelf Shelf => LazyInitializer.EnsureInitialized(ref field, () => new ModelShelf(Collection.Number, modelsFolder, heads, Items, clock, logger));

    /// <summary>True once items and the live model are here.</summary>
    public bool Loaded => _loaded;

    /// <summary>True when loaded, with every item that an acknowledged event of this process named; an unreachable database is not waited for.</summary>
    public bool Current => _loaded && (Activity.HighestItem < Items.FilledTo || Behind);

    /// <summary>True while the last look at the database failed.</summary>
    public bool Behind { get; private set; }

    /// <summary>Loads items and the live model, once; returns at once afterwards.</summary>
    public ValueTask EnsureLoadedAsync(CancellationToken cancellation) => _loaded ? ValueTask.CompletedTask : new ValueTask(LoadAsync(cancellation));

    /// <summary>Follows what other processes wrote: catalogue, events, model.</summary>
    public async Task PollAsync(CancellationToken cancellation)
    {
        try
        {
            await EnsureLoadedAsync(cancellation);
            await ReadChangesAsync(cancellation);
            await ReadEventsAsync(cancellation);
            await CatchUpAsync(Activity.HighestItem, cancellation);
            await Shelf.RefreshAsync(cancellation);
            Items.RankIds();
            Behind = false;
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            if (!Behind)
            {
                logger.PollFailed(fault, Collection.Name);
            }

            Behind = true;
        }
    }

    /// <summary>Takes the items numbered up to <paramref name="item"/> that were first seen in events.</summary>
    public async ValueTask CatchUpAsync(int item, CancellationToken cancellation)
    {
        if (item < Items.FilledTo)
        {
            return;
        }

        await _catchingUp.WaitAsync(cancellation);
        try
        {
            for (var from = -1; item >= Items.FilledTo && from != Items.FilledTo;)
            {
                from = Items.FilledTo;
                Items.Apply(await itemReader.ReadRangeAsync(Collection.Number, from, Math.Min(item + 1, from + EventsAtOnce), cancellation));
            }
        }
        finally
        {
            _catchingUp.Release();
        }
    }

    public void Dispose()
    {
        _loading.Dispose();
        _catchingUp.Dispose();
        Shelf.Dispose();
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation);
        try
        {
            if (_loaded)
            {
                return;
            }

            // The place in the log comes first: what is committed while items load is read again, never missed.
            _startedAfter = await eventReader.LastSequenceAsync(Collection.Number, cancellation);
            Activity.StartAfter(Math.Max(0, _startedAfter - settings.ReplayEvents));
            var batch = new List<ItemRecord>(ChangesAtOnce);
            await foreach (var item in itemReader.ReadAllAsync(Collection.Number, cancellation))
            {
                _catalogueVersion = Math.Max(_catalogueVersion, item.Version);
                batch.Add(item);
                if (batch.Count == ChangesAtOnce)
                {
                    Items.Apply(batch);
                    batch.Clear();
                }
            }

            Items.Apply(batch);
            Items.RankIds();
            await Shelf.RefreshAsync(cancellation);
            _loaded = true;
            logger.ItemsLoaded(Collection.Name, Items.Count);
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task ReadChangesAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var changes = await itemReader.ReadChangesAsync(Collection.Number, _catalogueVersion, ChangesAtOnce, cancellation);
            if (changes.Count == 0)
            {
                return;
            }

            Items.Apply(changes);
            _catalogueVersion = changes[^1].Version;
        }
    }

    private async Task ReadEventsAsync(CancellationToken cancellation)
    {
        if (await eventReader.LastSequenceAsync(Collection.Number, cancellation) <= Activity.Last)
        {
            return;
        }

        var batch = new List<EventRecord>(EventsAtOnce);
        await foreach (var record in eventReader.ReadAsync(Collection.Number, Activity.Last, cancellation))
        {
            batch.Add(record);
            if (batch.Count == EventsAtOnce)
            {
                Take(batch);
            }
        }

        Take(batch);
    }

    private void Take(List<EventRecord> batch)
    {
        foreach (var record in batch)
        {
            if (record.Sequence > _startedAfter)
            {
                Profiles.Invalidate(record.User);
            }
        }

        Activity.Count(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch));
        batch.Clear();
    }
}
