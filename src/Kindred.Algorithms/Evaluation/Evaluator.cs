using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Evaluation;

/// <summary>Asks a model for every user's list: full ranking, no sampled negatives.</summary>
public static class Evaluator
{
    /// <summary>
    /// The best <paramref name="n"/> of each user, from the user's row of <paramref name="train"/> as history (newest first where times are known,
    /// else by item number). Candidates are the items that occur in <paramref name="train"/> minus the user's own. The result does not depend on
    /// <paramref name="threads"/>.
    /// </summary>
    /// <param name="model">Scores at least the items of <paramref name="train"/>.</param>
    /// <param name="train">Histories and candidates.</param>
    /// <param name="n">Length of a list, 1 or more.</param>
    /// <param name="tieOrder">Rank of each item among equal scores; empty means by item number.</param>
    /// <param name="threads">Number of threads, 1 or more.</param>
    /// <param name="cancellation">Ends with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The model scores another number of items.</exception>
    public static RankedLists Rank(
        IModel model, Interactions train, int n, ReadOnlySpan<int> tieOrder = default, int threads = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        return Rank(model, train, Occurring(train), n, tieOrder, threads, cancellation);
    }

    /// <summary>The same for some users of a larger world: <paramref name="candidates"/> says which items occur in it.</summary>
    /// <param name="model">Scores at least the items of <paramref name="train"/>.</param>
    /// <param name="train">Histories.</param>
    /// <param name="candidates">Bit mask of the items, as in <see cref="Selection"/>; the user's own are taken out of it.</param>
    /// <param name="n">Length of a list, 1 or more.</param>
    /// <param name="tieOrder">Rank of each item among equal scores; empty means by item number.</param>
    /// <param name="threads">Number of threads, 1 or more.</param>
    /// <param name="cancellation">Ends with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The model scores another number of items, or the mask is not of as many.</exception>
    public static RankedLists Rank(
        IModel model, Interactions train, ulong[] candidates, int n, ReadOnlySpan<int> tieOrder = default, int threads = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (model.Items != train.Items)
        {
            throw new ArgumentException($"The model scores {model.Items} items, the interactions have {train.Items}.", nameof(model));
        }

        if (candidates.Length != (train.Items + 63) / 64)
        {
            throw new ArgumentException($"A mask of {train.Items} items has {(train.Items + 63) / 64} words, not {candidates.Length}.", nameof(candidates));
        }

        var order = tieOrder.ToArray();
        var items = new int[checked(train.Users * n)];
        var lengths = new int[train.Users];
        Parallel.For(
            0,
            train.Users,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new Asker(model, train, n, candidates, order),
            (user, _, asker) =>
            {
                lengths[user] = asker.Ask(user, items.AsSpan(user * n, n));
                return asker;
            },
            _ => { });
        return new RankedLists(n, items, lengths);
    }

    /// <summary>Bit mask of the items that occur at all.</summary>
    internal static ulong[] Occurring(Interactions train)
    {
        var mask = new ulong[(train.Items + 63) / 64];
        foreach (var item in train.ByUser.AllColumns)
        {
            mask[item >> 6] |= 1UL << (item & 63);
        }

        return mask;
    }

    /// <summary>A user's row as history: newest first where times are known (equal times keep the item order), else by item number.</summary>
    internal static FoldedHistory Newest(Interactions train, int user)
    {
        var seen = train.ByUser.RowColumns(user);
        var weights = train.ByUser.RowValues(user);
        if (train.Times is not { } times)
        {
            return new FoldedHistory(new History(seen, weights), train.Items);
        }

        // Age first, then position: a stable sort, so that equal times keep the item order.
        var from = (int)train.ByUser.RowStarts[user];
        var keys = new (long Age, int At)[seen.Length];
        for (var k = 0; k < keys.Length; k++)
        {
            keys[k] = (-times[from + k], k);
        }

        Array.Sort(keys);
        var items = new int[seen.Length];
        var sorted = new float[seen.Length];
        for (var k = 0; k < keys.Length; k++)
        {
            items[k] = seen[keys[k].At];
            sorted[k] = weights[keys[k].At];
        }

        return new FoldedHistory(new History(items, sorted), train.Items);
    }

    private sealed class Asker(IModel model, Interactions train, int n, ulong[] occurring, int[] tieOrder)
    {
        private readonly ulong[] _allowed = [.. occurring];
        private readonly ScoredItem[] _best = new ScoredItem[n];

        public int Ask(int user, Span<int> list)
        {
            var seen = train.ByUser.RowColumns(user);
            foreach (var item in seen)
            {
                _allowed[item >> 6] &= ~(1UL << (item & 63));
            }

            var count = model.Recommend(Fold(user), new Selection(_allowed, tieOrder), _best);
            for (var k = 0; k < count; k++)
            {
                list[k] = _best[k].Item;
            }

            foreach (var item in seen)
            {
                _allowed[item >> 6] |= 1UL << (item & 63);
            }

            return count;
        }

        private FoldedHistory Fold(int user)
        {
            var history = Newest(train, user);
            return model.Fold(new History(history.Items, history.Weights));
        }
    }
}
