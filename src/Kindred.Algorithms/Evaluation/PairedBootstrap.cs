namespace Kindred.Algorithms.Evaluation;

/// <summary>How two models differ on the same users.</summary>
/// <param name="Difference">Mean of the second minus mean of the first.</param>
/// <param name="Low">Lower end of the difference's 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="ProbabilityBetter">Share of the samples in which the second is better; equal counts half.</param>
public readonly record struct PairedDifference(double Difference, double Low, double High, double ProbabilityBetter)
{
    /// <summary>True when the whole interval lies above 0.</summary>
    public bool IsBetter => Low > 0;
}

/// <summary>
/// The paired bootstrap: users are drawn with replacement, both models keep the values of the drawn users, so what is hard for both cancels out.
/// Percentile interval (Efron, Tibshirani 1993, chapter 13).
/// </summary>
public static class PairedBootstrap
{
    /// <summary>Compares two series of the same users. The result does not depend on <paramref name="threads"/>.</summary>
    /// <param name="first">Values of the model to beat.</param>
    /// <param name="second">Values of the challenger, user by user.</param>
    /// <param name="samples">Number of samples, 100 or more.</param>
    /// <param name="seed">Each sample draws from a stream of its own.</param>
    /// <param name="threads">Number of threads, 1 or more.</param>
    /// <exception cref="ArgumentException">The series are empty or of different lengths.</exception>
    public static PairedDifference Compare(
        ReadOnlySpan<double> first, ReadOnlySpan<double> second, int samples = 2000, int seed = 42, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (first.Length != second.Length || first.Length == 0)
        {
            throw new ArgumentException($"Two series of the same users are compared: {first.Length} and {second.Length} values given.", nameof(second));
        }

        var differences = new double[first.Length];
        var total = 0.0;
        for (var k = 0; k < differences.Length; k++)
        {
            differences[k] = second[k] - first[k];
            total += differences[k];
        }

        var means = new double[samples];
        Parallel.For(0, samples, new ParallelOptions { MaxDegreeOfParallelism = threads }, sample =>
        {
            var random = new SeededRandom(seed, sample);
            var sum = 0.0;
            for (var k = 0; k < differences.Length; k++)
            {
                sum += differences[random.Below(differences.Length)];
            }

            means[sample] = sum / differences.Length;
        });
        Array.Sort(means);
        var better = means.Sum(mean => mean > 0 ? 1 : mean < 0 ? 0 : 0.5);
        return new PairedDifference(total / differences.Length, Quantile(means, 0.025), Quantile(means, 0.975), better / samples);
    }

    private static double Quantile(double[] sorted, double fraction)
    {
        var at = fraction * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }
}
