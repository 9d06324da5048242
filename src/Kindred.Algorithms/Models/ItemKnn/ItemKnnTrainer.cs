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
        PairScore? score = options.Weighting == ItemWeighting.Jaccard ? (i, j, common) => PairScores.Jaccard(common, weighted.RowLength(i), weighted.RowLength(j)) : null;
        var nearest = ItemProducts.Compute(weighted, weighted.Transpose(), options.Neighbours, diagonal: false, context, score);
        return new ItemKnnModel(options, new ItemRows(RowShape.Of(nearest, options.Locality, options.OneVote), new PopularityTies(ItemWeightSums.Of(data))));
    }
}
