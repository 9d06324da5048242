namespace Kindred.Service.Tests.Accounts;

/// <summary>The real clock, moved on by hand.</summary>
internal sealed class OffsetClock : TimeProvider
{
    private TimeSpan _offset;

    public void Advance(TimeSpan by) => _offset += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _offset;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_offset.TotalSeconds * TimestampFrequency);
}
