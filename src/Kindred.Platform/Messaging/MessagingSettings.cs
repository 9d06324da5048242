namespace Kindred.Platform.Messaging;

/// <summary>Section <c>messaging</c>.</summary>
public sealed record MessagingSettings
{
    /// <summary>Waits between the tries of a message that fails by itself; after the last it is parked.</summary>
    public IReadOnlyList<TimeSpan> RetryAfter { get; init; } = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)];

    /// <summary>Longest wait between two tries while a place a queue needs is away.</summary>
    public TimeSpan AwayRetry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages of one topic under way at once; the others wait in the database.</summary>
    public int Window { get; init; } = 256;

    /// <summary>How often the outbox is looked through for what other processes wrote.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time a change waits for this process to have handled its own message, so that the caller's next request sees it everywhere.</summary>
    public TimeSpan SettleWithin { get; init; } = TimeSpan.FromSeconds(1);
}
