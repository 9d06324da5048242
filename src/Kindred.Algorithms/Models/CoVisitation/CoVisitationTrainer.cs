using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoVisitation;

/// <summary>
/// Counts in how many baskets two items lie together and keeps of each item those that belong to it most. Source:
/// <c>docs/algorithms/covisitation.md</c>. Cost and memory: those of <see cref="ItemProducts"/>, with baskets for users.
/// </summary>
public static class CoVisitationTrainer
{
    /// <summary>Trains; weights of <paramref name="data"/> are not read, but order equal scores.</summary>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static CoVisitationModel Train(Interactions data, CoVisitationOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var baskets = Baskets.Of(data, options);
        var byItem = baskets.Transpose();
        var together = ItemProducts.Compute(byItem, baskets, options.Neighbours, diagonal: false, context, Score);
        return new CoVisitationModel(options, new ItemRows(RowShape.Of(together, options.Locality, options.OneVote), new PopularityTies(ItemWeightSums.Of(data))));

        double Score(int item, int other, double both) => both < options.MinTogether
            ? 0
            : options.Score switch
            {
                CoVisitationScore.Jaccard => PairScores.Jaccard(both, byItem.RowLength(item), byItem.RowLength(other)),
                _ => PairScores.LogLikelihood(both, byItem.RowLength(item), byItem.RowLength(other), baskets.Rows),
            };
    }
}
