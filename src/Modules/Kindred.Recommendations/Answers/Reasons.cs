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

    public static readonly Reason Popular = new("Popular with everyone.", []);
    public static readonly Reason PopularThin = new("Popular with everyone; we know little about this user yet.", []);
    public static readonly Reason PopularNoModel = new("Popular so far; no model is trained yet.", []);
    public static readonly Reason New = new("In the catalogue, but too new to be ranked by a model.", []);
    public static readonly Reason Trending = new("Busy lately.", []);
    public static readonly Reason Latest = new("Newest in the catalogue.", []);
    public static readonly Reason Unexplained = new("Fits the user's history.", []);

    /// <summary>Words for a popular item in a personal list.</summary>
    public static Reason ForPopular(Bundle? bundle, int history) => bundle is null ? PopularNoModel : history < ThinHistory ? PopularThin : Popular;

    /// <summary>Reasons of ranked items; one explain call for all of them.</summary>
    public static Reason[] Explain(ServedCollection served, Bundle bundle, Profile profile, FoldedHistory folded, ReadOnlySpan<ScoredItem> items, bool all)
    {
        var reasons = new Reason[items.Length];
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

    private static Reason Read(ServedCollection served, Profile profile, FoldedHistory folded, Span<float> shares, bool all)
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

        var text = Text(served, profile, served.Items[folded.Items[strongest[0]]]!);
        if (all)
        {
            return new Reason(text, All(served, folded, shares));
        }

        var evidence = new Evidence[count];
        for (var k = 0; k < count; k++)
        {
            var row = served.Items[folded.Items[strongest[k]]]!;
            evidence[k] = new Evidence(row.Id, row.Title, shares[strongest[k]]);
        }

        return new Reason(text, evidence);
    }

    private static string Text(ServedCollection served, Profile profile, ItemRow row)
    {
        var at = Array.IndexOf(profile.Items, row.Number);
        var type = at < 0 ? null : served.Collection.FindEventType(profile.Types[at])?.Name;
        return $"Because you {Verb(type)} {row.Title ?? row.Id}";
    }

    private static string Verb(string? type) => type switch
    {
        "rating" => "rated",
        "purchase" or "buy" or "order" => "bought",
        "view" => "viewed",
        "watch" => "watched",
        "like" => "liked",
        "bookmark" or "favourite" or "favorite" => "saved",
        "click" => "opened",
        "review" => "reviewed",
        "listen" or "play" => "played",
        _ => "chose",
    };
}
