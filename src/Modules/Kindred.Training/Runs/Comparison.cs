using System.Diagnostics;
using System.Globalization;
using Kindred.Algorithms.Models;
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
    public static Comparison Run(
        EventTable log, Collection collection, PairTable pairs, RecommenderPlan plan, string? live, TrainingSettings settings, TrainingContext context,
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

        var recommenders = plan.Recommenders.ToList();
        if (live is not null && recommenders.All(recommender => recommender.Name != live) && Algorithms.Models.Recommenders.Find(live) is { } defender)
        {
            recommenders.Add(defender);
        }

        var measured = new Dictionary<string, Measured>(StringComparer.Ordinal);
        var candidates = new List<CandidateRow>();
        for (var k = 0; k < recommenders.Count; k++)
        {
            var (recommender, place) = (recommenders[k], k);
            told($"comparing {recommender.Name}", (double)k / recommenders.Count);
            var progress = new StageProgress(recommender.Name, fraction => told($"comparing {recommender.Name}", (place + (0.8 * fraction)) / recommenders.Count));
            var started = Stopwatch.GetTimestamp();
            var model = recommender.Train(RecommenderPlan.ForComparison(recommender, split.Train), null, context with { Progress = progress });
            var seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3);
            measured[recommender.Name] = Measured.Of(model, split, context);
            var gain = recommender.Name == Gate.Popularity ? null : Measured.Compare(measured[recommender.Name], measured[Gate.Popularity], context.Seed);
            candidates.Add(new CandidateRow(recommender.Name, measured[recommender.Name].Means, seconds, gain));
        }

        var verdict = Gate.Decide(
            measured.ToDictionary(pair => pair.Key, pair => pair.Value.Means[Decisive], StringComparer.Ordinal),
            live,
            [.. plan.Recommenders.Select(recommender => recommender.Name)],
            (first, second) => Measured.Compare(measured[first], measured[second], context.Seed));
        return new Comparison(split, candidates, verdict, plan.Notes);
    }

    /// <summary>Metrics of a recommender; empty where it was not measured.</summary>
    public IReadOnlyDictionary<string, double> MetricsOf(string recommender) => Candidates.FirstOrDefault(candidate => candidate.Recommender == recommender)?.Metrics ?? s_none;

    public RunSummary ToReport(IReadOnlyDictionary<string, double> seconds) => new(
        Split?.Kind ?? "none", Split?.Cutoff?.ToTime(), Split?.TestUsers ?? 0, Candidates, Verdict.Winner, Verdict.Published, Verdict.Reason, Notes, seconds);

    // With nothing to compare popularity may answer, but it takes no personal model's place.
    private static Comparison Without(IReadOnlyList<string> notes, string reason, string? live) => new(
        null, [], live is null or Gate.Popularity ? new Verdict(true, Gate.Popularity, reason) : new Verdict(false, Gate.Popularity, $"The live {live} stays. {reason}"), notes);
}
