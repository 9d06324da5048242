namespace Kindred.Feedback;

/// <summary>Section <c>feedback</c>.</summary>
public sealed record FeedbackOptions
{
    /// <summary>Events that may wait for the disk at once; above it requests are answered 429. 1,000-10,000,000.</summary>
    public int QueueLimit
    {
        get;
        init => field = value is >= 1_000 and <= 10_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "feedback:queue_limit lies in 1000-10000000.");
    } = 200_000;

    /// <summary>Most events in one transaction. 1-100,000.</summary>
    public int GroupLimit
    {
        get;
        init => field = value is >= 1 and <= 100_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "feedback:group_limit lies in 1-100000.");
    } = 20_000;
}
