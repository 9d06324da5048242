namespace Kindred.Algorithms.Sparse;

/// <summary>What the product of two items is turned into before the largest are kept; 0 or less leaves the pair out. Called from several threads.</summary>
internal delegate double PairScore(int item, int other, double product);

/// <summary>Scores of two items from how often each and both occur.</summary>
internal static class PairScores
{
    /// <summary>Sets with both items over sets with either, in [0, 1]; 0 where no set has one.</summary>
    public static double Jaccard(double both, double first, double second) => both > 0 ? both / (first + second - both) : 0;

    /// <summary>
    /// Dunning's log-likelihood ratio of two items in <paramref name="sets"/> sets, <c>G² = 2 · sum over the 2 x 2 table of k ln(k / expected)</c>
    /// (Dunning 1993, section 4, written as the mutual information it equals): 0 where the items are independent, asymptotically chi-square with
    /// one degree of freedom. 0 or more; 0 also where they occur together less than by chance, which the ratio itself does not tell apart.
    /// </summary>
    public static double LogLikelihood(double both, double first, double second, double sets)
    {
        if (both * sets <= first * second)
        {
            return 0;
        }

        var ratio = Term(both, first, second) + Term(first - both, first, sets - second)
            + Term(second - both, sets - first, second) + Term(sets - first - second + both, sets - first, sets - second);

        // Near independence the terms cancel, and rounding may leave a little below 0.
        return Math.Max(0, 2 * ratio);

        double Term(double count, double row, double column) => count > 0 ? count * Math.Log(count / row * (sets / column)) : 0;
    }
}
