namespace Kindred.Algorithms.Sparse;

/// <summary>Sum of the weights of every item's interactions: its number of purchases where a weight is one.</summary>
internal static class ItemWeightSums
{
    /// <summary><b>[items]</b>, added user after user.</summary>
    public static double[] Of(Interactions data)
    {
        var sums = new double[data.Items];
        var columns = data.ByUser.AllColumns;
        var weights = data.ByUser.AllValues;
        for (var k = 0; k < columns.Length; k++)
        {
            sums[columns[k]] += weights[k];
        }

        return sums;
    }
}
