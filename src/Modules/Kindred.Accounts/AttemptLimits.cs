using System.Collections.Concurrent;

namespace Kindred.Accounts;

/// <summary>
/// Counts attempts in memory, alike for addresses that have an account and for those that have none. A limit of n a minute is half of it at once
/// and half spread over the minute, so no minute ever sees more than n.
/// </summary>
internal sealed class AttemptLimits(TimeProvider clock)
{
    private const int MostEntries = 50_000;
    private const int MostFailures = 100;
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _usedUntil = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private long _nextPrune;

    /// <summary>How long a suspended account's strangers are sent away.</summary>
    public static TimeSpan Suspension { get; } = TimeSpan.FromHours(1);

    /// <summary>Takes one attempt; null when there was one, or how long until the next.</summary>
    public TimeSpan? Take(string who, int perMinute) => Take(who, perMinute, s_minute);

    /// <summary>Takes one attempt of so many in a period.</summary>
    public TimeSpan? Take(string who, int most, TimeSpan period)
    {
        var atOnce = Math.Max(1, most / 2);
        var step = (long)(period.TotalSeconds * clock.TimestampFrequency / Math.Max(1, most - atOnce));
        while (true)
        {
            var now = clock.GetTimestamp();
            Prune(now);
            var known = _usedUntil.TryGetValue(who, out var until);
            var used = Math.Max(known ? until : now, now) + step;
            if (used - now > step * atOnce)
            {
                return TimeSpan.FromSeconds((double)(used - now - (step * atOnce)) / clock.TimestampFrequency);
            }

            if (known ? _usedUntil.TryUpdate(who, used, until) : _usedUntil.TryAdd(who, used))
            {
                return null;
            }
        }
    }

    /// <summary>True when an account failed so often in a row that only addresses it knows may still try.</summary>
    public bool IsSuspended(string account) => _failures.GetValueOrDefault(account) >= MostFailures;

    public void Failed(string account)
    {
        if (_failures.Count >= MostEntries)
        {
            _failures.Clear();
        }

        _failures.AddOrUpdate(account, 1, static (_, count) => count + 1);
    }

    public void Succeeded(string account, string bucket)
    {
        _failures.TryRemove(account, out _);
        _usedUntil.TryRemove(bucket, out _);
    }

    /// <summary>The owner has proved themselves by mail: strangers' failures are forgotten.</summary>
    public void Restore(string account) => _failures.TryRemove(account, out _);

    // At most once a second, and never more than four times the wanted size: who floods it pays by the limit of their own address.
    private void Prune(long now)
    {
        if (_usedUntil.Count <= MostEntries || now < Interlocked.Read(ref _nextPrune))
        {
            return;
        }

        Interlocked.Exchange(ref _nextPrune, now + clock.TimestampFrequency);
        foreach (var (idle, _) in _usedUntil.Where(pair => pair.Value <= now))
        {
            _usedUntil.TryRemove(idle, out _);
        }

        if (_usedUntil.Count > 4 * MostEntries)
        {
            _usedUntil.Clear();
        }
    }
}
