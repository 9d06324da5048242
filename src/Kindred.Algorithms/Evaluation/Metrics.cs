using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Evaluation;

/// <summary>A metric of every evaluated user, with its mean.</summary>
public sealed class MetricSeries
{
    private readonly double[] _values;

    internal MetricSeries(string name, double[] values)
    {
        Name = name;
        _values = values;
        Mean = values.Length == 0 ? 0 : values.Sum() / values.Length;
        var squares = values.Sum(value => (value - Mean) * (value - Mean));

        // Normal approximation; the sample's own variance.
        HalfWidth = values.Length < 2 ? 0 : 1.959964 * Math.Sqrt(squares / (values.Length - 1) / values.Length);
    }

    /// <summary><c>ndcg@10</c> and the like.</summary>
    public string Name { get; }

    /// <summary>One value per user of <see cref="MetricReport.Users"/>, in [0, 1].</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>Mean over the users, 0 when there are none.</summary>
    public double Mean { get; }

    /// <summary>The 95 % interval of the mean is <see cref="Mean"/> plus and minus this.</summary>
    public double HalfWidth { get; }
}

/// <summary>All metrics of a set of lists.</summary>
/// <param name="Cut">Number of places looked at, k.</param>
/// <param name="Users">The users with test items, ascending; the series hold their values in this order.</param>
/// <param name="HitRate">1 if any place holds a test item.</param>
/// <param name="Recall">Found test items by all test items.</param>
/// <param name="RecallCapped">Found test items by all that k places could hold.</param>
/// <param name="Ndcg">Discounted gain by the best possible.</param>
/// <param name="Map">Precision at each hit, by all that k places could hold.</param>
/// <param name="Mrr">One by the place of the first hit.</param>
public sealed record MetricReport(
    int Cut,
    IReadOnlyList<int> Users,
    MetricSeries HitRate,
    MetricSeries Recall,
    MetricSeries RecallCapped,
    MetricSeries Ndcg,
    MetricSeries Map,
    MetricSeries Mrr)
{
    /// <summary>All series, in the order they are shown.</summary>
    public IReadOnlyList<MetricSeries> All => [HitRate, Recall, RecallCapped, Ndcg, Map, Mrr];
}

/// <summary>The metrics of <c>docs/algorithms/evaluation.md</c>.</summary>
public static class Metrics
{
    /// <summary>Compares lists with what the users took afterwards. Test items that could not be recommended count as missed.</summary>
    /// <param name="lists">One list per user.</param>
    /// <param name="test">Test items of the same users.</param>
    /// <param name="k">Places looked at, 1 or more and at most the length of the lists.</param>
    /// <exception cref="ArgumentException">The numbers of users differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1 or longer than the lists.</exception>
    public static MetricReport Compute(RankedLists lists, Interactions test, int k = 10)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, lists.Longest);
        if (lists.Users != test.Users)
        {
            throw new ArgumentException($"There are lists for {lists.Users} users and test items for {test.Users}.", nameof(test));
        }

        var users = Enumerable.Range(0, test.Users).Where(user => test.ByUser.RowLength(user) > 0).ToArray();
        var values = new double[6][];
        for (var metric = 0; metric < values.Length; metric++)
        {
            values[metric] = new double[users.Length];
        }

        for (var at = 0; at < users.Length; at++)
        {
            Judge(lists.Of(users[at]), test.ByUser.RowColumns(users[at]), k, values, at);
        }

        var s = 0;
        return new MetricReport(k, users, Series("hr"), Series("recall"), Series("recall_capped"), Series("ndcg"), Series("map"), Series("mrr"));

        MetricSeries Series(string name) => new($"{name}@{k}", values[s++]);
    }

    private static void Judge(ReadOnlySpan<int> list, ReadOnlySpan<int> wanted, int k, double[][] values, int at)
    {
        var hits = 0;
        var first = 0;
        var gain = 0.0;
        var precision = 0.0;
        for (var place = 1; place <= Math.Min(k, list.Length); place++)
        {
            if (wanted.BinarySearch(list[place - 1]) < 0)
            {
                continue;
            }

            hits++;
            first = first == 0 ? place : first;
            gain += 1 / Math.Log2(place + 1);
            precision += (double)hits / place;
        }

        var possible = Math.Min(k, wanted.Length);
        var ideal = 0.0;
        for (var place = 1; place <= possible; place++)
        {
            ideal += 1 / Math.Log2(place + 1);
        }

        values[0][at] = hits > 0 ? 1 : 0;
        values[1][at] = (double)hits / wanted.Length;
        values[2][at] = (double)hits / possible;
        values[3][at] = gain / ideal;
        values[4][at] = precision / possible;
        values[5][at] = first > 0 ? 1.0 / first : 0;
    }
}
