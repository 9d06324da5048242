using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Evaluation;

/// <summary>Where users are cut into cold, medium and heavy ones by the number of items in their history.</summary>
public sealed record SegmentOptions
{
    /// <summary>Fewest items of a medium user; who has fewer is cold. 1 to 1,000,000.</summary>
    public int MediumFrom
    {
        get;
        init => field = OptionRange.Check(value, 1, 1_000_000);
    }

    = 10;

    /// <summary>Fewest items of a heavy user, not below <see cref="MediumFrom"/>. 1 to 1,000,000.</summary>
    public int HeavyFrom
    {
        get;
        init => field = OptionRange.Check(value, 1, 1_000_000);
    }

    = 50;
}
