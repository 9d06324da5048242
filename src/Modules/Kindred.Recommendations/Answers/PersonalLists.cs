using Kindred.Algorithms.Ranking;
using Kindred.Recommendations.Models;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.Answers;

/// <summary>
/// Ranks for one history. Personal scores above 0 come first; what is missing to n is filled with popular items, then with items no model
/// knows yet. Category, filter, hidden and seen are one mask throughout, so n items come back whenever n qualify.
/// </summary>
internal static class PersonalLists
{
    /// <summary>A list for a profile.</summary>
    /// <exception cref="Filters.FilterException">The filter is refused.</exception>
    public static RankedList Rank(ServedCollection served, Profile profile, ListQuery query)
    {
        var bundle = served.Shelf.Live;
        using var allowed = Allowed.For(served.Items, query, profile);
        var slots = new List<Slot>(query.N);
        var known = 0;
        if (bundle is { IsPersonal: true })
        {
            var folded = profile.Fold(bundle);
            known = folded.Count;
            if (known > 0)
            {
                Span<ScoredItem> best = stackalloc ScoredItem[query.N];
                best = best[..Best(served, bundle, folded, allowed, best)];
                var reasons = Reasons.Explain(served, bundle, profile, folded, best, query.Explain);
                for (var k = 0; k < best.Length; k++)
                {
                    Add(served, slots, allowed, best[k].Item, best[k].Score, Sources.Personal, reasons[k]);
                }
            }
        }

        var source = slots.Count > 0 ? Sources.Personal : profile.Items.Length == 0 || bundle is { IsPersonal: true } ? Sources.Cold : Sources.Popular;
        Fill(served, bundle, slots, allowed, query.N, Reasons.ForPopular(bundle, bundle is { IsPersonal: true } ? known : profile.Items.Length));
        return new RankedList(source, bundle?.Named, IsDegraded(served, bundle), [.. slots]);
    }

    /// <summary>The popular list: the bundle's popularity model, else live counts, then what neither knows.</summary>
    public static RankedList Popular(ServedCollection served, ListQuery query)
    {
        var bundle = served.Shelf.Live;
        using var allowed = Allowed.For(served.Items, query, profile: null);
        var slots = new List<Slot>(query.N);
        Fill(served, bundle, slots, allowed, query.N, bundle is null ? Reasons.PopularNoModel : Reasons.Popular);
        return new RankedList(Sources.Popular, bundle?.Named, IsDegraded(served, bundle), [.. slots]);
    }

    /// <summary>True when the answer is second best.</summary>
    public static bool IsDegraded(ServedCollection served, Bundle? bundle) => bundle is null || served.Shelf.Refusal is not null;

    /// <summary>Places an item and takes it out of the mask.</summary>
    public static void Add(ServedCollection served, List<Slot> slots, in Allowed allowed, int item, float score, string source, in Why why)
    {
        allowed.Remove(item);
        if (served.Items[item] is { Answerable: true } row)
        {
            slots.Add(new Slot(row, score, source, why));
        }
    }

    private static int Best(ServedCollection served, Bundle bundle, Algorithms.Models.FoldedHistory folded, in Allowed allowed, Span<ScoredItem> best)
    {
        var words = allowed.Words[..Math.Min(allowed.Length, (bundle.Items + 63) >> 6)];
        var count = bundle.Personal.Recommend(folded, new Selection(words, served.Items.TieOrder), best);
        while (count > 0 && best[count - 1].Score <= 0)
        {
            count--;
        }

        return count;
    }

    private static void Fill(ServedCollection served, Bundle? bundle, List<Slot> slots, in Allowed allowed, int n, in Why why)
    {
        foreach (var item in bundle?.PopularOrder ?? [])
        {
            if (slots.Count == n)
            {
                return;
            }

            if (allowed.Has(item))
            {
                Add(served, slots, allowed, item, bundle!.PopularScores[item], Sources.Popular, why);
            }
        }

        if (slots.Count == n || allowed.Count() == 0)
        {
            return;
        }

        foreach (var item in served.Orders.Popular())
        {
            if (slots.Count == n)
            {
                return;
            }

            if (allowed.Has(item))
            {
                var positives = served.Activity.Positives(item);
                Add(served, slots, allowed, item, positives, positives > 0 ? Sources.Popular : Sources.New, positives > 0 ? why : Reasons.New);
            }
        }
    }
}
