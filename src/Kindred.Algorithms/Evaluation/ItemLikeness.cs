using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Evaluation;

/// <summary>
/// How alike two items are, in [0, 1]: the cosine of their features (categories, genres) where both have some, else the cosine of their columns of
/// interactions. Lists repeat the same pairs, so answers are kept, up to a limit; for one thread.
/// </summary>
internal sealed class ItemLikeness(Interactions train)
{
    private const int MostKept = 1 << 18;

    private readonly Dictionary<long, double> _kept = [];

    public double Of(int item, int other)
    {
        var (low, high) = (Math.Min(item, other), Math.Max(item, other));
        var key = ((long)low << 32) | (uint)high;
        if (_kept.TryGetValue(key, out var known))
        {
            return known;
        }

        var alike = train.ItemFeatures is { } features && features.RowLength(low) > 0 && features.RowLength(high) > 0
            ? Cosine(features, low, high)
            : Cosine(train.ByItem, low, high);
        if (_kept.Count < MostKept)
        {
            _kept.Add(key, alike);
        }

        return alike;
    }

    private static double Cosine(CsrMatrix rows, int a, int b)
    {
        // The shorter row asks, the longer one answers: a popular item's thousands of users are not gone through for a rare one.
        var (asking, answering) = rows.RowLength(a) <= rows.RowLength(b) ? (a, b) : (b, a);
        var columns = rows.RowColumns(asking);
        var values = rows.RowValues(asking);
        var among = rows.RowColumns(answering);
        var weights = rows.RowValues(answering);
        var sum = 0.0;
        for (var k = 0; k < columns.Length && among.Length > 0; k++)
        {
            var at = among.BinarySearch(columns[k]);
            if (at >= 0)
            {
                sum += (double)values[k] * weights[at];
            }

            var from = at < 0 ? ~at : at + 1;
            among = among[from..];
            weights = weights[from..];
        }

        return sum == 0 ? 0 : Math.Min(1, sum / Math.Sqrt(Squares(values) * Squares(rows.RowValues(answering))));
    }

    private static double Squares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
