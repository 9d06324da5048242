using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoPurchase;

/// <summary>
/// Counts what the same people bought: <c>C = MᵀM</c> with <c>M[user, item]</c> the number of purchases, over all time, not by basket.
/// Source: <c>docs/algorithms/co-purchase.md</c>. Cost and memory: those of <see cref="ItemProducts"/>.
/// </summary>
public static class CoPurchaseTrainer
{
    /// <summary>Trains; a weight of <paramref name="data"/> is the number of purchases.</summary>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static CoPurchaseModel Train(Interactions data, CoPurchaseOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var together = ItemProducts.Compute(data.ByItem, data.ByUser, options.MaxRow, diagonal: true, context);
        return new CoPurchaseModel(options, new ItemRows(together, new PopularityTies(ItemWeightSums.Of(data))));
    }
}
