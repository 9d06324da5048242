namespace Kindred.Catalog.Shop.Currency;

/// <summary>
/// A value of a source that may be away. While it is fresh nobody asks; then one caller's question is everybody's. A failure leaves the value known
/// last, however old, and is itself remembered only to ask again after a while.
/// </summary>
internal sealed class Remembered<T>(Func<CancellationToken, Task<T>> read, TimeSpan lifetime, TimeSpan pause, TimeProvider clock, Action<RatesAwayException> failed)
    where T : class
{
    private readonly Lock _lock = new();
    private T? _value;
    private long _readAt;
    private long? _failedAt;
    private Task<T?>? _reading;

    /// <summary>The value, or null when none was ever read.</summary>
    public ValueTask<T?> GetAsync(CancellationToken cancellation)
    {
        Task<T?> reading;
        lock (_lock)
        {
            if ((_value is not null && clock.GetElapsedTime(_readAt) < lifetime) || (_failedAt is { } at && clock.GetElapsedTime(at) < pause))
            {
                return ValueTask.FromResult(_value);
            }

            // Whoever asked first may go away: the others wait for the same answer.
            reading = _reading ??= Task.Run(ReadAsync, CancellationToken.None);
        }

        return new ValueTask<T?>(reading.WaitAsync(cancellation));
    }

    private async Task<T?> ReadAsync()
    {
        T? value = null;
        try
        {
            value = await read(CancellationToken.None);
        }
        catch (RatesAwayException away)
        {
            failed(away);
        }

        lock (_lock)
        {
            _reading = null;
            (_failedAt, _readAt) = value is null ? (clock.GetTimestamp(), _readAt) : (default(long?), clock.GetTimestamp());
            return _value = value ?? _value;
        }
    }
}
