using Kindred.Recommendations.Models;

namespace Kindred.Recommendations.Items;

/// <summary>Orders of all items that need no model: by live counts, by recent activity, by age. Sorted again when the catalogue changed, or a second after events came.</summary>
internal sealed class LiveOrders(ItemTable items, Activity activity, TimeProvider clock)
{
    private static readonly TimeSpan s_eventsShowAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _sorting = new();
    private Sorted? _popular;
    private Sorted? _trending;
    private Sorted? _latest;

    /// <summary>Most positives first, then the newest, then by id.</summary>
    public int[] Popular() => Get(ref _popular, (a, b) =>
    {
        var byCount = activity.Positives(b).CompareTo(activity.Positives(a));
        return byCount != 0 ? byCount : ByAge(a, b);
    });

    /// <summary>Most active lately first.</summary>
    public int[] Trending() => Get(ref _trending, (a, b) =>
    {
        var byRecency = activity.Recency(b).CompareTo(activity.Recency(a));
        return byRecency != 0 ? byRecency : ByAge(a, b);
    });

    /// <summary>Newest first; items without a time come last, by id.</summary>
    public int[] Latest() => Get(ref _latest, ByAge);

    private int ByAge(int a, int b)
    {
        var byTime = (items[b]?.Timestamp ?? long.MinValue).CompareTo(items[a]?.Timestamp ?? long.MinValue);
        return byTime != 0 ? byTime : Ties.Compare(items.TieOrder, a, b);
    }

    private int[] Get(ref Sorted? sorted, Comparison<int> comparison)
    {
        var current = Volatile.Read(ref sorted);
        if (!IsFresh(current))
        {
            lock (_sorting)
            {
                current = Volatile.Read(ref sorted);
                if (!IsFresh(current))
                {
                    current = new Sorted(Sort(comparison), items.Version, activity.Version, clock.GetTimestamp());
                    Volatile.Write(ref sorted, current);
                }
            }
        }

        return current!.Order;
    }

    private bool IsFresh(Sorted? sorted) =>
        sorted is not null && sorted.Items == items.Version
        && (sorted.Activity == activity.Version || clock.GetElapsedTime(sorted.At) < s_eventsShowAfter);

    private int[] Sort(Comparison<int> comparison)
    {
        var order = new int[items.Count];
        for (var k = 0; k < order.Length; k++)
        {
            order[k] = k;
        }

        try
        {
            Array.Sort(order, comparison);
        }
        catch (InvalidOperationException)
        {
            // Counts moved under the sort so that no order held; this once, as far as it got.
        }

        return order;
    }

    private sealed record Sorted(int[] Order, long Items, long Activity, long At);
}
