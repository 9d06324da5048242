using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models;

/// <summary>Shapes rows of similarities: a power that favours the near, and one vote per row. Source: <c>docs/algorithms/item-knn.md</c>, step 3.</summary>
internal static class RowShape
{
    /// <summary>
    /// Raises to the power and divides by the row's sum. Values are first divided by the largest (of the row, or of all where rows keep their
    /// scale), so that a power neither overflows nor loses the scale of one row against another.
    /// </summary>
    public static CsrMatrix Of(CsrMatrix nearest, double locality, bool oneVote)
    {
        // The plain similarities are asked for by exactly 1, which is representable.
        if (locality <= 1 && !oneVote)
        {
            return nearest;
        }

        var values = nearest.AllValues.ToArray();
        double largest = 0;
        var longest = 0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        for (var row = 0; row < nearest.Rows; row++)
        {
            longest = Math.Max(longest, nearest.RowLength(row));
        }

        var powers = new double[longest];
        for (var item = 0; item < nearest.Rows; item++)
        {
            var row = values.AsSpan((int)nearest.RowStarts[item], nearest.RowLength(item));
            var scale = largest;
            if (oneVote)
            {
                scale = 0;
                foreach (var value in row)
                {
                    scale = Math.Max(scale, value);
                }
            }

            var sum = 0.0;
            for (var k = 0; k < row.Length; k++)
            {
                powers[k] = Power(row[k] / scale, locality);
                sum += powers[k];
            }

            for (var k = 0; k < row.Length; k++)
            {
                row[k] = (float)(oneVote ? powers[k] / sum : powers[k]);
            }
        }

        return new CsrMatrix(nearest.Columns, nearest.RowStarts.ToArray(), nearest.AllColumns.ToArray(), values);
    }

    /// <summary>A power of a number in [0, 1]. Whole and half exponents, which is what people set, go by products and a square root: a sixth of the time of the general one.</summary>
    internal static double Power(double value, double exponent)
    {
        var whole = (int)Math.Min(exponent, 16);
        var rest = exponent - whole;
        if (rest is not (0 or 0.5) || whole == 16)
        {
            return Math.Pow(value, exponent);
        }

        var power = rest == 0 ? 1 : Math.Sqrt(value);
        for (var k = 0; k < whole; k++)
        {
            power *= value;
        }

        return power;
    }
}
