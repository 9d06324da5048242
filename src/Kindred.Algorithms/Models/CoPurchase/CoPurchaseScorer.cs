using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoPurchase;

/// <summary>
/// The scores of <see cref="CoPurchaseModel"/> for single users without the matrix of all pairs: <c>Mᵀ(M h)</c> in place of <c>(MᵀM) h</c>.
/// It suits few users on data that has just changed; for many users, or many times, train the model. Safe for any number of threads.
/// Source: <c>docs/algorithms/co-purchase.md</c>. Cost: building sorts the purchases once; an answer reads the purchases of everybody who bought
/// any of the user's items.
/// </summary>
public sealed class CoPurchaseScorer
{
    private readonly Interactions _purchases;
    private readonly PopularityTies _ties;

    /// <param name="purchases">A weight is the number of purchases, 0 or more.</param>
    public CoPurchaseScorer(Interactions purchases)
    {
        ArgumentNullException.ThrowIfNull(purchases);
        _purchases = purchases;
        _ties = new PopularityTies(ItemWeightSums.Of(purchases));
    }

    /// <summary>Number of items.</summary>
    public int Items => _purchases.Items;

    /// <summary>Number of purchases that contain each item, <b>[items]</b>.</summary>
    public ReadOnlySpan<double> Popularity => _ties.Popularity;

    /// <summary>
    /// The best items a user has not bought, best first: score, then popularity, then <paramref name="selection"/>'s tie order. Items nobody bought are no
    /// candidates; a score of 0 is. A user beyond the matrix has no purchases and gets the most popular items. Scores are exact up to 2^24.
    /// </summary>
    /// <param name="user">Number of the user, 0 or more.</param>
    /// <param name="selection">Who may be answered; its tie order ranks equals.</param>
    /// <param name="best">Room for the answer; its length is how many are wanted.</param>
    /// <returns>How many there are.</returns>
    public int Recommend(int user, in Selection selection, Span<ScoredItem> best)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(user);
        var scores = new float[Items];
        var candidates = new ulong[(Items + 63) >> 6];
        for (var item = 0; item < Items; item++)
        {
            if (_ties.Popularity[item] > 0 && selection.Allows(item))
            {
                candidates[item >> 6] |= 1UL << (item & 63);
            }
        }

        if (user < _purchases.Users)
        {
            AddNeighbours(user, scores);
            foreach (var bought in _purchases.ByUser.RowColumns(user))
            {
                candidates[bought >> 6] &= ~(1UL << (bought & 63));
            }
        }

        return _ties.Select(scores, new Selection(candidates, selection.TieOrder), best);
    }

    private void AddNeighbours(int user, float[] scores)
    {
        var (byUser, byItem) = (_purchases.ByUser, _purchases.ByItem);
        Dictionary<int, double> alike = [];
        var items = byUser.RowColumns(user);
        var counts = byUser.RowValues(user);
        for (var k = 0; k < items.Length; k++)
        {
            var buyers = byItem.RowColumns(items[k]);
            var times = byItem.RowValues(items[k]);
            for (var b = 0; b < buyers.Length; b++)
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(alike, buyers[b], out _) += (double)counts[k] * times[b];
            }
        }

        foreach (var (buyer, weight) in alike)
        {
            var others = byUser.RowColumns(buyer);
            var times = byUser.RowValues(buyer);
            for (var k = 0; k < others.Length; k++)
            {
                scores[others[k]] += (float)(weight * times[k]);
            }
        }
    }
}
