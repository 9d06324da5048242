using Kindred.Algorithms.Models;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Models;

namespace Kindred.Recommendations.Profiles;

/// <summary>
/// What is known of a user: positive items newest first, and everything seen. Immutable but for two notes: the history folded for one bundle,
/// and the last list answered. Each is one reference, so a reader sees all of it or none.
/// </summary>
internal sealed class Profile(int[] items, float[] weights, float[]? repeats, byte[] types, int[] seen)
{
    private const int FixedBytes = 400;

    private FoldedFor? _folded;
    private KeptList? _list;

    /// <summary>Nothing is known.</summary>
    public static Profile Stranger => new([], [], null, [], []);

    /// <summary>Distinct positive items, newest first.</summary>
    public int[] Items { get; } = items;

    /// <summary>One positive's weight each, decayed.</summary>
    public float[] Weights { get; } = weights;

    /// <summary>Summed weights, for models in which repeats matter; null where they are the same.</summary>
    public float[]? Repeats { get; } = repeats;

    /// <summary>Number of the event type that made each entry positive.</summary>
    public byte[] Types { get; } = types;

    /// <summary>Everything the user has seen, distinct.</summary>
    public int[] Seen { get; } = seen;

    /// <summary>Highest item number of the history; -1 without one.</summary>
    public int HighestItem { get; } = items.Length == 0 ? -1 : items.Max();

    /// <summary>State of the user's stamp when it was read.</summary>
    public int Stamp { get; init; }

    /// <summary>Clock ticks when it was read.</summary>
    public long LoadedAt { get; init; }

    /// <summary>Clock ticks of the last answer.</summary>
    public long UsedAt { get; set; }

    public KeptList? List
    {
        get => Volatile.Read(ref _list);
        set => Volatile.Write(ref _list, value);
    }

    /// <summary>About how much memory it holds, with its notes.</summary>
    public long Bytes => FixedBytes + (Items.Length * 9L) + (Seen.Length * 4L) + (Repeats?.Length * 4L ?? 0) + (Items.Length * 8L) + 512 + (List?.Ranked.Bytes ?? 0);

    /// <summary>The history as a bundle's personal model folds it; done once a bundle.</summary>
    public FoldedHistory Fold(Bundle bundle)
    {
        var folded = Volatile.Read(ref _folded);
        if (folded?.Bundle != bundle)
        {
            var counted = bundle.Personal.Recommender == "copurchase" ? Repeats ?? Weights : Weights;
            folded = new FoldedFor(bundle, bundle.Personal.Fold(new History(Items, counted)));
            Volatile.Write(ref _folded, folded);
        }

        return folded.History;
    }

    private sealed record FoldedFor(Bundle Bundle, FoldedHistory History);
}

/// <summary>A list as it was ranked, good while query, bundle and catalogue are the same.</summary>
internal sealed record KeptList(ListQuery Query, Bundle Bundle, long ItemsVersion, RankedList Ranked);
