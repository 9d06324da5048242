using System.Diagnostics;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Als;
using Kindred.Algorithms.Models.Popularity;
using Kindred.Algorithms.OutOfCore;
using Kindred.Algorithms.Tuning;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Training.Data;
using Kindred.Training.Runs;

namespace Kindred.Training.OutOfCore;

/// <summary>What a run within a promised memory came to.</summary>
/// <param name="Report">The comparison and the verdict.</param>
/// <param name="Items">Number of items.</param>
/// <param name="Users">Number of users.</param>
/// <param name="Positives">Number of positive pairs.</param>
/// <param name="LastSequence">Last event read.</param>
/// <param name="Models">What goes live; empty where nothing does.</param>
internal sealed record LargeRunResult(
    RunSummary Report, int Items, int Users, long Positives, long LastSequence, IReadOnlyList<(IModel Model, IReadOnlyDictionary<string, double> Metrics)> Models);

/// <summary>
/// A run whose process holds no more than was promised: events are sorted on disk, recommenders read files. Only popularity and ALS can; the steps, the split and
/// the gate are those of a run in memory, and so are the models' bytes. The users that are judged are a sample where there are more than enough.
/// </summary>
internal sealed class LargeRun(IEventReader events, Collection collection, TrainingSettings settings, Action<string, double> told)
{
    private const string Als = "als";
    private const string Decisive = "ndcg@10";
    private const int ListLength = 10;
    private const int FewestTestUsers = 10;
    private const long MostSortBytes = 256L << 20;

    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];

    /// <summary>Names of the recommenders that train within a promised memory.</summary>
    public static IReadOnlyList<string> Recommenders { get; } = [Gate.Popularity, Als];

    /// <summary>Does it.</summary>
    /// <param name="memory">Bytes the process may hold.</param>
    /// <param name="wished">Recommenders by name; empty means the collection's.</param>
    /// <param name="live">The live personal recommender; null before the first.</param>
    /// <param name="tuned">What was tuned when it went live.</param>
    /// <param name="folder">Where files go; it exists and is empty.</param>
    /// <param name="context">Seed, threads and cancellation.</param>
    /// <exception cref="MemoryBudgetException">It does not fit into the memory; nothing was trained.</exception>
    public async Task<LargeRunResult> ExecuteAsync(
        long memory, IReadOnlyList<string> wished, string? live, Candidate? tuned, string folder, TrainingContext context)
    {
        var named = wished.Count > 0 ? wished : collection.Settings.Recommenders;
        if (named.Where(name => !Recommenders.Contains(name)).ToArray() is { Length: > 0 } others)
        {
            _notes.Add($"Within a promised memory only {string.Join(" and ", Recommenders)} are trained; left out: {string.Join(", ", others)}.");
        }

        tuned = tuned?.Recommender == Als ? tuned : null;
        var options = tuned is null ? new AlsOptions() : (AlsOptions)Algorithms.Models.Recommenders.Find(Als)!.ReadOptions(tuned.Options);
        var grant = MemoryBudget.Grant(memory, MemoryBudget.LeastSortBytes);

        told("reading events", 0);
        using var log = await Timed("read", () => EventFile.ReadAsync(events, collection, folder, Math.Min(grant, MostSortBytes), context.Cancellation));

        // Counted, and nothing trained yet: no row is longer than there are users or items.
        var needed = Math.Max(
            MemoryBudget.SortBytes(log.Users, log.Items), MemoryBudget.AlsBytes(log.Users, log.Items, Math.Max(log.Users, log.Items), options, context.Threads));
        grant = MemoryBudget.Grant(memory, needed);
        var sort = Math.Min(MostSortBytes, grant - MemoryBudget.SortBytes(log.Users, log.Items) + MemoryBudget.LeastSortBytes);
        var positives = log.Read(long.MaxValue, context.Cancellation).Sum(user => user.Pairs.LongCount(pair => pair.All.Positive > 0));
        if (live is not null && !Recommenders.Contains(live))
        {
            return Without(new Verdict(false, Gate.Popularity, $"The live {live} stays: within a promised memory only {string.Join(" and ", Recommenders)} can be compared."));
        }

        if (positives < settings.MinimumPositives)
        {
            return Popular(FormattableString.Invariant($"Popularity only: {positives} positive interactions are too few to compare recommenders (minimum_positives is {settings.MinimumPositives})."));
        }

        told("cutting by time", 0.1);
        var split = await Timed("cut", () => Task.Run(() => HeldOutFiles.Cut(log, collection, settings, context.Seed, folder, sort, context.Cancellation)));
        List<CandidateRow> candidates;
        Verdict verdict;
        using (split)
        {
            if (split.TestUsers < FewestTestUsers)
            {
                return Popular(FormattableString.Invariant($"Popularity only: {split.TestUsers} users with held-out interactions are too few to compare recommenders."));
            }

            (candidates, verdict) = await Timed("compare", () => Task.Run(() => Compare(split, options, live, context)));
        }

        var report = new RunSummary(
            split.Kind, split.Cutoff?.ToTime(), split.TestUsers, candidates, verdict.Winner, verdict.Published, verdict.Reason, _notes, _seconds, tuned);
        var models = verdict.Published ? await Timed("train", () => Task.Run(() => Train(log, verdict.Winner, options, folder, sort, context))) : [];
        return new LargeRunResult(
            report, log.Items, log.Users, positives, log.LastSequence,
            [.. models.Select(model => (model, candidates.FirstOrDefault(row => row.Recommender == model.Recommender)?.Metrics ?? new Dictionary<string, double>(StringComparer.Ordinal)))]);

        LargeRunResult Without(Verdict kept) => new(
            new RunSummary("none", null, 0, [], kept.Winner, kept.Published, kept.Reason, _notes, _seconds), log.Items, log.Users, positives, log.LastSequence, []);

        LargeRunResult Popular(string why)
        {
            if (live is not null && live != Gate.Popularity)
            {
                return Without(new Verdict(false, Gate.Popularity, $"The live {live} stays. {why}"));
            }

            IReadOnlyDictionary<string, double> none = new Dictionary<string, double>(StringComparer.Ordinal);
            var popular = positives == 0 ? [] : Train(log, Gate.Popularity, options, folder, sort, context);
            return Without(new Verdict(popular.Count > 0, Gate.Popularity, why)) with { Models = [.. popular.Select(model => (model, none))] };
        }
    }

    private (List<CandidateRow> Candidates, Verdict Verdict) Compare(HeldOutFiles split, AlsOptions options, string? live, TrainingContext context)
    {
        if (split.TestUsers > HeldOutFiles.MostJudged)
        {
            _notes.Add(FormattableString.Invariant($"Judged by {HeldOutFiles.MostJudged} of {split.TestUsers} users."));
        }

        var candidates = new ulong[(split.Train.Items + 63) / 64];
        for (var item = 0; item < split.Train.Items; item++)
        {
            candidates[item >> 6] |= split.Train.ItemWeights[item] > 0 ? 1UL << (item & 63) : 0;
        }

        var measured = new Dictionary<string, Measured>(StringComparer.Ordinal);
        var rows = new List<CandidateRow>();
        foreach (var name in Recommenders)
        {
            told($"comparing {name}", name == Als ? 0.25 : 0.2);
            var started = Stopwatch.GetTimestamp();
            IModel model = name == Als
                ? AlsTrainer.Train(split.Train, options, context with { Progress = new StageProgress(name, done => told($"comparing {name}", 0.25 + (0.2 * done))) })
                : PopularityTrainer.Train(split.Train);
            var seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
            var lists = Evaluator.Rank(model, split.Histories, candidates, ListLength, threads: context.Threads, cancellation: context.Cancellation);
            measured[name] = Measured.Of(Metrics.Compute(lists, split.Test, ListLength));
            rows.Add(new CandidateRow(name, measured[name].Means, seconds, name == Als ? Measured.Compare(measured[Als], measured[Gate.Popularity], context.Seed) : null));
        }

        return (rows, Gate.Decide(
            measured.ToDictionary(pair => pair.Key, pair => pair.Value.Means[Decisive], StringComparer.Ordinal),
            live,
            [.. Recommenders],
            (first, second) => Measured.Compare(measured[first], measured[second], context.Seed)));
    }

    private List<IModel> Train(EventFile log, string winner, AlsOptions options, string folder, long sort, TrainingContext context)
    {
        told("writing everything down", 0.5);
        using var writer = new InteractionFilesWriter(folder, sort);
        var (counts, sums, rated) = (new int[log.Items], new double[log.Items], false);
        foreach (var (user, pairs) in log.Read(long.MaxValue, context.Cancellation))
        {
            foreach (var pair in pairs)
            {
                if (pair.All.Positive > 0)
                {
                    writer.Add(user, pair.Item, pair.All.Positive);
                }

                if (!float.IsNaN(pair.All.Rating))
                {
                    counts[pair.Item]++;
                    sums[pair.Item] += pair.All.Rating;
                    rated = true;
                }
            }
        }

        using var everything = writer.Finish(log.Users, log.Items, context.Cancellation);

        // As in memory: strangers to a collection with ratings get the Bayesian mean of all of them.
        List<IModel> models = [rated ? PopularityTrainer.TrainBayesian(counts, sums) : PopularityTrainer.Train(everything)];
        if (winner == Als)
        {
            models.Add(AlsTrainer.Train(everything, options, context with { Progress = new StageProgress(Als, done => told("training als on everything", 0.6 + (0.35 * done))) }));
        }

        return models;
    }

    private async Task<T> Timed<T>(string stage, Func<Task<T>> work)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await work();
        _seconds[stage] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
        return result;
    }
}
