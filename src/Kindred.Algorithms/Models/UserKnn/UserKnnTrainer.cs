using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.UserKnn;

/// <summary>
/// Keeps the users' rows; neighbours are found when a history asks. Source: <c>docs/algorithms/userknn.md</c>. Cost and memory: the interactions,
/// twice.
/// </summary>
public static class UserKnnTrainer
{
    /// <summary>Trains.</summary>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static UserKnnModel Train(Interactions data, UserKnnOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        context.Cancellation.ThrowIfCancellationRequested();
        var model = new UserKnnModel(options, data.ByUser, new PopularityTies(ItemWeightSums.Of(data)));
        context.Progress?.Report(new TrainingProgress(1, "done"));
        return model;
    }
}
