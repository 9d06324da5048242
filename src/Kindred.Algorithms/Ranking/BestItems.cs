namespace Kindred.Algorithms.Ranking;

/// <summary>
/// The best items met so far, kept in the caller's span as a heap whose root is the worst of them. Order: score descending, then tie order,
/// then item number; a total order, so the result does not depend on the order items are offered in. NaN is never kept.
/// </summary>
internal ref struct BestItems
{
    private readonly Span<ScoredItem> _heap;
    private readonly ReadOnlySpan<int> _tieOrder;
    private int _count;

    public BestItems(Span<ScoredItem> room, ReadOnlySpan<int> tieOrder)
    {
        _heap = room;
        _tieOrder = tieOrder;
        Threshold = room.Length == 0 ? float.PositiveInfinity : float.NegativeInfinity;
    }

    /// <summary>Scores below it cannot enter any more; equal ones may, by their tie order.</summary>
    public float Threshold { get; private set; }

    /// <summary>Takes the item if it is among the best.</summary>
    public void Offer(int item, float score)
    {
        if (float.IsNaN(score))
        {
            return;
        }

        var offered = new ScoredItem(item, score);
        if (_count < _heap.Length)
        {
            SiftUp(offered);
        }
        else if (_count > 0 && Precedes(offered, _heap[0]))
        {
            SiftDown(offered, _count);
        }

        if (_count == _heap.Length && _count > 0)
        {
            Threshold = _heap[0].Score;
        }
    }

    /// <summary>Sorts the span best first and returns how many there are.</summary>
    public int Finish()
    {
        for (var end = _count - 1; end > 0; end--)
        {
            var worst = _heap[0];
            SiftDown(_heap[end], end);
            _heap[end] = worst;
        }

        return _count;
    }

    private readonly bool Precedes(ScoredItem a, ScoredItem b) =>
        a.Score > b.Score || (a.Score == b.Score && Rank(a.Item) < Rank(b.Item));

    // The item number in the low half settles equal ranks; items past the end come after the largest rank there can be.
    private readonly long Rank(int item) => item < _tieOrder.Length
        ? ((long)_tieOrder[item] << 32) | (uint)item
        : 0x7FFF_FFFF_8000_0000L | (uint)item;

    private void SiftUp(ScoredItem offered)
    {
        var at = _count++;
        while (at > 0 && Precedes(_heap[(at - 1) / 2], offered))
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = offered;
    }

    private readonly void SiftDown(ScoredItem item, int count)
    {
        var at = 0;
        while ((2 * at) + 1 < count)
        {
            var child = (2 * at) + 1;
            if (child + 1 < count && Precedes(_heap[child], _heap[child + 1]))
            {
                child++;
            }

            if (!Precedes(item, _heap[child]))
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = item;
    }
}
