using System.Buffers;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Models;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.Answers;

/// <summary>Answers why an item is, or is not, in a user's list: by asking the live model again, never by guessing.</summary>
internal static class Explanations
{
    /// <summary>What carries an item's score for a user.</summary>
    public static WhyAnswer Why(ServedCollection served, string user, Profile profile, ItemRow item, ListQuery query)
    {
        var bundle = served.Shelf.Live;
        if (bundle is null || !bundle.IsPersonal || profile.Fold(bundle).Count == 0)
        {
            var text = bundle is null ? Reasons.PopularNoModel.Text : "Nothing personal is known; lists for this user are popular ones.";
            return new WhyAnswer(user, item.Id, item.Title, Sources.Cold, null, null, text, [], bundle?.Named);
        }

        if (item.Number >= bundle.Items)
        {
            return new WhyAnswer(user, item.Id, item.Title, Sources.Personal, null, null, Reasons.New.Text, [], bundle.Named);
        }

        var folded = profile.Fold(bundle);
        Span<ScoredItem> asked = [new ScoredItem(item.Number, 0)];
        var text2 = Reasons.Explain(served, bundle, profile, folded, asked, all: false)[0].Text;
        var shares = new float[folded.Count];
        bundle.Personal.Explain(folded, [item.Number], shares);
        var (score, rank) = Place(served, bundle, profile, folded, item, query);
        return new WhyAnswer(user, item.Id, item.Title, Sources.Personal, score, rank, text2, Reasons.All(served, folded, shares), bundle.Named);
    }

    /// <summary>The stage that keeps an item out of a user's list.</summary>
    public static WhyNotAnswer WhyNot(ServedCollection served, string user, Profile profile, string id, ItemRow? item, ListQuery query)
    {
        var bundle = served.Shelf.Live;
        WhyNotAnswer Answer(string stage, string text, int? rank = null, float? score = null, float? last = null) =>
            new(user, id, stage, text, rank, score, last, query.N, bundle?.Named);

        if (item is null)
        {
            return Answer("unknown", "No item has this id.");
        }

        if (item.Deleted)
        {
            return Answer("deleted", "The item was deleted.");
        }

        if (item.Hidden)
        {
            return Answer("hidden", "The item is hidden.");
        }

        if (query.ExcludeSeen && profile.Seen.AsSpan().Contains(item.Number))
        {
            return Answer("seen", "The user has seen it already; exclude_seen=false shows it.");
        }

        if (query.Category is not null && !item.Categories.Contains(query.Category, StringComparer.Ordinal))
        {
            return Answer("category", $"It is not in the category {query.Category}.");
        }

        if (query.Filter is not null && !served.Items.Filter(query.Filter).Predicate.Matches(item))
        {
            return Answer("filter", "The filter does not hold for it.");
        }

        var list = PersonalLists.Rank(served, profile, query with { Explain = false });
        var place = Array.FindIndex(list.Slots, slot => slot.Item.Number == item.Number);
        if (place >= 0)
        {
            return Answer("answered", $"It is in the list, at place {place + 1}.", place + 1, list.Slots[place].Score);
        }

        if (bundle is null || item.Number >= bundle.Items)
        {
            return Answer("not_in_model", "No model knows it yet; the next training run will.");
        }

        var last = list.Slots.Length == 0 ? (float?)null : list.Slots[^1].Score;
        if (!bundle.IsPersonal || profile.Fold(bundle).Count == 0)
        {
            var popular = PopularPlace(served, bundle, profile, item, query);
            return Answer("ranked_below", $"Popular items fill the list; it is number {popular} of them.", popular, bundle.PopularScores.ElementAtOrDefault(item.Number), last);
        }

        var (score, rank) = Place(served, bundle, profile, profile.Fold(bundle), item, query);
        return Answer("ranked_below", $"It is ranked {rank}; the list ends at {query.N}.", rank, score, last);
    }

    // Score, and rank among all items the query lets through (null when the item itself is not among them).
    private static (float Score, int? Rank) Place(ServedCollection served, Bundle bundle, Profile profile, FoldedHistory folded, ItemRow item, ListQuery query)
    {
        using var allowed = Allowed.For(served.Items, query, profile);
        var scores = ArrayPool<float>.Shared.Rent(bundle.Items);
        bundle.Personal.Score(folded, scores.AsSpan(0, bundle.Items));
        var score = scores[item.Number];
        int? rank = null;
        if (allowed.Has(item.Number))
        {
            var before = 0;
            for (var other = 0; other < bundle.Items; other++)
            {
                before += allowed.Has(other) && (scores[other] > score
                    || (scores[other] == score && Ties.Compare(served.Items.TieOrder, other, item.Number) < 0)) ? 1 : 0;
            }

            rank = before + 1;
        }

        ArrayPool<float>.Shared.Return(scores);
        return (score, rank);
    }

    private static int PopularPlace(ServedCollection served, Bundle bundle, Profile profile, ItemRow item, ListQuery query)
    {
        using var allowed = Allowed.For(served.Items, query, profile);
        var place = 1;
        foreach (var other in bundle.PopularOrder)
        {
            if (other == item.Number)
            {
                break;
            }

            place += allowed.Has(other) ? 1 : 0;
        }

        return place;
    }
}
