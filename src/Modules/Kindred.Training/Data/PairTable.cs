using System.Runtime.InteropServices;
using Kindred.Algorithms.Sparse;
using Kindred.Platform.Collections;

namespace Kindred.Training.Data;

/// <summary>
/// What a user's events with one item add up to, by the same rules as serving reads a history: of types that judge by value the newest event
/// decides; a negative one closes the item to everything before it; the other positives count once, by their heaviest type, for taste, and
/// each time for co-purchase.
/// </summary>
internal struct Pair
{
    /// <summary>Heaviest weight among positives of types that do not judge by value.</summary>
    public float Weight;

    /// <summary>Sum of those weights: purchases with repeats.</summary>
    public float Sum;

    /// <summary>Time of the first of those positives.</summary>
    public long FirstAt;

    /// <summary>The newest rating; NaN and the smallest time without one.</summary>
    public float Rating;
    public long RatedAt;
    public float RatedWeight;
    public Judgement Rated;

    /// <summary>The newest negative event: nothing before it counts.</summary>
    public long NegativeAt;
    public int NegativePlace;

    /// <summary>A pair before its first event.</summary>
    public static Pair Empty => new() { Rating = float.NaN, RatedAt = long.MinValue, NegativeAt = long.MinValue };

    private readonly float Liked => Rated == Judgement.Positive ? RatedWeight : 0;

    /// <summary>Weight for taste; 0 where the pair is not positive.</summary>
    public readonly float Positive => Math.Max(Weight, Liked);

    /// <summary>Weight where repeats count.</summary>
    public readonly float Repeats => Sum + Liked;

    /// <summary>When it became positive.</summary>
    public readonly long Since => Weight > 0 && Liked > 0 ? Math.Min(FirstAt, RatedAt) : Weight > 0 ? FirstAt : RatedAt;

    /// <summary>True for types whose newest event decides; a pair takes all of those before any other.</summary>
    public static bool JudgesByValue(EventType type) => type.Settings.Positive.Length > 0 || type.Settings.Negative.Length > 0;

    /// <summary>Takes one event in, at its place in the log.</summary>
    public void Add(EventType type, float? value, long at, int place)
    {
        var judgement = type.Judge(value);
        if (JudgesByValue(type))
        {
            // The log ascends by commit, so among equal times the later one is the newer.
            if (at >= RatedAt)
            {
                (Rated, RatedAt, RatedWeight, Rating) = (judgement, at, type.Settings.Weight, value ?? float.NaN);
            }

            if (judgement == Judgement.Negative && at >= NegativeAt)
            {
                (NegativeAt, NegativePlace) = (at, place);
            }
        }
        else if (judgement == Judgement.Positive && (at > NegativeAt || (at == NegativeAt && place > NegativePlace)))
        {
            FirstAt = Weight == 0 ? at : Math.Min(FirstAt, at);
            Weight = Math.Max(Weight, type.Settings.Weight);
            Sum += type.Settings.Weight;
        }
    }
}

/// <summary>The (user, item) pairs of a collection up to a time.</summary>
internal sealed class PairTable
{
    private readonly Dictionary<long, Pair> _pairs = [];
    private readonly int _users;
    private readonly int _items;
    private readonly CsrMatrix? _features;

    /// <summary>Adds up events before <paramref name="before"/> (microseconds).</summary>
    public PairTable(EventTable events, Collection collection, long before = long.MaxValue)
    {
        (_users, _items, _features) = (events.Users, events.Items, events.ItemFeatures);
        var types = collection.EventTypes.ToDictionary(type => type.Number);

        // Ratings first: what counts of the rest depends on the newest negative, wherever in the log it stands.
        foreach (var judging in (ReadOnlySpan<bool>)[true, false])
        {
            for (var place = 0; place < events.Count; place++)
            {
                var (user, item, number, value, at) = events[place];
                if (at < before && types.TryGetValue(number, out var type) && Pair.JudgesByValue(type) == judging)
                {
                    Add(((long)user << 32) | (uint)item, type, value, at, place);
                }
            }
        }
    }

    public IEnumerable<(int User, int Item, Pair Pair)> All => _pairs.Select(pair => ((int)(pair.Key >> 32), (int)pair.Key, pair.Value));

    /// <summary>True when the user has any event with the item.</summary>
    public bool Has(int user, int item) => _pairs.ContainsKey(((long)user << 32) | (uint)item);

    /// <summary>Pairs that are positive.</summary>
    public IEnumerable<(int User, int Item, Pair Pair)> Positives => All.Where(entry => entry.Pair.Positive > 0);

    /// <summary>What recommenders of taste train on, <b>[users x items]</b>: each positive pair once, with its type's weight.</summary>
    public Interactions ToPositives(Func<int, int, bool>? wanted = null) =>
        Build(Positives.Where(entry => wanted?.Invoke(entry.User, entry.Item) ?? true), pair => pair.Positive, pair => pair.Since);

    /// <summary>What co-purchase trains on: the same pairs, repeats added up.</summary>
    public Interactions ToRepeats(Func<int, int, bool>? wanted = null) =>
        Build(Positives.Where(entry => wanted?.Invoke(entry.User, entry.Item) ?? true), pair => pair.Repeats, pair => pair.Since);

    /// <summary>What the Bayesian mean trains on: every rating, also bad ones; null without any.</summary>
    public Interactions? ToRatings(Func<int, int, bool>? wanted = null)
    {
        var rated = All.Where(entry => !float.IsNaN(entry.Pair.Rating) && (wanted?.Invoke(entry.User, entry.Item) ?? true)).ToArray();
        return rated.Length == 0 ? null : Build(rated, _ => 1, pair => pair.RatedAt, withRatings: true);
    }

    private Interactions Build(IEnumerable<(int User, int Item, Pair Pair)> entries, Func<Pair, float> weight, Func<Pair, long> time, bool withRatings = false)
    {
        // Sorted by (user, item), the side arrays line up with the matrix's stored values.
        var sorted = entries.ToArray();
        Array.Sort(sorted, (a, b) => a.User != b.User ? a.User.CompareTo(b.User) : a.Item.CompareTo(b.Item));
        var starts = new long[_users + 1];
        var columns = new int[sorted.Length];
        var values = new float[sorted.Length];
        var times = new long[sorted.Length];
        var ratings = withRatings ? new float[sorted.Length] : null;
        for (var k = 0; k < sorted.Length; k++)
        {
            var (user, item, pair) = sorted[k];
            starts[user + 1]++;
            columns[k] = item;
            values[k] = weight(pair);
            times[k] = time(pair);
            if (ratings is not null)
            {
                ratings[k] = pair.Rating;
            }
        }

        for (var user = 0; user < _users; user++)
        {
            starts[user + 1] += starts[user];
        }

        return new Interactions(new CsrMatrix(_items, starts, columns, values), times, ratings, _features);
    }

    private void Add(long key, EventType type, float? value, long at, int place)
    {
        ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out var known);
        if (!known)
        {
            pair = Pair.Empty;
        }

        pair.Add(type, value, at, place);
    }
}
