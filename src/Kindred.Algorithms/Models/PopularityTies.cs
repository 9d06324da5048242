using System.Buffers;
using System.Runtime.InteropServices;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models;

/// <summary>
/// Selection of the best n where equal scores are settled by popularity first, then by <see cref="Selection.TieOrder"/>, then by item number.
/// So a history that links to nothing gets the most popular items, and a short list is filled up with them.
/// </summary>
internal sealed class PopularityTies
{
    private readonly int[] _levels;

    /// <param name="popularity"><b>[items]</b>, finite.</param>
    public PopularityTies(ReadOnlySpan<double> popularity)
    {
        Popularity = popularity.ToArray();
        var distinct = Popularity.Distinct().OrderDescending().ToArray();
        var levelOf = new Dictionary<double, int>(distinct.Length);
        for (var level = 0; level < distinct.Length; level++)
        {
            levelOf[distinct[level]] = level;
        }

        _levels = Array.ConvertAll(Popularity, value => levelOf[value]);
    }

    /// <summary>Popularity of each item, <b>[items]</b>.</summary>
    public double[] Popularity { get; }

    /// <summary>As <see cref="TopN"/>, with the tie rule above. Scores are 0 or more, and never -0.</summary>
    public int Select(ReadOnlySpan<float> scores, in Selection selection, Span<ScoredItem> best)
    {
        var count = TopN.Select(scores, selection.IsRestricted ? new Selection(selection.Allowed) : Selection.All, best);
        if (count == 0)
        {
            return 0;
        }

        // Items above the last score are the right ones and may only stand in the wrong order; of those at the last score others may be due.
        var last = best[count - 1].Score;
        var above = count;
        while (above > 0 && best[above - 1].Score <= last)
        {
            above--;
        }

        for (int from = 0, to; from < above; from = to)
        {
            to = from + 1;
            while (to < above && best[to].Score >= best[from].Score)
            {
                to++;
            }

            Reorder(best[from..to], selection);
        }

        Refill(scores, last, selection, best[above..count]);
        return count;
    }

    private void Reorder(Span<ScoredItem> run, in Selection selection)
    {
        if (run.Length == 1)
        {
            return;
        }

        var score = run[0].Score;
        var copy = ArrayPool<ScoredItem>.Shared.Rent(run.Length);
        run.CopyTo(copy);
        var list = new BestItems(run, selection.TieOrder);
        foreach (var (item, _) in copy.AsSpan(0, run.Length))
        {
            list.Offer(item, -_levels[item]);
        }

        ArrayPool<ScoredItem>.Shared.Return(copy);
        list.Finish();
        SetScores(run, score);
    }

    private void Refill(ReadOnlySpan<float> scores, float score, in Selection selection, Span<ScoredItem> run)
    {
        // As bits, because the search for an equal number is vectorised for integers only.
        var bits = MemoryMarshal.Cast<float, int>(scores);
        var wanted = BitConverter.SingleToInt32Bits(score);
        var list = new BestItems(run, selection.TieOrder);
        for (int at = 0, step; at < bits.Length && (step = bits[at..].IndexOf(wanted)) >= 0; at++)
        {
            at += step;
            if (selection.Allows(at))
            {
                list.Offer(at, -_levels[at]);
            }
        }

        list.Finish();
        SetScores(run, score);
    }

    private static void SetScores(Span<ScoredItem> run, float score)
    {
        foreach (ref var entry in run)
        {
            entry = entry with { Score = score };
        }
    }
}
