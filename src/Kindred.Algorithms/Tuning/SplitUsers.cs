using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Tuning;

/// <summary>Splits of fewer users: what the early rungs of a search train on, and whom it judges by.</summary>
internal static class SplitUsers
{
    /// <summary>A share of the users, drawn with the seed, on both sides.</summary>
    public static Split Sample(Split split, double share, int seed) => Of(split, Drawn(Enumerable.Range(0, split.Train.Users).ToArray(), (int)Math.Ceiling(share * split.Train.Users), seed));

    /// <summary>The users with something on both sides, at most <paramref name="most"/> of them, drawn with the seed.</summary>
    public static Split Most(Split split, int most, int seed)
    {
        var users = Enumerable.Range(0, split.Train.Users).Where(user => split.Train.ByUser.RowLength(user) > 0 && split.Test.ByUser.RowLength(user) > 0).ToArray();
        return Of(split, Drawn(users, most, seed));
    }

    private static int[] Drawn(int[] users, int count, int seed)
    {
        if (users.Length > count)
        {
            new SeededRandom(seed, 0).Shuffle(users);
            users = users[..count];
            Array.Sort(users);
        }

        return users;
    }

    private static Split Of(Split split, int[] users) => new(Rows(split.Train, users), Rows(split.Test, users));

    private static Interactions Rows(Interactions data, int[] users)
    {
        var starts = new long[users.Length + 1];
        for (var k = 0; k < users.Length; k++)
        {
            starts[k + 1] = starts[k] + data.ByUser.RowLength(users[k]);
        }

        var columns = new int[starts[^1]];
        var values = new float[starts[^1]];
        var times = data.Times is null ? null : new long[starts[^1]];
        var ratings = data.Ratings is null ? null : new float[starts[^1]];
        for (var k = 0; k < users.Length; k++)
        {
            var (from, to, length) = ((int)data.ByUser.RowStarts[users[k]], (int)starts[k], data.ByUser.RowLength(users[k]));
            data.ByUser.RowColumns(users[k]).CopyTo(columns.AsSpan(to));
            data.ByUser.RowValues(users[k]).CopyTo(values.AsSpan(to));
            data.Times?.AsSpan(from, length).CopyTo(times.AsSpan(to));
            data.Ratings?.AsSpan(from, length).CopyTo(ratings.AsSpan(to));
        }

        return new Interactions(new CsrMatrix(data.Items, starts, columns, values), times, ratings, data.ItemFeatures);
    }
}
