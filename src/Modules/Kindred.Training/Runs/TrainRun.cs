using System.Diagnostics;
using System.Globalization;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tuning;
using Kindred.Contracts;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Training.Bundles;
using Kindred.Training.Data;
using Kindred.Training.OutOfCore;
using Kindred.Training.Pictures;
using Microsoft.Extensions.Logging;

namespace Kindred.Training.Runs;

/// <summary>
/// One run, from the event log to a moved head: read, cut by time, train, compare, pass the gate, train on everything, write, publish.
/// Runs in a process of its own under the server, and in the command line's process for <c>kindred train</c>.
/// </summary>
internal sealed class TrainRun(
    TrainingStore store, IEventReader events, IItemReader items, CollectionRegistry collections, PlatformSettings platform, TrainingSettings settings,
    TimeProvider clock, ILogger<TrainRun> logger)
{
    private const int HeadFormat = 1;

    // A picture of more ratings would take longer than it is worth.
    private const long MostDrawn = 20_000_000;
    private const int PictureSeed = 0;
    private readonly BundleFolder _bundles = new(platform.ModelsFolder);

    /// <summary>Takes a queued run and does it; null when another process has it. The row tells how it ended.</summary>
    public async Task<Run?> ExecuteAsync(long number, string token, Action<string, double>? told, CancellationToken cancellation)
    {
        if (!await store.ClaimAsync(number, token, cancellation))
        {
            return null;
        }

        var run = await store.FindAsync(number, cancellation) ?? throw new InvalidOperationException($"Run {number} is gone.");
        await using (var heart = new Heartbeat(store, number, token, clock, told, cancellation))
        {
            try
            {
                await TrainAsync(run, token, heart);
            }
            catch (OperationCanceledException) when (heart.Lost.IsCancellationRequested)
            {
                await store.EndAsync(number, token, RunState.Cancelled, report: null, error: "Stopped.", CancellationToken.None);
            }
            catch (Exception failure)
            {
                logger.RunFailed(failure, number);
                await store.EndAsync(number, token, RunState.Failed, report: null, failure.Message, CancellationToken.None);
            }
        }

        return await store.FindAsync(number, CancellationToken.None);
    }

    private async Task TrainAsync(Run run, string token, Heartbeat heart)
    {
        var collection = collections.Find(run.Collection) ?? throw new InvalidOperationException($"Settings no longer name collection {run.Collection}.");
        var options = TrainingJson.ReadOptions(run.Options);
        if (options.Preset == FilmClub.Name)
        {
            options = options with { Tuned = FilmClub.Candidate, Seed = options.Seed ?? FilmClub.Seed };
        }

        var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
        var head = await store.ReadAsync(collection.Number, heart.Lost);

        var live = head is null ? null : LiveRecommender(head);
        var liveTuned = head is null ? null : TrainingJson.ReadReport((await store.FindAsync(long.Parse(head.Run, CultureInfo.InvariantCulture), heart.Lost))?.Report)?.Tuned;
        if (options.Memory is { } memory)
        {
            await TrainWithinAsync(memory, run, token, collection, options, head, live, liveTuned, heart);
            return;
        }

        var log = await Timed("read", seconds, () => EventTable.ReadAsync(events, collection.Number, heart.Lost));
        await log.ReadFeaturesAsync(items, collection.Number, RecommenderPlan.ReadsFeatures(collection, options.Recommenders, live, options.Tuned?.Recommender), heart.Lost);
        var pairs = new PairTable(log, collection);
        var everything = TrainingSet.Of(pairs);
        if (everything.Positives.Count == 0)
        {
            await store.EndAsync(run.Id, token, RunState.Refused, report: null, "There are no positive events yet.", heart.Lost);
            return;
        }

        await store.DescribeAsync(run.Id, token, log.Items, log.Users, everything.Positives.Count, log.LastSequence, heart.Lost);
        var context = settings.ToContext(options.Seed, threads: null, heart.Lost);
        var plan = RecommenderPlan.Of(collection, everything, options.Recommenders, settings, options.Tuned ?? liveTuned);

        if (options.Preset is not null)
        {
            plan.Note(everything.Ratings is { } all
                ? await Timed("measure", seconds, () => Task.Run(() => FilmClub.Measure(all, context), heart.Lost))
                : $"{options.Preset}: there are no ratings.");
        }

        var comparison = await Timed("compare", seconds, () => Task.Run(
            () => Comparison.Run(log, collection, pairs, plan, live, liveTuned, settings, context, (stage, share) => heart.Report(stage, 0.05 + (0.5 * share))), heart.Lost));
        var report = comparison.ToReport(seconds, plan.Tuned);
        if (!comparison.Verdict.Published)
        {
            await store.EndAsync(run.Id, token, RunState.Refused, TrainingJson.Write(report), error: null, heart.Lost);
            return;
        }

        var models = await Timed("train", seconds, () => Task.Run(
            () => TrainBundle(plan, comparison, everything, log.ToBaskets(collection), context, (stage, share) => heart.Report(stage, 0.55 + (0.4 * share))), heart.Lost));
        var picture = everything.Ratings is { Count: <= MostDrawn } drawn
            ? await Timed("picture", seconds, () => FilmPicture.DrawAsync(drawn, FilmPicture.Clusters, context with { Seed = PictureSeed }, items, collection.Number))
            : null;
        await PublishAsync(run, token, head, collection, report, Describe(run, collection, log, everything, comparison.Verdict.Winner), models, picture, seconds, heart);
    }

    // The same with files in the place of tables, so that the process stays within a promised memory.
    private async Task TrainWithinAsync(
        long memory, Run run, string token, Collection collection, RunOptions options, ModelHead? head, string? live, Candidate? liveTuned, Heartbeat heart)
    {
        var folder = _bundles.MakeWork(run.Id);
        try
        {
            var context = settings.ToContext(options.Seed, threads: null, heart.Lost);
            var large = await new LargeRun(events, collection, settings, heart.Report).ExecuteAsync(memory, options.Recommenders, live, liveTuned, folder, context);
            if (large.Positives == 0)
            {
                await store.EndAsync(run.Id, token, RunState.Refused, report: null, "There are no positive events yet.", heart.Lost);
                return;
            }

            await store.DescribeAsync(run.Id, token, large.Items, large.Users, large.Positives, large.LastSequence, heart.Lost);
            if (!large.Report.Published)
            {
                await store.EndAsync(run.Id, token, RunState.Refused, TrainingJson.Write(large.Report), error: null, heart.Lost);
                return;
            }

            var manifest = new BundleManifest(
                HeadFormat, run.Id.ToString(CultureInfo.InvariantCulture), large.Items, large.Users, large.Positives, large.LastSequence, clock.GetUtcNow(), $"{large.Report.Winner}.model", []);
            await PublishAsync(run, token, head, collection, large.Report, manifest, large.Models, picture: null, new Dictionary<string, double>(large.Report.Seconds, StringComparer.Ordinal), heart);
        }
        finally
        {
            _bundles.DeleteWork(run.Id);
        }
    }

    private async Task PublishAsync(
        Run run,
        string token,
        ModelHead? head,
        Collection collection,
        RunSummary report,
        BundleManifest manifest,
        IReadOnlyList<(IModel Model, IReadOnlyDictionary<string, double> Metrics)> models,
        string? picture,
        Dictionary<string, double> seconds,
        Heartbeat heart)
    {
        heart.Report("writing models", 0.96);
        var path = await Timed("write", seconds, () => Task.Run(() => _bundles.Write(manifest, models, picture), heart.Lost));
        if (!await store.PublishAsync(run.Id, token, collection.Number, head?.Version ?? 0, path, TrainingJson.Write(report with { Seconds = seconds }), heart.Lost))
        {
            _bundles.Delete(run.Id);
            await store.EndAsync(run.Id, token, RunState.Failed, TrainingJson.Write(report), "Another bundle went live meanwhile; this one was compared with the bundle before it.", heart.Lost);
            return;
        }

        await Retention.ApplyAsync(store, _bundles, collection.Number, settings.KeepBundles, heart.Lost);
    }

    // What serving answers from: popularity for strangers, co-purchase, baskets and item-to-item lists, the hybrid for who asks for it, and the winner for personal ones.
    private static List<(IModel Model, IReadOnlyDictionary<string, double> Metrics)> TrainBundle(
        RecommenderPlan plan, Comparison comparison, TrainingSet everything, Interactions? baskets, TrainingContext context, Action<string, double> told)
    {
        var kept = plan.Recommenders
            .Where(recommender => recommender.Name is Gate.Popularity or "copurchase" or RecommenderPlan.CoVisitation or "itemknn" or "warp" || recommender.Name == comparison.Verdict.Winner).ToArray();
        var models = new List<(IModel Model, IReadOnlyDictionary<string, double> Metrics)>();
        for (var k = 0; k < kept.Length; k++)
        {
            var (recommender, place) = (kept[k], k);
            var share = new StageProgress(recommender.Name, fraction => told($"training {recommender.Name} on everything", (place + fraction) / kept.Length));
            var (data, options) = plan.ForBundle(recommender, everything, baskets, comparison.Verdict.Winner);
            models.Add((recommender.Train(data, options, context with { Progress = share }), comparison.MetricsOf(recommender.Name)));
        }

        return models;
    }

    private string? LiveRecommender(ModelHead head) =>
        _bundles.Read(head.Bundle) is { } manifest ? manifest.Models.FirstOrDefault(model => model.File == manifest.Personal)?.Recommender : null;

    private BundleManifest Describe(Run run, Collection collection, EventTable log, TrainingSet everything, string winner) => new(
        HeadFormat, run.Id.ToString(CultureInfo.InvariantCulture), log.Items, log.Users, everything.Positives.Count, log.LastSequence, clock.GetUtcNow(), $"{winner}.model", []);

    private static async Task<T> Timed<T>(string stage, Dictionary<string, double> seconds, Func<Task<T>> work)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await work();
        seconds[stage] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
        return result;
    }
}

/// <summary>Hands a recommender's progress on at once, in the thread that reports it.</summary>
internal sealed class StageProgress(string recommender, Action<double> told) : IProgress<TrainingProgress>
{
    public string Recommender { get; } = recommender;

    public void Report(TrainingProgress value) => told(value.Fraction);
}
