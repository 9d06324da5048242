using Kindred.Algorithms.Models;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Training.Data;
using Kindred.Training.Runs;

namespace Kindred.Training;

/// <summary>What the command line does with runs, in its own process.</summary>
public sealed class TrainingEntry
{
    private readonly TrainingStore _store;
    private readonly TrainRun _run;
    private readonly IEventReader _events;
    private readonly IItemReader _items;
    private readonly CollectionRegistry _collections;
    private readonly TrainingSettings _settings;

    internal TrainingEntry(TrainingStore store, TrainRun run, IEventReader events, IItemReader items, CollectionRegistry collections, TrainingSettings settings) =>
        (_store, _run, _events, _items, _collections, _settings) = (store, run, events, items, collections, settings);

    /// <summary>Does a run that a server queued; null when it is not to be had.</summary>
    public async Task<RunResponse?> ExecuteAsync(long run, string token, CancellationToken cancellation) =>
        await _run.ExecuteAsync(run, token, told: null, cancellation) is { } ended ? RunResponse.Of(ended) : null;

    /// <summary>Trains a collection now; null when another process is at it.</summary>
    /// <param name="collection">Its name.</param>
    /// <param name="trigger"><c>hand</c> or <c>demo</c>.</param>
    /// <param name="recommenders">By name; empty means the collection's.</param>
    /// <param name="seed">Null means the setting's.</param>
    /// <param name="told">Told the stage and how far it is, in [0, 1].</param>
    /// <param name="cancellation">Ends the run as cancelled.</param>
    public async Task<RunResponse?> TrainAsync(
        string collection, string trigger, IReadOnlyList<string> recommenders, int? seed, Action<string, double>? told, CancellationToken cancellation)
    {
        var number = Find(collection).Number;
        var options = TrainingJson.Write(new RunOptions { Recommenders = recommenders, Seed = seed });

        // A queued run that no server came to take is as good as a new one, unless something else was asked for.
        var run = await _store.RequestAsync(number, trigger, options, _settings.LeaseTime, cancellation)
            ?? (recommenders.Count == 0 && seed is null && await _store.FindActiveAsync(number, cancellation) is { State: RunState.Queued } waiting ? waiting : null);
        return run is not null && await _run.ExecuteAsync(run.Id, Guid.NewGuid().ToString("N"), told, cancellation) is { } ended ? RunResponse.Of(ended) : null;
    }

    /// <summary>Compares recommenders on a collection's events as a run would, and changes nothing.</summary>
    public async Task<RunSummary> EvaluateAsync(
        string collection, IReadOnlyList<string> recommenders, int? seed, int? threads, Action<string, double> told, CancellationToken cancellation)
    {
        var found = Find(collection);
        var log = await EventTable.ReadAsync(_events, found.Number, cancellation);
        if (RecommenderPlan.ReadsFeatures(found, recommenders, live: null))
        {
            await log.ReadFeaturesAsync(_items, found.Number, cancellation);
        }

        var pairs = new PairTable(log, found);
        var plan = RecommenderPlan.Of(found, TrainingSet.Of(pairs), recommenders, _settings);
        var context = _settings.ToContext(seed, threads, cancellation);
        var comparison = await Task.Run(() => Comparison.Run(log, found, pairs, plan, live: null, _settings, context, told), cancellation);
        return comparison.ToReport(new Dictionary<string, double>(StringComparer.Ordinal));
    }

    private Collection Find(string collection) =>
        _collections.Find(collection) ?? throw new ArgumentException($"There is no collection \"{collection}\".", nameof(collection));
}

internal static class TrainingContexts
{
    /// <summary>Seed, threads and cancellation as settings and wishes have them.</summary>
    public static TrainingContext ToContext(this TrainingSettings settings, int? seed, int? threads, CancellationToken cancellation) => new()
    {
        Seed = seed ?? settings.Seed,
        Threads = threads ?? (settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads),
        Cancellation = cancellation,
    };
}
