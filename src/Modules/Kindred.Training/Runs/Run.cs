using Kindred.Algorithms.Tuning;

namespace Kindred.Training.Runs;

/// <summary>What started a run.</summary>
internal static class RunTrigger
{
    public const string Schedule = "schedule";
    public const string Growth = "growth";
    public const string Hand = "hand";
    public const string Demo = "demo";
}

/// <summary>Where a run stands. The first two are active: a collection has at most one active run.</summary>
internal static class RunState
{
    public const string Queued = "queued";
    public const string Running = "running";

    /// <summary>A new bundle is live.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>The gate kept the live bundle; the figures say why.</summary>
    public const string Refused = "refused";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool IsActive(string state) => state is Queued or Running;
}

/// <summary>A run as it is stored. Times are microseconds since 1970 (UTC).</summary>
internal sealed record Run
{
    public long Id { get; init; }

    public int Collection { get; init; }

    public string Trigger { get; init; } = "";

    public string State { get; init; } = "";

    /// <summary>JSON of <see cref="RunOptions"/>.</summary>
    public string Options { get; init; } = "{}";

    public string Stage { get; init; } = "";

    public double Progress { get; init; }

    public long RequestedAt { get; init; }

    public long? StartedAt { get; init; }

    public long? FinishedAt { get; init; }

    public long Items { get; init; }

    public long Users { get; init; }

    public long Events { get; init; }

    public long LastSequence { get; init; }

    /// <summary>JSON of <see cref="RunSummary"/>; null until the recommenders are compared.</summary>
    public string? Report { get; init; }

    public string? Error { get; init; }
}

/// <summary>What a run is to do other than its collection's settings say.</summary>
internal sealed record RunOptions
{
    /// <summary>Recommenders by name; empty means the collection's.</summary>
    public IReadOnlyList<string> Recommenders { get; init; } = [];

    /// <summary>Seed; null means the setting's.</summary>
    public int? Seed { get; init; }

    /// <summary>A recommender with options that a search found; it competes beside the others, and stays with the collection once it is live.</summary>
    public Candidate? Tuned { get; init; }

    /// <summary>Name of a preset, whose recommender, options and seed are taken where nothing else is said; null without one.</summary>
    public string? Preset { get; init; }

    /// <summary>Bytes the process may hold; null trains in memory.</summary>
    public long? Memory { get; init; }
}
