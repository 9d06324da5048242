using System.Text.Json;

namespace Kindred.Algorithms.Models.Blend;

/// <summary>One recommender in a blend.</summary>
public sealed record BlendMember
{
    /// <summary>Its name; any but <c>blend</c>.</summary>
    public required string Recommender { get; init; }

    /// <summary>Its own options; its defaults where missing.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>What its scores, brought to a common scale, count. Above 0, at most 1,000.</summary>
    public float Weight
    {
        get;
        init => field = OptionRange.Check(value, 1e-6f, 1_000);
    }

    = 1;

    /// <summary>After this many newer entries a history entry counts half; null means all count alike. 0.1 to 100,000.</summary>
    public float? HalfLife
    {
        get;
        init => field = value is { } entries ? OptionRange.Check(entries, 0.1f, 100_000) : null;
    }

    /// <summary>Equal when all four are; options by their JSON.</summary>
    public bool Equals(BlendMember? other) =>
        other is not null && Recommender == other.Recommender && Weight.Equals(other.Weight) && Nullable.Equals(HalfLife, other.HalfLife)
        && (Options is { } own && other.Options is { } its ? JsonElement.DeepEquals(own, its) : Options is null && other.Options is null);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Recommender, Weight, HalfLife);
}

/// <summary>Options of a blend; <c>kindred tune</c> finds good ones.</summary>
public sealed record BlendOptions
{
    /// <summary>Most members.</summary>
    public const int MaxMembers = 6;

    /// <summary>1 to 6 members.</summary>
    public IReadOnlyList<BlendMember> Members
    {
        get;
        init => field = value is { Count: >= 1 and <= MaxMembers } && value.All(member => member is not null)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Members), value?.Count, $"members lists 1 to {MaxMembers} recommenders.");
    }

    = [new BlendMember { Recommender = "als" }, new BlendMember { Recommender = "itemknn", Weight = 0.5f }];

    /// <summary>Equal when the members are, in the same order.</summary>
    public bool Equals(BlendOptions? other) => other is not null && Members.SequenceEqual(other.Members);

    /// <inheritdoc/>
    public override int GetHashCode() => Members.Aggregate(0, HashCode.Combine);
}
