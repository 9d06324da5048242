using System.Buffers;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.Answers;

/// <summary>Lists that start from an item or from the whole collection.</summary>
internal static class ItemLists
{
    /// <summary>Items like this one, by the bundle's item-to-item model; by shared categories where no model knows the item.</summary>
    public static RankedList Similar(ServedCollection served, ItemRow item, ListQuery query)
    {
        var bundle = served.Shelf.Live;
        using var allowed = Allowed.For(served.Items, query, profile: null);
        allowed.Remove(item.Number);
        var slots = new List<Slot>(query.N);
        var why = new Why("Similar to ", item);
        if (bundle is not null)
        {
            Related(served, bundle.ItemToItem, item, allowed, query.N, slots, Sources.Similar, why);
            if (slots.Count == 0 && bundle.ItemToItem != bundle.Personal)
            {
                Related(served, bundle.Personal, item, allowed, query.N, slots, Sources.Similar, why);
            }
        }

        var source = slots.Count > 0 ? Sources.Similar : Sources.SharedCategories;
        if (slots.Count == 0)
        {
            ShareCategories(served, item, allowed, query.N, slots);
        }

        return new RankedList(source, bundle?.Named, PersonalLists.IsDegraded(served, bundle), [.. slots]);
    }

    /// <summary>What lies in the same baskets more often than chance has it, and where nothing does, what the same people bought; only items that really were.</summary>
    public static RankedList BoughtTogether(ServedCollection served, ItemRow item, ListQuery query)
    {
        var bundle = served.Shelf.Live;
        using var allowed = Allowed.For(served.Items, query, profile: null);
        allowed.Remove(item.Number);
        var slots = new List<Slot>(query.N);
        foreach (var model in bundle is null ? [] : new[] { bundle.BoughtTogether, bundle.CoPurchase ?? bundle.ItemToItem }.OfType<IModel>())
        {
            if (slots.Count == 0)
            {
                Related(served, model, item, allowed, query.N, slots, Sources.BoughtTogether, new Why("Chosen together with ", item));
            }
        }

        return new RankedList(Sources.BoughtTogether, bundle?.Named, PersonalLists.IsDegraded(served, bundle) || (bundle!.BoughtTogether ?? bundle.CoPurchase) is null, [.. slots]);
    }

    /// <summary>Most active lately.</summary>
    public static RankedList Trending(ServedCollection served, ListQuery query, DateTimeOffset now)
    {
        var micros = (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        return Walk(served, query, served.Orders.Trending(), Sources.Trending, Reasons.Trending, row => served.Activity.Trend(row.Number, micros));
    }

    /// <summary>Newest; the score is the time in seconds since 1970, 0 where unknown.</summary>
    public static RankedList Latest(ServedCollection served, ListQuery query) =>
        Walk(served, query, served.Orders.Latest(), Sources.Latest, Reasons.Latest, static row => row.Timestamp == long.MinValue ? 0 : row.Timestamp / 1_000_000);

    private static RankedList Walk(ServedCollection served, ListQuery query, int[] order, string source, Why why, Func<ItemRow, float> score)
    {
        using var allowed = Allowed.For(served.Items, query, profile: null);
        var slots = new List<Slot>(query.N);
        foreach (var item in order)
        {
            if (slots.Count == query.N)
            {
                break;
            }

            if (allowed.Has(item) && served.Items[item] is { } row)
            {
                PersonalLists.Add(served, slots, allowed, item, score(row), source, why);
            }
        }

        return new RankedList(source, null, Degraded: false, [.. slots]);
    }

    private static void Related(
        ServedCollection served, IModel model, ItemRow item, in Allowed allowed, int n, List<Slot> slots, string source, in Why why)
    {
        if (item.Number >= model.Items)
        {
            return;
        }

        var rented = ArrayPool<float>.Shared.Rent(model.Items);
        var scores = rented.AsSpan(0, model.Items);
        if (model.Similar(item.Number, scores))
        {
            Span<ScoredItem> best = stackalloc ScoredItem[n];
            foreach (var (other, score) in best[..TopN.Select(scores, new Selection(allowed.Words, served.Items.TieOrder), best)])
            {
                if (score > 0)
                {
                    PersonalLists.Add(served, slots, allowed, other, score, source, why);
                }
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    private static void ShareCategories(ServedCollection served, ItemRow item, in Allowed allowed, int n, List<Slot> slots)
    {
        if (item.Categories.Length == 0)
        {
            return;
        }

        var scores = new float[served.Items.Count];
        for (var other = 0; other < scores.Length; other++)
        {
            if (allowed.Has(other) && served.Items[other] is { } row)
            {
                var shared = row.Categories.Count(category => item.Categories.Contains(category, StringComparer.Ordinal));
                scores[other] = (float)shared / (item.Categories.Length + row.Categories.Length - shared);
            }
        }

        var why = new Why("Same categories as ", item);
        Span<ScoredItem> best = stackalloc ScoredItem[n];
        foreach (var (other, score) in best[..TopN.Select(scores, new Selection(allowed.Words, served.Items.TieOrder), best)])
        {
            if (score > 0)
            {
                PersonalLists.Add(served, slots, allowed, other, score, Sources.SharedCategories, why);
            }
        }
    }
}
