using System.Runtime.CompilerServices;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>One interaction as it is met in training.</summary>
internal readonly record struct HybridSample(int User, int Item, float Weight);

/// <summary>
/// Who is trained when. Users are cut into parts once, items into as many parts anew for every epoch. In round r of an epoch part p of the users
/// meets part (p + r) mod parts of the items, positives and negatives alike: the parts of one round share neither a user nor an item, so they
/// run side by side exactly as one after the other, and the number of threads changes nothing (Gemulla et al. 2011, stratified SGD).
/// Everything depends on the data and the seed only.
/// </summary>
internal sealed class HybridPlan
{
    private const int MostParts = 8;
    private const int LeastItems = 64;
    private const int LeastUsers = 16;
    private const int LeastSamples = 1024;

    private readonly Interactions _interactions;
    private readonly int _seed;
    private readonly int[][] _users;
    private readonly HybridSample[][] _samples;
    private readonly int[][] _ends;
    private readonly bool[] _occurs;
    private readonly int[] _items;
    private readonly byte[] _partOf;

    public HybridPlan(Interactions interactions, int seed)
    {
        _interactions = interactions;
        _seed = seed;
        _occurs = new bool[interactions.Items];
        foreach (var item in interactions.ByUser.AllColumns)
        {
            _occurs[item] = true;
        }

        _items = [.. Enumerable.Range(0, interactions.Items).Where(Occurs)];
        _partOf = new byte[interactions.Items];
        var users = Enumerable.Range(0, interactions.Users).Where(user => interactions.ByUser.RowLength(user) > 0).ToArray();
        Parts = (int)Math.Clamp(
            Math.Min(Math.Min(_items.Length / LeastItems, users.Length / LeastUsers), interactions.Count / LeastSamples), 1, MostParts);

        // Users in random order, each to the part that has the fewest interactions so far.
        Shuffle(users, new SeededRandom(seed, stream: -1));
        var parts = Enumerable.Range(0, Parts).Select(_ => new List<int>()).ToArray();
        var loads = new long[Parts];
        foreach (var user in users)
        {
            var lightest = Array.IndexOf(loads, loads.Min());
            parts[lightest].Add(user);
            loads[lightest] += interactions.ByUser.RowLength(user);
        }

        _users = Array.ConvertAll(parts, part => part.ToArray());
        _samples = Array.ConvertAll(loads, load => new HybridSample[load]);
        _ends = Array.ConvertAll(parts, _ => new int[Parts + 1]);
    }

    /// <summary>Number of parts, and of rounds in an epoch.</summary>
    public int Parts { get; }

    /// <summary>Items with interactions: only they are drawn as negatives, so an item nobody met yet is not pushed down.</summary>
    public int Candidates => _items.Length;

    /// <summary>True when the item has interactions.</summary>
    public bool Occurs(int item) => _occurs[item];

    /// <summary>Cuts the items for an epoch. Then <see cref="Sort"/> each part of the users.</summary>
    public void Cut(int epoch)
    {
        Shuffle(_items, new SeededRandom(_seed, StreamOf(epoch, Parts)));
        for (var part = 0; part < Parts; part++)
        {
            foreach (var item in ItemsOf(part))
            {
                _partOf[item] = (byte)part;
            }
        }
    }

    /// <summary>The items of a part in this epoch.</summary>
    public ReadOnlySpan<int> ItemsOf(int part)
    {
        var from = (int)((long)_items.Length * part / Parts);
        return _items.AsSpan(from, (int)((long)_items.Length * (part + 1) / Parts) - from);
    }

    /// <summary>Sorts the interactions of a part of the users by the items' parts; users in random order, each user's together. Parts may be sorted side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sort(int part, int epoch)
    {
        var users = _users[part];
        var ends = _ends[part].AsSpan();
        Shuffle(users, new SeededRandom(_seed, StreamOf(epoch, part)));
        ends.Clear();
        foreach (var user in users)
        {
            foreach (var item in _interactions.ByUser.RowColumns(user))
            {
                ends[_partOf[item] + 1]++;
            }
        }

        for (var p = 0; p < Parts; p++)
        {
            ends[p + 1] += ends[p];
        }

        // Each end is a start while it is filled, and afterwards the start of the next.
        var samples = _samples[part];
        foreach (var user in users)
        {
            var items = _interactions.ByUser.RowColumns(user);
            var weights = _interactions.ByUser.RowValues(user);
            for (var k = 0; k < items.Length; k++)
            {
                samples[ends[_partOf[items[k]]]++] = new HybridSample(user, items[k], weights[k]);
            }
        }
    }

    /// <summary>What part <paramref name="users"/> of the users has to do with part <paramref name="items"/> of the items.</summary>
    public ReadOnlySpan<HybridSample> Samples(int users, int items)
    {
        var from = items == 0 ? 0 : _ends[users][items - 1];
        return _samples[users].AsSpan(from, _ends[users][items] - from);
    }

    /// <summary>The stream of random numbers of a part in an epoch, below <see cref="int.MaxValue"/> for any epochs there can be.</summary>
    public static int StreamOf(int epoch, int part) => ((epoch + 1) * (MostParts + 1)) + part;

    /// <summary>In [0, limit), by multiplication; the excess of some numbers, below limit / 2^32, is nothing here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Below(ref SeededRandom random, int limit) => (int)(((random.Next() >> 32) * (uint)limit) >> 32);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shuffle(Span<int> values, SeededRandom random)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = Below(ref random, last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }
}
