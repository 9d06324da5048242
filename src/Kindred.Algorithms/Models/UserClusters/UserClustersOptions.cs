namespace Kindred.Algorithms.Models.UserClusters;

/// <summary>Which number of an interaction is clustered.</summary>
public enum ClusteredValue
{
    /// <summary>The weight, as histories have it.</summary>
    Weight,

    /// <summary>The rating; a history that asks then carries ratings as its weights, those of 0 left out.</summary>
    Rating,
}

/// <summary>Settings of <c>userclusters</c>; formulas and the reasons of the defaults stand in <c>docs/algorithms/user-clusters.md</c>.</summary>
public sealed record UserClustersOptions
{
    /// <summary>Number of clusters, in [0, 10,000]; 0 chooses from 2 to <see cref="MaxClusters"/> by silhouette.</summary>
    public int Clusters { get; init => field = OptionRange.Check(value, 0, 10_000); } = 5;

    /// <summary>Most clusters tried where the number is chosen, in [2, 1,000].</summary>
    public int MaxClusters { get; init => field = OptionRange.Check(value, 2, 1000); } = 12;

    /// <summary>Which number of an interaction is clustered.</summary>
    public ClusteredValue Value { get; init; } = ClusteredValue.Weight;

    /// <summary>Number of starts, in [1, 100]; the one of least inertia is kept.</summary>
    public int Restarts { get; init => field = OptionRange.Check(value, 1, 100); } = 1;
}
