using System.Diagnostics;
using System.Globalization;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Tuning;
using Kindred.Platform.Collections;
using Kindred.Training.Data;

namespace Kindred.Training.Runs;

/// <summary>The comparison of a run's recommenders on held-out data, and what the gate makes of it.</summary>
internal sealed record Comparison(
    HeldOut? Split, IReadOnlyList<CandidateRow> Candidates, Verdict Verdict, IReadOnlyList<string> Notes)
{
    private const string Decisive = "ndcg@10";

    /// <summary>Fewer held-out users than this say nothing by a bootstrap.</summary>
    private const int FewestTestUsers = 10;

    private static readonly IReadOnlyDictionary<string, double> s_none = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Trains each recommender on the training part and measures it on the rest.</summary>
    /// <param name="log">The collection's events.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="pairs">The same events by user and item.</param>
    /// <param name="plan">What is compared.</param>
    /// <param name="live">The live personal recommender; null before the first.</param>
    /// <param name="liveTuned">What was tuned when it went live.</param>
    /// <param name="settings">How much is held out.</param>
    /// <param name="context">Seed, threads and cancellation.</param>
    /// <param name="told">Told the stage and how far it is.</param>
    public static Comparison Run(
        EventTable log, Collection collection, PairTable pairs, RecommenderPlan plan, string? live, Candidate? liveTuned, TrainingSettings settings, TrainingContext context,
        Action<string, double> told)
    {
        if (plan.Recommenders.Count == 1)
        {
            return Without(plan.Notes, plan.Notes.Count > 0 ? plan.Notes[0] : "Popularity is the only recommender asked for.", live);
        }

        told("cutting by time", 0);
        var split = HeldOut.Cut(log, collection, pairs, settings.HoldOut, context.Seed);
        if (split.TestUsers < FewestTestUsers)
        {
            return Without(plan.Notes, FormattableString.Invariant($"Popularity only: {split.TestUsers} users with held-out interactions are too few to compare recommenders."), live);
        }

        if (LeakCheck.Find(split) is { } leak)
        {
            return new Comparison(split, [], new Verdict(false, Gate.Popularity, leak), plan.Notes);
        }

        List<(string Name, Recommender Recommender, object? Options)> recommenders = [.. plan.Recommenders.Select(recommender => (recommender.Name, recommender, plan.OptionsOf(recommender)))];
        if (live is not null && Algorithms.Models.Recommenders.Find(live) is { } defender)
        {
            // The live model defends itself as it is: where only its options differ, it stands beside its successor under a name of its own.
            var own = liveTuned?.Recommender == live ? liveTuned : null;
            var planned = plan.Recommenders.Any(recommender => recommender.Name == live);
            if (planned && !Same(own, plan.Tuned?.Recommender == live ? plan.Tuned : null))
            {
                live = $"{live} as it is";
                recommenders.Add((live, defender, own is null ? null : defender.ReadOptions(own.Options)));
            }
            else if (!planned)
            {
                recommenders.Add((live, defender, own is null ? null : defender.ReadOptions(own.Options)));
            }
        }

        var measured = new Dictionary<string, Measured>(StringComparer.Ordinal);
        var candidates = new List<CandidateRow>();
        for (var k = 0; k < recommenders.Count; k++)
        {
            var ((name, recommender, options), place) = (recommenders[k], k);
            told($"comparing {name}", (double)k / recommenders.Count);
            var progress = new StageProgress(name, fraction => told($"comparing {name}", (place + (0.8 * fraction)) / recommenders.Count));
            var started = Stopwatch.GetTimestamp();
            var model = recommender.Train(RecommenderPlan.ForComparison(recommender, split.Train), options, context with { Progress = progress });
            var seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
            measured[name] = Measured.Of(model, split, context);
            var gain = name == Gate.Popularity ? null : Measured.Compare(measured[name], measured[Gate.Popularity], context.Seed);
            candidates.Add(new CandidateRow(name, measured[name].Means, seconds, gain, measured[name].Segments));
        }

        var verdict = Gate.Decide(
            measured.ToDictionary(pair => pair.Key, pair => pair.Value.Means[Decisive], StringComparer.Ordinal),
            live,
            [.. plan.Recommenders.Select(recommender => recommender.Name)],
            (first, second) => Measured.Compare(measured[first], measured[second], context.Seed));
        return new Comparison(split, candidates, verdict, plan.Notes);
    }

    private static bool Same(Candidate? first, Candidate? second) =>
        first is null || second is null ? first is null && second is null : first.Options.GetRawText() == second.Options.GetRawText();

    /// <summary>Metrics of a recommender; empty where it was not measured.</summary>
    public IReadOnlyDictionary<string, double> MetricsOf(string recommender) => Candidates.FirstOrDefault(candidate => candidate.Recommender == recommender)?.Metrics ?? s_none;

    public RunSummary ToReport(IReadOnlyDictionary<string, double> seconds, Candidate? tuned) => new(
        Split?.Kind ?? "none", Split?.Cutoff?.ToTime(), Split?.TestUsers ?? 0, Candidates, Verdict.Winner, Verdict.Published, Verdict.Reason, Notes, seconds, tuned);

    // With nothing to compare popularity may answer, but it takes no personal model's place.
    private static Comparison Without(IReadOnlyList<string> notes, string reason, string? live) => new(
        null, [], live is null or Gate.Popularity ? new Verdict(true, Gate.Popularity, reason) : new Verdict(false, Gate.Popularity, $"The live {live} stays. {reason}"), notes);
}
