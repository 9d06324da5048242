using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Popularity;

/// <summary>
/// <c>(v R + m C) / (v + m)</c>: v ratings of mean R, pulled towards C as if m more ratings of C had been given. Only items with v above m are
/// eligible; the others follow after all eligible ones, in the order of the same formula, so that any number of items can be answered.
/// </summary>
public static class BayesianMean
{
    /// <summary>The formula.</summary>
    public static double Score(double count, double mean, double m, double c) =>
        count + m > 0 ? ((count * mean) + (m * c)) / (count + m) : c;

    /// <summary>Score of every item <b>[items]</b>, with m and C taken from the items that have ratings.</summary>
    /// <exception cref="ArgumentException">The interactions have no ratings.</exception>
    public static double[] Of(Interactions data)
    {
        var ratings = data.Ratings ?? throw new ArgumentException("Popularity by Bayesian mean needs ratings, and these interactions have none.", nameof(data));
        var counts = new int[data.Items];
        var sums = new double[data.Items];
        var columns = data.ByUser.AllColumns;
        for (var k = 0; k < columns.Length; k++)
        {
            counts[columns[k]]++;
            sums[columns[k]] += ratings[k];
        }

        return Of(counts, sums);
    }

    /// <summary>The same from the number and the sum of each item's ratings, <b>[items]</b>.</summary>
    public static double[] Of(ReadOnlySpan<int> counts, ReadOnlySpan<double> sums)
    {
        var (m, c) = Prior(counts, sums);
        var scores = new double[counts.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = Score(counts[i], counts[i] > 0 ? sums[i] / counts[i] : 0, m, c);
        }

        // One more than the whole range apart: no ineligible item can reach an eligible one.
        var apart = scores.Length == 0 ? 0 : scores.Max() - scores.Min() + 1;
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] -= counts[i] > m ? 0 : apart;
        }

        return scores;
    }

    /// <summary>m, the 90th percentile of the counts cut to a whole number, and C, the mean of the items' means, each item counting once.</summary>
    public static (int M, double C) Prior(ReadOnlySpan<int> counts, ReadOnlySpan<double> sums)
    {
        var rated = new List<int>();
        var means = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                rated.Add(counts[i]);
                means += sums[i] / counts[i];
            }
        }

        return rated.Count == 0 ? (0, 0) : ((int)Percentile(rated, 0.9), means / rated.Count);
    }

    /// <summary>Percentile with linear interpolation between the two nearest ranks.</summary>
    private static double Percentile(List<int> values, double fraction)
    {
        values.Sort();
        var at = fraction * (values.Count - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, values.Count - 1);
        return values[below] + ((at - below) * (values[above] - values[below]));
    }
}
