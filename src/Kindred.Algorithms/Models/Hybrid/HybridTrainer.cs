using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>
/// Trains the hybrid model of Kula 2015 (LightFM) with the losses WARP, BPR or logistic. Unlike there, negatives of a round come from one part of
/// the items (<c>docs/algorithms/hybrid.md</c>), which makes training the same bits for any number of threads without a lock.
/// <para><b>Cost</b> of an epoch: O(interactions x factors x draws); memory: vectors of users and items, twice (adadelta: three times).</para>
/// </summary>
public static class HybridTrainer
{
    /// <summary>Trains with weighted approximate-rank pairwise loss: good at the top of the list.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static HybridModel TrainWarp(Interactions interactions, HybridOptions options, TrainingContext context) =>
        Train("warp", HybridLoss.Warp, interactions, options, context);

    /// <summary>Trains with Bayesian personalised ranking.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static HybridModel TrainBpr(Interactions interactions, HybridOptions options, TrainingContext context) =>
        Train("bpr", HybridLoss.Bpr, interactions, options, context);

    /// <summary>Trains with logistic loss, one drawn negative for every positive.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static HybridModel TrainLogistic(Interactions interactions, HybridOptions options, TrainingContext context) =>
        Train("logistic", HybridLoss.Logistic, interactions, options, context);

    /// <summary>Trained rows of users and items, <b>[rows x stride]</b> each.</summary>
    internal static (float[] Users, float[] Items) TrainRows(HybridLoss loss, Interactions interactions, HybridOptions options, TrainingContext context) =>
        options.Schedule == HybridSchedule.Adagrad
            ? TrainRows(loss, interactions, options, new AdagradStep(options.LearningRate), context)
            : TrainRows(loss, interactions, options, new AdadeltaStep(options.Rho, options.Epsilon), context);

    private static (float[] Users, float[] Items) TrainRows<TStep>(
        HybridLoss loss, Interactions interactions, HybridOptions options, TStep step, TrainingContext context)
        where TStep : struct, IHybridStep
    {
        var training = new HybridTraining<TStep>(interactions, loss, options, step, context);
        training.Run();
        return (Vectors(training.Users), Vectors(training.Items));
    }

    private static HybridModel Train(string name, HybridLoss loss, Interactions interactions, HybridOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var items = TrainRows(loss, interactions, options, context).Items;
        if (!Finite.All(items))
        {
            throw new ArithmeticException($"Training left the range of numbers; lower learning_rate ({options.LearningRate}) or the weights of the interactions.");
        }

        context.Progress?.Report(new TrainingProgress(1, "done"));
        return new HybridModel(name, items, interactions.Items, options);
    }

    private static float[] Vectors(HybridRows rows)
    {
        var vectors = new float[rows.Rows * rows.Stride];
        for (var row = 0; row < rows.Rows; row++)
        {
            rows.Plane(row).CopyTo(vectors.AsSpan(row * rows.Stride));
        }

        return vectors;
    }
}
