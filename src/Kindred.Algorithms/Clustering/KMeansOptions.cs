using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Clustering;

/// <summary>Settings of K-Means; the reasons of the defaults stand in <c>docs/algorithms/kmeans.md</c>.</summary>
public sealed record KMeansOptions
{
    /// <summary>Number of clusters, in [1, 100,000]; there are fewer where there are fewer distinct rows.</summary>
    public int Clusters { get; init => field = OptionRange.Check(value, 1, 100_000); } = 8;

    /// <summary>Most rounds of assigning rows and moving centres, in [1, 100,000].</summary>
    public int MaxIterations { get; init => field = OptionRange.Check(value, 1, 100_000); } = 300;

    /// <summary>
    /// Ends when the squared moves of all centres sum to no more than this times the mean variance of a column, in [0, 1]; 0 goes on until no row
    /// changes its cluster.
    /// </summary>
    public double Tolerance { get; init => field = OptionRange.Check(value, 0, 1); } = 1e-4;

    /// <summary>Number of starts, in [1, 1,000]; the one of least inertia is kept.</summary>
    public int Restarts { get; init => field = OptionRange.Check(value, 1, 1000); } = 1;
}
