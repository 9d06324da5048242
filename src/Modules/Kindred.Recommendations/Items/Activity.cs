using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Recommendations.Items;

/// <summary>
/// Live counts by item: how many positives, and how much lately. Recency is kept as the logarithm (base 2) of the sum of 2^(time / half-life),
/// which needs no clock and neither overflows nor fades: old catalogues rank by who was active last. Each event counts once, whoever brings it,
/// because counting follows the log's sequence numbers.
/// </summary>
internal sealed class Activity(Collection collection, double halfLifeDays)
{
    private readonly double _halfLife = halfLifeDays * 86_400_000_000;
    private readonly Lock _lock = new();
    private int[] _positives = new int[1024];
    private double[] _recency = NewRecency(1024);
    private long _last;
    private long _version;
    private int _highest = -1;

    /// <summary>Highest item number an event named; the table may not hold it yet.</summary>
    public int HighestItem => Volatile.Read(ref _highest);

    /// <summary>Last event counted.</summary>
    public long Last => Interlocked.Read(ref _last);

    /// <summary>Grows with every batch counted.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Where counting begins; before the first event.</summary>
    public void StartAfter(long sequence) => Interlocked.Exchange(ref _last, sequence);

    /// <summary>Counts events that follow the last one without a gap; anything else is left for the log's reader.</summary>
    public void CountNext(ReadOnlySpan<EventRecord> events)
    {
        lock (_lock)
        {
            if (!events.IsEmpty && events[0].Sequence == _last + 1)
            {
                Add(events);
            }
        }
    }

    /// <summary>Counts events read from the log itself, ascending; those already counted are left out.</summary>
    public void Count(ReadOnlySpan<EventRecord> events)
    {
        lock (_lock)
        {
            while (!events.IsEmpty && events[0].Sequence <= _last)
            {
                events = events[1..];
            }

            Add(events);
        }
    }

    public int Positives(int item)
    {
        var positives = Volatile.Read(ref _positives);
        return item < positives.Length ? positives[item] : 0;
    }

    /// <summary>Logarithm of the decayed activity; ordered alike at any time.</summary>
    public double Recency(int item)
    {
        var recency = Volatile.Read(ref _recency);
        return item < recency.Length ? recency[item] : double.NegativeInfinity;
    }

    /// <summary>Decayed activity as of a time.</summary>
    public float Trend(int item, long now) => (float)Math.Pow(2, Recency(item) - (now / _halfLife));

    private static double[] NewRecency(int length)
    {
        var recency = new double[length];
        Array.Fill(recency, double.NegativeInfinity);
        return recency;
    }

    private void Add(ReadOnlySpan<EventRecord> events)
    {
        foreach (ref readonly var record in events)
        {
            Interlocked.Exchange(ref _last, record.Sequence);
            Volatile.Write(ref _highest, Math.Max(_highest, record.Item));
            var judgement = collection.FindEventType(record.Type)?.Judge(record.Value) ?? Judgement.Neutral;
            if (judgement == Judgement.Negative)
            {
                continue;
            }

            Grow(record.Item);
            _positives[record.Item] += judgement == Judgement.Positive ? 1 : 0;
            var (a, b) = (_recency[record.Item], record.At / _halfLife);
            var (high, low) = a > b ? (a, b) : (b, a);
            _recency[record.Item] = high + Math.Log2(1 + Math.Pow(2, low - high));
        }

        Interlocked.Increment(ref _version);
    }

    private void Grow(int item)
    {
        if (item >= _positives.Length)
        {
            var length = Math.Max(item + 1, _positives.Length * 2);
            var (positives, recency) = (new int[length], NewRecency(length));
            _positives.CopyTo(positives, 0);
            _recency.CopyTo(recency, 0);
            Volatile.Write(ref _positives, positives);
            Volatile.Write(ref _recency, recency);
        }
    }
}
