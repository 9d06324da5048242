using Kindred.Algorithms.Models.Popularity;
using Kindred.Recommendations.Models;

namespace Kindred.Recommendations.Films;

/// <summary>Films by the Bayesian mean of all ratings there are now, best first; see <c>docs/algorithms/popularity.md</c>.</summary>
internal sealed class BayesianOrder
{
    private Kept? _last;

    /// <summary>Items with ratings in their order; equal scores by id.</summary>
    public int[] Of(RatingTable table, int[] tieOrder)
    {
        var version = table.Version;
        if (Volatile.Read(ref _last) is { } last && ReferenceEquals(last.Table, table) && last.Version == version && ReferenceEquals(last.TieOrder, tieOrder))
        {
            return last.Order;
        }

        var (counts, sums) = table.ItemSums();
        var scores = BayesianMean.Of(counts, sums);
        int[] order = [.. Enumerable.Range(0, counts.Length).Where(item => counts[item] > 0)];
        Array.Sort(order, (a, b) => scores[b].CompareTo(scores[a]) is not 0 and var byScore ? byScore : Ties.Compare(tieOrder, a, b));
        Volatile.Write(ref _last, new Kept(table, version, tieOrder, order));
        return order;
    }

    private sealed record Kept(RatingTable Table, long Version, int[] TieOrder, int[] Order);
}
