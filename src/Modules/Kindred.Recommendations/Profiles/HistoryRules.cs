using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Recommendations.Profiles;

/// <summary>
/// How events become a history. An item's events are read newest first: a negative one closes the item to everything older; a neutral one
/// of a judging type (one with a rule on its value) closes it to older events of judging types; a positive one counts. The weight is the
/// largest of its positives' type weight times decay, so that ten views are no ten likes; their sum is kept beside it for models in which
/// repeats matter. Events of a type that settings no longer name make an item seen and nothing else.
/// </summary>
internal static class HistoryRules
{
    private const double MicrosecondsPerDay = 86_400_000_000;

    public static Profile Read(Collection collection, IReadOnlyList<EventRecord> newestFirst, IReadOnlyList<(int Item, int Type)>? everything, long now)
    {
        var entries = new Dictionary<int, Entry>(newestFirst.Count);
        var seen = new HashSet<int>();
        var order = new List<int>();
        foreach (var record in newestFirst)
        {
            var type = collection.FindEventType(record.Type);
            if (type is null || type.Settings.Seen)
            {
                seen.Add(record.Item);
            }

            if (type is not null && Count(entries, record, type, now))
            {
                order.Add(record.Item);
            }
        }

        foreach (var (item, type) in everything ?? [])
        {
            if (collection.FindEventType(type)?.Settings.Seen ?? true)
            {
                seen.Add(item);
            }
        }

        return Build(entries, order, seen);
    }

    // True when the item becomes positive by this event.
    private static bool Count(Dictionary<int, Entry> entries, in EventRecord record, EventType type, long now)
    {
        ref var entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(entries, record.Item, out _);
        var judging = type.Settings.Positive.Length + type.Settings.Negative.Length > 0;
        if (entry.Closed || (judging && entry.Judged))
        {
            return false;
        }

        entry.Judged |= judging;
        var judgement = type.Judge(record.Value);
        entry.Closed = judgement == Judgement.Negative;
        if (judgement != Judgement.Positive)
        {
            return false;
        }

        var first = entry.Weight == 0;
        var weight = Decayed(type.Settings, record.At, now);
        if (weight > entry.Weight)
        {
            entry.Weight = weight;
            entry.Type = (byte)type.Number;
        }

        entry.Sum += weight;
        return first;
    }

    private static float Decayed(EventTypeSettings settings, long at, long now)
    {
        var decay = settings.HalfLifeDays is { } halfLife ? Math.Pow(2, -Math.Max(0, now - at) / MicrosecondsPerDay / halfLife) : 1;
        return (float)Math.Max(settings.Weight * decay, 1e-6);
    }

    private static Profile Build(Dictionary<int, Entry> entries, List<int> order, HashSet<int> seen)
    {
        var weights = new float[order.Count];
        var sums = new float[order.Count];
        var types = new byte[order.Count];
        for (var k = 0; k < order.Count; k++)
        {
            var entry = entries[order[k]];
            (weights[k], sums[k], types[k]) = (entry.Weight, entry.Sum, entry.Type);
        }

        return new Profile([.. order], weights, sums.AsSpan().SequenceEqual(weights) ? null : sums, types, [.. seen]);
    }

    private struct Entry
    {
        public bool Closed;
        public bool Judged;
        public float Weight;
        public float Sum;
        public byte Type;
    }
}
