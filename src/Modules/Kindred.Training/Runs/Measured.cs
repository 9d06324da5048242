using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Training.Data;

namespace Kindred.Training.Runs;

/// <summary>How a model did on the held-out users: means of every metric, what its lists are like by segment, and each user's NDCG@10 for the paired bootstrap.</summary>
internal sealed record Measured(IReadOnlyDictionary<string, double> Means, IReadOnlyList<SegmentQuality> Segments, double[] PerUser)
{
    private const int ListLength = 10;

    /// <summary>Ranks every candidate for every user, from the training part as history.</summary>
    public static Measured Of(IModel model, HeldOut split, TrainingContext context)
    {
        var lists = Evaluator.Rank(model, split.Train.Positives, ListLength, threads: context.Threads, cancellation: context.Cancellation);
        var report = Metrics.Compute(lists, split.Test, ListLength);
        var segments = ListQuality.Compute(lists, split.Train.Positives, report, k: ListLength, threads: context.Threads, cancellation: context.Cancellation);
        return Of(report) with { Segments = [.. segments.Select(segment => segment.Rounded(5))] };
    }

    /// <summary>The same of metrics that are there; without segments.</summary>
    public static Measured Of(MetricReport report) => new(
        report.All.ToDictionary(series => series.Name, series => Math.Round(series.Mean, 5), StringComparer.Ordinal), [], report.Ndcg.Values.ToArray());

    /// <summary>Gain of the first over the second.</summary>
    public static GainSummary Compare(Measured first, Measured second, int seed)
    {
        var difference = PairedBootstrap.Compare(second.PerUser, first.PerUser, seed: seed);
        return new GainSummary(Math.Round(difference.Difference, 5), Math.Round(difference.Low, 5), Math.Round(difference.High, 5));
    }
}
