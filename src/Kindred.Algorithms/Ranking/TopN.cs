using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Ranking;

/// <summary>Filtered selection of the best n of a dense row of scores.</summary>
public static class TopN
{
    /// <summary>
    /// Writes the best allowed items to <paramref name="best"/>, best first, and returns how many there are: <c>best.Length</c> whenever that
    /// many items are allowed. Equal scores are ordered by <see cref="Selection.TieOrder"/>, else by item number ascending; an item whose score
    /// is NaN is left out.
    /// <para><b>Cost</b>: one comparison per 8 items, and O(log n) per item that enters the list on the way; nothing is allocated.</para>
    /// </summary>
    /// <param name="scores"><b>[items]</b>.</param>
    /// <param name="selection">Which items are allowed, and the order among equals.</param>
    /// <param name="best"><b>[n]</b>.</param>
    public static int Select(ReadOnlySpan<float> scores, in Selection selection, Span<ScoredItem> best) =>
        Select(scores, selection, best, Simd.Path);

    internal static int Select(ReadOnlySpan<float> scores, in Selection selection, Span<ScoredItem> best, SimdPath path) =>
        path == SimdPath.Plain ? SelectPlain(scores, selection, best) : SelectVector(scores, selection, best);

    private static int SelectPlain(ReadOnlySpan<float> scores, in Selection selection, Span<ScoredItem> best)
    {
        var list = new BestItems(best, selection.TieOrder);
        for (var item = 0; item < scores.Length; item++)
        {
            if (selection.Allows(item))
            {
                list.Offer(item, scores[item]);
            }
        }

        return list.Finish();
    }

    /// <summary>A word of the mask (64 items) at a time: skipped when nothing in it is allowed, else compared with the worst score kept.</summary>
    private static int SelectVector(ReadOnlySpan<float> scores, in Selection selection, Span<ScoredItem> best)
    {
        var list = new BestItems(best, selection.TieOrder);
        var words = (scores.Length + 63) / 64;
        if (selection.IsRestricted)
        {
            words = Math.Min(words, selection.Allowed.Length);
        }

        for (var word = 0; word < words; word++)
        {
            var left = Math.Min(64, scores.Length - (word * 64));
            var candidates = selection.IsRestricted ? selection.Allowed[word] : ulong.MaxValue;
            candidates &= ulong.MaxValue >> (64 - left);
            if (candidates == 0)
            {
                continue;
            }

            var from = scores.Slice(word * 64, left);
            candidates &= NotBelow(from, list.Threshold);
            while (candidates != 0)
            {
                var bit = BitOperations.TrailingZeroCount(candidates);
                candidates &= candidates - 1;
                if (from[bit] >= list.Threshold)
                {
                    list.Offer((word * 64) + bit, from[bit]);
                }
            }
        }

        return list.Finish();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong NotBelow(ReadOnlySpan<float> scores, float threshold)
    {
        if (scores.Length < 64)
        {
            return ulong.MaxValue;
        }

        var limit = Vector256.Create(threshold);
        ref var first = ref MemoryMarshal.GetReference(scores);
        var mask = 0UL;
        for (var k = 0; k < 64; k += 8)
        {
            mask |= (ulong)Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)k), limit).ExtractMostSignificantBits() << k;
        }

        return mask;
    }
}
