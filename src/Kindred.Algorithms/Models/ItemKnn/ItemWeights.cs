using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.ItemKnn;

/// <summary>Weights the interactions of items, <b>[items x users]</b>, before they are compared.</summary>
internal static class ItemWeights
{
    public static CsrMatrix Of(CsrMatrix byItem, ItemKnnOptions options) => options.Weighting switch
    {
        ItemWeighting.Bm25 => Bm25(byItem, options.K1, options.B),
        ItemWeighting.TfIdf => UnitRows(TfIdf(byItem)),
        ItemWeighting.Jaccard => Map(byItem, (_, _, _) => 1),
        _ => UnitRows(byItem),
    };

    private static CsrMatrix Bm25(CsrMatrix byItem, double k1, double b)
    {
        var rarity = Rarity(byItem);
        var lengths = new double[byItem.Rows];
        var total = 0.0;
        for (var i = 0; i < byItem.Rows; i++)
        {
            foreach (var value in byItem.RowValues(i))
            {
                lengths[i] += value;
            }

            total += lengths[i];
        }

        var average = total / Math.Max(1, byItem.Rows);
        return Map(byItem, (item, user, value) =>
            value * (k1 + 1) / ((k1 * (1 - b + (b * lengths[item] / average))) + value) * rarity[user]);
    }

    private static CsrMatrix TfIdf(CsrMatrix byItem)
    {
        var rarity = Rarity(byItem);
        return Map(byItem, (_, user, value) => Math.Sqrt(value) * rarity[user]);
    }

    private static CsrMatrix UnitRows(CsrMatrix matrix)
    {
        var lengths = new double[matrix.Rows];
        for (var i = 0; i < matrix.Rows; i++)
        {
            foreach (var value in matrix.RowValues(i))
            {
                lengths[i] += (double)value * value;
            }

            lengths[i] = Math.Sqrt(lengths[i]);
        }

        return Map(matrix, (item, _, value) => lengths[item] > 0 ? value / lengths[item] : 0);
    }

    /// <summary>ln(items / (1 + items of the user)) of every user, never below 0: who bought everything says nothing.</summary>
    private static double[] Rarity(CsrMatrix byItem)
    {
        var counts = new int[byItem.Columns];
        foreach (var user in byItem.AllColumns)
        {
            counts[user]++;
        }

        return Array.ConvertAll(counts, count => Math.Max(0, Math.Log(byItem.Rows) - Math.Log(1.0 + count)));
    }

    private static CsrMatrix Map(CsrMatrix matrix, Func<int, int, double, double> weigh)
    {
        var values = new float[matrix.NonZeros];
        var at = 0;
        for (var row = 0; row < matrix.Rows; row++)
        {
            var columns = matrix.RowColumns(row);
            var old = matrix.RowValues(row);
            for (var k = 0; k < columns.Length; k++)
            {
                values[at++] = (float)weigh(row, columns[k], old[k]);
            }
        }

        return new CsrMatrix(matrix.Columns, matrix.RowStarts.ToArray(), matrix.AllColumns.ToArray(), values);
    }
}
