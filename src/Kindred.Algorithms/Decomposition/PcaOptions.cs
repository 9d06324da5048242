using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Decomposition;

/// <summary>Settings of <see cref="Pca"/>; the reasons of the defaults stand in <c>docs/algorithms/pca.md</c>.</summary>
public sealed record PcaOptions
{
    /// <summary>Number of components, in [1, 1,000]; there are fewer where the rows or columns are fewer.</summary>
    public int Components { get; init => field = OptionRange.Check(value, 1, 1000); } = 2;

    /// <summary>Directions searched beyond the components, in [0, 1,000].</summary>
    public int Oversampling { get; init => field = OptionRange.Check(value, 0, 1000); } = 10;

    /// <summary>Rounds that sharpen the search, in [0, 100]; each costs two passes over the rows.</summary>
    public int PowerIterations { get; init => field = OptionRange.Check(value, 0, 100); } = 4;
}
