using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Tuning;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Training.Data;
using Kindred.Training.OutOfCore;
using Kindred.Training.Pictures;
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

    /// <summary>Names of the recommenders that train within a promised memory.</summary>
    public static IReadOnlyList<string> WithinMemory => LargeRun.Recommenders;

    /// <summary>Names of presets: a recommender with options and a measure of its own.</summary>
    public static IReadOnlyList<string> Presets { get; } = [FilmClub.Name];

    /// <summary>Clusters of a picture where nothing else is said.</summary>
    public const int PictureClusters = FilmPicture.Clusters;

    /// <summary>Does a run that a server queued; null when it is not to be had.</summary>
    public async Task<RunResponse?> ExecuteAsync(long run, string token, CancellationToken cancellation) =>
        await _run.ExecuteAsync(run, token, told: null, cancellation) is { } ended ? RunResponse.Of(ended) : null;

    /// <summary>Trains a collection now; null when another process is at it.</summary>
    /// <param name="collection">Its name.</param>
    /// <param name="trigger"><c>hand</c> or <c>demo</c>.</param>
    /// <param name="recommenders">By name; empty means the collection's.</param>
    /// <param name="seed">Null means the setting's.</param>
    /// <param name="memory">Bytes this process may hold, for popularity and ALS from files; null trains in memory.</param>
    /// <param name="preset">One of <see cref="Presets"/>, or null.</param>
    /// <param name="told">Told the stage and how far it is, in [0, 1].</param>
    /// <param name="cancellation">Ends the run as cancelled.</param>
    public async Task<RunResponse?> TrainAsync(
        string collection, string trigger, IReadOnlyList<string> recommenders, int? seed, long? memory, string? preset, Action<string, double>? told, CancellationToken cancellation)
    {
        var number = Find(collection).Number;
        var options = TrainingJson.Write(new RunOptions { Recommenders = recommenders, Seed = seed, Memory = memory, Preset = preset });

        // A queued run that no server came to take is as good as a new one, unless something else was asked for.
        var run = await _store.RequestAsync(number, trigger, options, _settings.LeaseTime, cancellation)
            ?? (recommenders.Count == 0 && seed is null && memory is null && preset is null && await _store.FindActiveAsync(number, cancellation) is { State: RunState.Queued } waiting ? waiting : null);
        return run is not null && await _run.ExecuteAsync(run.Id, Guid.NewGuid().ToString("N"), told, cancellation) is { } ended ? RunResponse.Of(ended) : null;
    }

    /// <summary>
    /// Searches recommenders and options on the training part of the split a run is judged by, then does a run with the winner among the candidates: it
    /// passes the gate or the live model stays. The search sees nothing of the held-out part.
    /// </summary>
    /// <param name="collection">Its name.</param>
    /// <param name="options">How long and among what.</param>
    /// <param name="seed">Null means the setting's.</param>
    /// <param name="told">Told the stage and how far it is, in [0, 1].</param>
    /// <param name="cancellation">Ends the search, or the run as cancelled.</param>
    /// <returns>What was found, and the run; both null where there is too little to search with, the run alone where another process trains.</returns>
    public async Task<(TuningResult? Found, RunResponse? Run)> TuneAsync(
        string collection, TuningOptions options, int? seed, Action<string, double> told, CancellationToken cancellation)
    {
        var found = Find(collection);
        var context = _settings.ToContext(seed, threads: null, cancellation) with { Progress = new StageTold((stage, share) => told(stage, 0.8 * share)) };
        var log = await EventTable.ReadAsync(_events, found.Number, cancellation);
        var pairs = new PairTable(log, found);
        if (TrainingSet.Of(pairs).Positives.Count < _settings.MinimumPositives)
        {
            return (null, null);
        }

        var held = HeldOut.Cut(log, found, pairs, _settings.HoldOut, context.Seed);
        if (LeakCheck.Find(held) is { } leak)
        {
            throw new InvalidDataException(leak);
        }

        var split = Inner(held);
        if (split.Test.Count == 0)
        {
            return (null, null);
        }

        var result = await Task.Run(() => Tuner.Run(split, options with { EaseMostItems = _settings.EaseMaximumItems }, context), cancellation);
        var wanted = TrainingJson.Write(new RunOptions { Seed = seed, Tuned = result.Best });
        var run = await _store.RequestAsync(found.Number, RunTrigger.Hand, wanted, _settings.LeaseTime, cancellation);
        var ended = run is null ? null : await _run.ExecuteAsync(run.Id, Guid.NewGuid().ToString("N"), (stage, share) => told(stage, 0.8 + (0.2 * share)), cancellation);
        return (result, ended is null ? null : RunResponse.Of(ended));
    }

    // Cut as the held-out part was: by time where one cut leaves enough users to judge by, else each user's last.
    private static Split Inner(HeldOut held)
    {
        const int Enough = 100;
        var data = held.Train.Positives;
        if (held.Kind == "temporal")
        {
            var cut = Splits.GlobalTime(data, 0.9);
            if (Enumerable.Range(0, cut.Test.Users).Count(user => cut.Test.ByUser.RowLength(user) > 0) >= Enough)
            {
                return cut;
            }
        }

        return held.Kind == "random" ? Splits.RandomPerUser(data, leastPerUser: 3) : Splits.LeaveLastOut(data, leastPerUser: 3);
    }

    // Tells in the thread that reports, in order.
    private sealed class StageTold(Action<string, double> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value.Stage, value.Fraction);
    }

    /// <summary>Compares recommenders on a collection's events as a run would, and changes nothing.</summary>
    public async Task<RunSummary> EvaluateAsync(
        string collection, IReadOnlyList<string> recommenders, int? seed, int? threads, Action<string, double> told, CancellationToken cancellation)
    {
        var found = Find(collection);
        var log = await EventTable.ReadAsync(_events, found.Number, cancellation);
        await log.ReadFeaturesAsync(_items, found.Number, RecommenderPlan.ReadsFeatures(found, recommenders), cancellation);
        var pairs = new PairTable(log, found);
        var plan = RecommenderPlan.Of(found, TrainingSet.Of(pairs), recommenders, _settings);
        var context = _settings.ToContext(seed, threads, cancellation);
        var comparison = await Task.Run(() => Comparison.Run(log, found, pairs, plan, live: null, liveTuned: null, _settings, context, told), cancellation);
        return comparison.ToReport(new Dictionary<string, double>(StringComparer.Ordinal), plan.Tuned);
    }

    /// <summary>Draws a collection's items in clusters by who rated them how, as SVG; null where nobody has rated any.</summary>
    /// <param name="collection">Its name.</param>
    /// <param name="clusters">Number of clusters, 1 to 100.</param>
    /// <param name="seed">Seed of the clusters.</param>
    /// <param name="cancellation">Stops the drawing.</param>
    public async Task<string?> DrawClustersAsync(string collection, int clusters, int seed, CancellationToken cancellation)
    {
        var found = Find(collection);
        var ratings = new PairTable(await EventTable.ReadAsync(_events, found.Number, cancellation), found).ToRatings();
        return ratings is null ? null : await FilmPicture.DrawAsync(ratings, clusters, _settings.ToContext(seed, threads: null, cancellation), _items, found.Number);
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
