using System.Buffers;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Models;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.Answers;

/// <summary>Why items are in a list: exact shares of history items in a score, or plain words where nothing personal is behind it.</summary>
internal static class Reasons
{
    private const int Strongest = 3;

    /// <summary>Fewer liked items than this are called thin evidence.</summary>
    private const int ThinHistory = 3;

    public static readonly Why Popular = new("Popular with everyone.");
    public static readonly Why PopularThin = new("Popular with everyone; we know little about this user yet.");
    public static readonly Why PopularNoModel = new("Popular so far; no model is trained yet.");
    public static readonly Why New = new("In the catalogue, but too new to be ranked by a model.");
    public static readonly Why Trending = new("Busy lately.");
    public static readonly Why Latest = new("Newest in the catalogue.");
    public static readonly Why Unexplained = new("Fits the user's history.");

    /// <summary>Words for a popular item in a personal list.</summary>
    public static Why ForPopular(Bundle? bundle, int history) => bundle is null ? PopularNoModel : history < ThinHistory ? PopularThin : Popular;

    /// <summary>Reasons of ranked items; one explain call for all of them.</summary>
    public static Why[] Explain(ServedCollection served, Bundle bundle, Profile profile, FoldedHistory folded, ReadOnlySpan<ScoredItem> items, bool all)
    {
        var reasons = new Why[items.Length];
        if (items.IsEmpty)
        {
            return reasons;
        }

        Span<int> numbers = stackalloc int[items.Length];
        for (var k = 0; k < items.Length; k++)
        {
            numbers[k] = items[k].Item;
        }

        var shares = ArrayPool<float>.Shared.Rent(items.Length * folded.Count);
        bundle.Personal.Explain(folded, numbers, shares.AsSpan(0, items.Length * folded.Count));
        for (var k = 0; k < items.Length; k++)
        {
            reasons[k] = Read(served, profile, folded, shares.AsSpan(k * folded.Count, folded.Count), all);
        }

        ArrayPool<float>.Shared.Return(shares);
        return reasons;
    }

    /// <summary>Every share of one item, strongest first; items that may no longer be shown keep their share and lose their name.</summary>
    public static List<Evidence> All(ServedCollection served, FoldedHistory folded, ReadOnlySpan<float> shares)
    {
        var evidence = new List<Evidence>(shares.Length);
        for (var h = 0; h < shares.Length; h++)
        {
            if (shares[h] != 0)
            {
                var row = served.Items[folded.Items[h]] is { Answerable: true } shown ? shown : null;
                evidence.Add(new Evidence(row?.Id, row?.Title, shares[h]));
            }
        }

        evidence.Sort(static (a, b) => Math.Abs(b.Share).CompareTo(Math.Abs(a.Share)));
        return evidence;
    }

    private static Why Read(ServedCollection served, Profile profile, FoldedHistory folded, Span<float> shares, bool all)
    {
        Span<int> strongest = stackalloc int[Strongest];
        var count = 0;
        for (var h = 0; h < shares.Length; h++)
        {
            if (shares[h] <= 0 || served.Items[folded.Items[h]] is not { Answerable: true })
            {
                continue;
            }

            var place = count;
            while (place > 0 && shares[strongest[place - 1]] < shares[h])
            {
                place--;
            }

            if (place < Strongest)
            {
                count = Math.Min(count + 1, Strongest);
                strongest[place..(count - 1)].CopyTo(strongest[(place + 1)..count]);
                strongest[place] = h;
            }
        }

        if (count == 0)
        {
            return Unexplained;
        }

        var about = served.Items[folded.Items[strongest[0]]]!;
        var why = new Why(Words(served, profile, about), about);
        return all
            ? why with { All = All(served, folded, shares) }
            : why with { First = One(served, folded, shares, strongest, count, 0), Second = One(served, folded, shares, strongest, count, 1), Third = One(served, folded, shares, strongest, count, 2) };
    }

    private static (ItemRow Item, float Share) One(ServedCollection served, FoldedHistory folded, Span<float> shares, Span<int> strongest, int count, int place) =>
        place < count ? (served.Items[folded.Items[strongest[place]]]!, shares[strongest[place]]) : default;

    private static string Words(ServedCollection served, Profile profile, ItemRow row)
    {
        var at = Array.IndexOf(profile.Items, row.Number);
        var type = at < 0 ? null : served.Collection.FindEventType(profile.Types[at])?.Name;
        return Verb(type);
    }

    // Whole beginnings: kept lists share them.
    private static string Verb(string? type) => type switch
    {
        "rating" => "Because you rated ",
        "purchase" or "buy" or "order" => "Because you bought ",
        "view" => "Because you viewed ",
        "watch" => "Because you watched ",
        "like" => "Because you liked ",
        "bookmark" or "favourite" or "favorite" => "Because you saved ",
        "click" => "Because you opened ",
        "review" => "Because you reviewed ",
        "listen" or "play" => "Because you played ",
        _ => "Because you chose ",
    };
}
