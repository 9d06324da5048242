using System.Buffers;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models;

/// <summary>
/// Scoring by summing rows, <c>score(j) = sum over history entries i of weight_i * S[i, j]</c>, with S <b>[items x items]</b> sparse; EASE has
/// values below 0. Entries are added in their order, so shares of <see cref="Explain"/> summed in that order give the score to the bit.
/// <para><b>Cost</b> of a score: the items, plus the lengths of the history's rows; nothing is allocated.</para>
/// </summary>
internal sealed class ItemRows(CsrMatrix rows, PopularityTies ties)
{
    public int Items => rows.Rows;

    public CsrMatrix Rows => rows;

    public PopularityTies Ties => ties;

    public void Score(FoldedHistory folded, Span<float> scores)
    {
        ModelShape.Check(folded, Items);
        ModelShape.CheckScores(scores.Length, Items);
        Sum(folded, scores);
    }

    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best)
    {
        ModelShape.Check(folded, Items);
        var rented = ArrayPool<float>.Shared.Rent(Items);
        var scores = rented.AsSpan(0, Items);
        Sum(folded, scores);
        var count = ties.Select(scores, selection, best);
        ArrayPool<float>.Shared.Return(rented);
        return count;
    }

    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
    {
        ModelShape.Check(folded, Items);
        ModelShape.CheckShares(items, shares.Length, folded, Items);
        for (var row = 0; row < items.Length; row++)
        {
            for (var entry = 0; entry < folded.Count; entry++)
            {
                shares[(row * folded.Count) + entry] = folded.Weights[entry] * rows.ValueAt(folded.Items[entry], items[row]);
            }
        }
    }

    public bool Similar(int item, Span<float> scores)
    {
        ModelShape.CheckItem(item, Items);
        ModelShape.CheckScores(scores.Length, Items);
        scores.Clear();
        var columns = rows.RowColumns(item);
        var values = rows.RowValues(item);
        for (var k = 0; k < columns.Length; k++)
        {
            scores[columns[k]] = values[k];
        }

        return true;
    }

    private void Sum(FoldedHistory folded, Span<float> scores)
    {
        scores.Clear();
        for (var entry = 0; entry < folded.Count; entry++)
        {
            var weight = folded.Weights[entry];
            var columns = rows.RowColumns(folded.Items[entry]);
            var values = rows.RowValues(folded.Items[entry]);
            for (var k = 0; k < columns.Length; k++)
            {
                scores[columns[k]] += weight * values[k];
            }
        }
    }
}
