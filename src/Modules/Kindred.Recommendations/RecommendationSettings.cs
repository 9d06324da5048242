namespace Kindred.Recommendations;

/// <summary>Section <c>recommendations</c>.</summary>
public sealed record RecommendationSettings
{
    /// <summary>Memory that live profiles may take, in bytes; the least recently used leave first.</summary>
    public long ProfileBytes { get; init; } = 64L << 20;

    /// <summary>A profile is read again after this long, so that decay moves on and users forgotten by another process go.</summary>
    public TimeSpan ProfileMaxAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Newest events of a user that make the history; what they have seen is known beyond it.</summary>
    public int HistoryEvents { get; init; } = 500;

    /// <summary>How often models, catalogue and events of other processes are looked for.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Days after which an event counts half in the trending list.</summary>
    public double TrendingHalfLifeDays { get; init; } = 7;

    /// <summary>At start, live counts are made from this many newest events.</summary>
    public long ReplayEvents { get; init; } = 2_000_000;

    /// <summary>Recent answers kept for <c>/receipts/{id}</c>.</summary>
    public int Receipts { get; init; } = 4096;

    /// <summary>Keep a user's last list while nothing it depends on has changed.</summary>
    public bool KeepLists { get; init; } = true;
}
