namespace Kindred.Algorithms.Models.Popularity;

/// <summary>What popularity means.</summary>
public enum PopularityMeasure
{
    /// <summary>Sum of the interactions' weights.</summary>
    Count,

    /// <summary>Sum of the weights, each halved for every half-life it is older than the newest interaction.</summary>
    Decayed,

    /// <summary>Mean rating drawn towards the mean of all items by few ratings.</summary>
    Bayesian,
}

/// <summary>Settings of <c>popularity</c>.</summary>
public sealed record PopularityOptions
{
    /// <summary>What popularity means.</summary>
    public PopularityMeasure Measure { get; init; } = PopularityMeasure.Count;

    /// <summary>Half-life of <see cref="PopularityMeasure.Decayed"/> in days, in [0.001, 100,000].</summary>
    public double HalfLifeDays { get; init => field = OptionRange.Check(value, 0.001, 100_000); } = 30;
}
