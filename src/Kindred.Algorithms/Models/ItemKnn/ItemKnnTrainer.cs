using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.ItemKnn;

/// <summary>
/// Weights the interactions, multiplies items with items, keeps the nearest neighbours of each item and shapes their rows. Source:
/// <c>docs/algorithms/item-knn.md</c>. Cost and memory: those of <see cref="ItemProducts"/>.
/// </summary>
public static class ItemKnnTrainer
{
    /// <summary>Trains.</summary>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static ItemKnnModel Train(Interactions data, ItemKnnOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var weighted = ItemWeights.Of(data.ByItem, options);
        var nearest = ItemProducts.Compute(weighted, weighted.Transpose(), options.Neighbours, diagonal: false, context);
        return new ItemKnnModel(options, new ItemRows(Shape(nearest, options), new PopularityTies(ItemWeightSums.Of(data))));
    }

    /// <summary>
    /// Raises to the power and divides by the row's sum. Values are first divided by the largest (of the row, or of all where rows keep their
    /// scale), so that a power neither overflows nor loses the scale of one row against another.
    /// </summary>
    private static CsrMatrix Shape(CsrMatrix nearest, ItemKnnOptions options)
    {
        if (options is { Locality: 1, OneVote: false })
        {
            return nearest;
        }

        var values = nearest.AllValues.ToArray();
        double largest = 0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        var powers = new double[Math.Min(options.Neighbours, nearest.Columns)];
        for (var item = 0; item < nearest.Rows; item++)
        {
            var row = values.AsSpan((int)nearest.RowStarts[item], nearest.RowLength(item));
            var scale = largest;
            if (options.OneVote)
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
                powers[k] = Math.Pow(row[k] / scale, options.Locality);
                sum += powers[k];
            }

            for (var k = 0; k < row.Length; k++)
            {
                row[k] = (float)(options.OneVote ? powers[k] / sum : powers[k]);
            }
        }

        return new CsrMatrix(nearest.Columns, nearest.RowStarts.ToArray(), nearest.AllColumns.ToArray(), values);
    }
}
