using Kindred.Algorithms.Models;
using Kindred.Training.Data;

namespace Kindred.Training.Runs;

/// <summary>How a model did on the held-out users: means of every metric, and each user's NDCG@10 for the paired bootstrap.</summary>
internal sealed record Measured(IReadOnlyDictionary<string, double> Means, double[] PerUser)
{
    public static Measured Of(IModel model, HeldOut split, TrainingContext context) => throw new NotSupportedException();

    public static GainSummary Compare(Measured first, Measured second, int seed) => throw new NotSupportedException();
}
