using Kindred.Algorithms.OutOfCore;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Popularity;

/// <summary>One score per item, the same for everybody. Source: <c>docs/algorithms/popularity.md</c>. Cost: one pass over the interactions.</summary>
public static class PopularityTrainer
{
    private const double MicrosecondsPerDay = 24.0 * 3600 * 1_000_000;

    /// <summary>Trains.</summary>
    /// <exception cref="ArgumentException">The measure needs times or ratings, and <paramref name="data"/> has none.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static PopularityModel Train(Interactions data, PopularityOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        context.Cancellation.ThrowIfCancellationRequested();
        var scores = options.Measure switch
        {
            PopularityMeasure.Decayed => Decayed(data, options.HalfLifeDays),
            PopularityMeasure.Bayesian => BayesianMean.Of(data),
            _ => ItemWeightSums.Of(data),
        };
        context.Progress?.Report(new TrainingProgress(1, $"{data.Items} items"));
        return new PopularityModel(options, Array.ConvertAll(scores, score => (float)score));
    }

    /// <summary>Popularity by summed weights, of interactions on disk: the same bytes as from memory.</summary>
    public static PopularityModel Train(InteractionFiles data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new PopularityModel(new PopularityOptions(), [.. data.ItemWeights.Select(weight => (float)weight)]);
    }

    /// <summary>The Bayesian mean of ratings that were summed up elsewhere.</summary>
    /// <param name="counts">Number of ratings of each item, <b>[items]</b>.</param>
    /// <param name="sums">Their sum, <b>[items]</b>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static PopularityModel TrainBayesian(ReadOnlySpan<int> counts, ReadOnlySpan<double> sums)
    {
        if (counts.Length != sums.Length)
        {
            throw new ArgumentException($"There are counts of {counts.Length} items and sums of {sums.Length}.", nameof(sums));
        }

        return new PopularityModel(
            new PopularityOptions { Measure = PopularityMeasure.Bayesian }, Array.ConvertAll(BayesianMean.Of(counts, sums), score => (float)score));
    }

    /// <summary>Ages count from the newest interaction, not from today: the same data give the same model on any day.</summary>
    private static double[] Decayed(Interactions data, double halfLifeDays)
    {
        var times = data.Times ?? throw new ArgumentException("Decayed popularity needs times, and these interactions have none.", nameof(data));
        var newest = times.Length == 0 ? 0 : times.Max();
        var columns = data.ByUser.AllColumns;
        var weights = data.ByUser.AllValues;
        var scores = new double[data.Items];
        for (var k = 0; k < columns.Length; k++)
        {
            scores[columns[k]] += weights[k] * Math.Pow(2, -((double)newest - times[k]) / MicrosecondsPerDay / halfLifeDays);
        }

        return scores;
    }
}
