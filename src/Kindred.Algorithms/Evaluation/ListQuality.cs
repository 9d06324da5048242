using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Evaluation;

/// <summary>
/// What lists are like beyond being right: coverage, novelty, diversity within a list and popularity bias, for all users and by segment.
/// Source and formulas: <c>docs/algorithms/evaluation.md</c>.
/// </summary>
public static class ListQuality
{
    /// <summary>
    /// Judges the first <paramref name="k"/> places of every list whose user has a history; who has none is answered as a stranger and would only
    /// repeat that one list. Candidates are the items that occur in <paramref name="train"/> or in a list; one that nobody has counts as one user's.
    /// <para><b>Returns</b> <c>all</c>, <c>cold</c>, <c>medium</c>, <c>heavy</c>, in this order; an empty segment is all zeros.</para>
    /// <para><b>Cost</b>: k² / 2 cosines of item columns a list, most of them met before; one count an item and segment. The result does not depend on
    /// <paramref name="threads"/>.</para>
    /// </summary>
    /// <param name="lists">One list per user.</param>
    /// <param name="train">Histories, and features of items where they are known.</param>
    /// <param name="accuracy">Metrics of the same lists; null leaves NDCG at 0.</param>
    /// <param name="options">Bounds of the segments.</param>
    /// <param name="k">Places looked at, 1 or more; shorter lists count as they are.</param>
    /// <param name="threads">Number of threads, 1 or more.</param>
    /// <param name="cancellation">Ends with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The numbers of users differ, a list holds an unknown item, or the bounds of the segments cross.</exception>
    public static IReadOnlyList<SegmentQuality> Compute(
        RankedLists lists, Interactions train, MetricReport? accuracy = null, SegmentOptions? options = null, int k = 10, int threads = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        options ??= new SegmentOptions();
        if (lists.Users != train.Users)
        {
            throw new ArgumentException($"There are lists for {lists.Users} users and histories of {train.Users}.", nameof(train));
        }

        if (options.HeavyFrom < options.MediumFrom)
        {
            throw new ArgumentException($"HeavyFrom ({options.HeavyFrom}) is not below MediumFrom ({options.MediumFrom}).", nameof(options));
        }

        var users = Enumerable.Range(0, train.Users).Where(user => train.ByUser.RowLength(user) > 0).ToArray();
        var holders = Holders(train);
        var candidates = Candidates(lists, users, k, holders);
        var judged = new Judged[users.Length];
        _ = train.ByItem;
        Parallel.For(
            0,
            users.Length,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new ItemLikeness(train),
            (at, _, likeness) =>
            {
                judged[at] = Judge(Head(lists, users[at], k, train.Items), holders, users.Length, likeness);
                return likeness;
            },
            _ => { });

        return
        [
            Sum("all", 0, int.MaxValue),
            Sum("cold", 0, options.MediumFrom),
            Sum("medium", options.MediumFrom, options.HeavyFrom),
            Sum("heavy", options.HeavyFrom, int.MaxValue),
        ];

        SegmentQuality Sum(string name, int from, int below)
        {
            var segment = new Segment(name, train.Items);
            var next = 0;
            for (var at = 0; at < users.Length; at++)
            {
                var length = train.ByUser.RowLength(users[at]);
                if (length < from || length >= below)
                {
                    continue;
                }

                while (accuracy is not null && next < accuracy.Users.Count && accuracy.Users[next] < users[at])
                {
                    next++;
                }

                double? ndcg = accuracy is not null && next < accuracy.Users.Count && accuracy.Users[next] == users[at] ? accuracy.Ndcg.Values[next] : null;
                segment.Add(Head(lists, users[at], k, train.Items), judged[at], ndcg);
            }

            return segment.ToQuality(candidates);
        }
    }

    /// <summary>Inequality of counts that add up to more than 0: 0 where all are equal, (n - 1) / n where one of n has everything. Sorts in place.</summary>
    internal static double Gini(Span<int> counts)
    {
        counts.Sort();
        double sum = 0, weighted = 0;
        for (var k = 0; k < counts.Length; k++)
        {
            sum += counts[k];
            weighted += ((2.0 * (k + 1)) - counts.Length - 1) * counts[k];
        }

        return sum == 0 ? 0 : weighted / (counts.Length * sum);
    }

    private static ReadOnlySpan<int> Head(RankedLists lists, int user, int k, int items)
    {
        var list = lists.Of(user);
        list = list[..Math.Min(k, list.Length)];
        foreach (var item in list)
        {
            if ((uint)item >= (uint)items)
            {
                throw new ArgumentException($"The list of user {user} holds item {item}; items are numbered from 0 to {items - 1}.", nameof(lists));
            }
        }

        return list;
    }

    // How many users have an item.
    private static int[] Holders(Interactions train)
    {
        var holders = new int[train.Items];
        foreach (var item in train.ByUser.AllColumns)
        {
            holders[item]++;
        }

        return holders;
    }

    private static int Candidates(RankedLists lists, int[] users, int k, int[] holders)
    {
        var candidate = Array.ConvertAll(holders, count => count > 0);
        foreach (var user in users)
        {
            foreach (var item in Head(lists, user, k, holders.Length))
            {
                candidate[item] = true;
            }
        }

        return candidate.AsSpan().Count(true);
    }

    private static Judged Judge(ReadOnlySpan<int> list, int[] holders, int users, ItemLikeness likeness)
    {
        double information = 0, popularity = 0, alike = 0;
        for (var a = 0; a < list.Length; a++)
        {
            popularity += (double)holders[list[a]] / users;
            information += Math.Log2((double)users / Math.Max(1, holders[list[a]]));
            for (var b = a + 1; b < list.Length; b++)
            {
                alike += likeness.Of(list[a], list[b]);
            }
        }

        var pairs = list.Length * (list.Length - 1) / 2;
        return list.Length == 0
            ? new Judged(0, 0, double.NaN)
            : new Judged(information / list.Length, popularity / list.Length, pairs == 0 ? double.NaN : 1 - (alike / pairs));
    }

    private readonly record struct Judged(double Novelty, double Popularity, double Diversity);

    private sealed class Segment(string name, int items)
    {
        private readonly int[] _shown = new int[items];
        private int _users;
        private int _lists;
        private int _pairs;
        private int _tested;
        private double _ndcg;
        private double _novelty;
        private double _popularity;
        private double _diversity;

        public void Add(ReadOnlySpan<int> list, Judged judged, double? ndcg)
        {
            _users++;
            _tested += ndcg is null ? 0 : 1;
            _ndcg += ndcg ?? 0;
            if (list.Length == 0)
            {
                return;
            }

            foreach (var item in list)
            {
                _shown[item]++;
            }

            _lists++;
            _novelty += judged.Novelty;
            _popularity += judged.Popularity;
            if (!double.IsNaN(judged.Diversity))
            {
                _pairs++;
                _diversity += judged.Diversity;
            }
        }

        public SegmentQuality ToQuality(int candidates)
        {
            // What is no candidate is in no list: sorted, those zeros come first and are left out.
            var shown = _shown.AsSpan();
            shown.Sort();
            shown = shown[(shown.Length - candidates)..];
            return new SegmentQuality(
                name,
                _users,
                _tested,
                Mean(_ndcg, _tested),
                Mean(shown.Length - shown.Count(0), candidates),
                Mean(_novelty, _lists),
                Mean(_diversity, _pairs),
                Gini(shown),
                Mean(_popularity, _lists));
        }

        private static double Mean(double sum, int count) => count == 0 ? 0 : sum / count;
    }
}
