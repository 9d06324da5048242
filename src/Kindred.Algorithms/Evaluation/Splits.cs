using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Evaluation;

/// <summary>Interactions cut in two. Both sides keep the numbering of users and items.</summary>
/// <param name="Train">What models learn from.</param>
/// <param name="Test">What they are asked for.</param>
public sealed record Split(Interactions Train, Interactions Test);

/// <summary>
/// The splits of <c>docs/algorithms/evaluation.md</c>. All are pure functions of their arguments. Users with fewer than
/// <c>leastPerUser</c> interactions are left out of both sides.
/// </summary>
public static class Splits
{
    /// <summary>P1: of each user <c>max(1, floor(share × n))</c> interactions, drawn at random, go to the test.</summary>
    /// <param name="data">Interactions.</param>
    /// <param name="share">Above 0 and below 1.</param>
    /// <param name="seed">Each user draws from a stream of its own, seeded with this and the user's number.</param>
    /// <param name="leastPerUser">2 or more: a user keeps at least one interaction to learn from.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Split RandomPerUser(Interactions data, double share = 0.2, int seed = 42, int leastPerUser = 5)
    {
        ArgumentNullException.ThrowIfNull(data);
        CheckShare(share);
        return PerUser(data, leastPerUser, (user, positions, test) =>
        {
            new SeededRandom(seed, user).Shuffle(positions);
            var count = Math.Max(1, (int)(share * positions.Length));
            foreach (var position in positions[..count])
            {
                test[position] = true;
            }
        });
    }

    /// <summary>P2: of each user the newest interaction goes to the test; of equally new ones that of the largest item number.</summary>
    /// <exception cref="ArgumentException">The interactions have no times.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="leastPerUser"/> is below 2.</exception>
    public static Split LeaveLastOut(Interactions data, int leastPerUser = 5)
    {
        ArgumentNullException.ThrowIfNull(data);
        var times = TimesOf(data);
        return PerUser(data, leastPerUser, (_, positions, test) =>
        {
            var last = positions[0];
            foreach (var position in positions)
            {
                last = times[position] >= times[last] ? position : last;
            }

            test[last] = true;
        });
    }

    /// <summary>
    /// Global time: interactions at or after the time below which <paramref name="quantile"/> of all lie go to the test, so nothing is learnt from
    /// the future. Users without an interaction before it stay out of the test: they are strangers to the model.
    /// </summary>
    /// <exception cref="ArgumentException">The interactions have no times.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="quantile"/> is not above 0 and below 1.</exception>
    public static Split GlobalTime(Interactions data, double quantile = 0.8)
    {
        ArgumentNullException.ThrowIfNull(data);
        CheckShare(quantile);
        var times = TimesOf(data);
        if (times.Length == 0)
        {
            return new Split(data, data);
        }

        var sorted = (long[])times.Clone();
        Array.Sort(sorted);
        var cut = sorted[(int)(quantile * sorted.Length)];
        var train = new bool[times.Length];
        var test = new bool[times.Length];
        for (var user = 0; user < data.Users; user++)
        {
            var from = (int)data.ByUser.RowStarts[user];
            var to = (int)data.ByUser.RowStarts[user + 1];
            var known = false;
            for (var k = from; k < to; k++)
            {
                train[k] = times[k] < cut;
                known |= train[k];
            }

            for (var k = from; k < to; k++)
            {
                test[k] = known && !train[k];
            }
        }

        return new Split(Part(data, train), Part(data, test));
    }

    private delegate void Choose(int user, Span<int> positions, bool[] test);

    private static Split PerUser(Interactions data, int leastPerUser, Choose choose)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(leastPerUser, 2);
        var train = new bool[data.Count];
        var test = new bool[data.Count];
        for (var user = 0; user < data.Users; user++)
        {
            var from = (int)data.ByUser.RowStarts[user];
            var positions = Enumerable.Range(from, data.ByUser.RowLength(user)).ToArray();
            if (positions.Length < leastPerUser)
            {
                continue;
            }

            choose(user, positions, test);
            for (var k = from; k < from + positions.Length; k++)
            {
                train[k] = !test[k];
            }
        }

        return new Split(Part(data, train), Part(data, test));
    }

    private static Interactions Part(Interactions data, bool[] keep)
    {
        var starts = new long[data.Users + 1];
        var kept = new List<int>();
        for (var user = 0; user < data.Users; user++)
        {
            for (var k = (int)data.ByUser.RowStarts[user]; k < data.ByUser.RowStarts[user + 1]; k++)
            {
                if (keep[k])
                {
                    kept.Add(k);
                }
            }

            starts[user + 1] = kept.Count;
        }

        var matrix = new CsrMatrix(data.Items, starts, Pick(data.ByUser.AllColumns, kept), Pick(data.ByUser.AllValues, kept));
        return new Interactions(matrix, data.Times is { } times ? Pick<long>(times, kept) : null, data.Ratings is { } ratings ? Pick<float>(ratings, kept) : null, data.ItemFeatures);
    }

    private static T[] Pick<T>(ReadOnlySpan<T> values, List<int> positions)
    {
        var picked = new T[positions.Count];
        for (var k = 0; k < picked.Length; k++)
        {
            picked[k] = values[positions[k]];
        }

        return picked;
    }

    private static long[] TimesOf(Interactions data) =>
        data.Times ?? throw new ArgumentException("A split by time needs times, and these interactions have none.", nameof(data));

    private static void CheckShare(double share)
    {
        if (!(share > 0 && share < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies above 0 and below 1.");
        }
    }
}
