using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Ranking;

/// <summary>
/// The best items of a factor model by scalar product, exactly as if every item were scored in float, at the price of reading one byte per
/// factor. Factors are kept a second time as 8-bit codes; a query in 7 bits gives approximate scores and, by Cauchy and Schwarz, an upper
/// bound of each item's score. Only items whose bound reaches the worst score kept so far are scored in float. Items lie in the order of
/// falling length, so the list is good early and the search ends where the length alone rules out the rest.
/// Immutable, safe for any number of threads; a search allocates nothing. How it works: <c>docs/algorithms/als.md</c>.
/// </summary>
internal sealed unsafe class FactorIndex
{
    private const int Lanes = 8;
    private const float QuerySteps = 63;
    private const float ItemSteps = 127;

    /// <summary>Covers, relative to the product of the lengths, every rounding on the way: float sums of up to 512 terms, the approximation, the bound.</summary>
    private const float Slack = 1e-5f;

    /// <summary>Covers what is lost where products fall below the smallest normal float.</summary>
    private const float TinySlack = 1e-36f;

    /// <summary>Beyond this product of lengths the approximation might overflow; such factors are scored one by one.</summary>
    private const double LargestProduct = 1e30;

    private readonly float[] _factors;
    private readonly int _stride;
    private readonly int _groups;
    private readonly sbyte[] _codes;
    private readonly int[] _items;
    private readonly int[] _sums;
    private readonly float[] _scales;
    private readonly float[] _lengths;
    private readonly float[] _errors;

    /// <param name="factors"><b>[items x stride]</b>, kept, not copied; finite.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="stride">Factors of an item, a multiple of 8, at most 512.</param>
    public FactorIndex(float[] factors, int items, int stride)
    {
        _factors = factors;
        _stride = stride;
        _groups = stride / 4;
        Items = items;
        var padded = (items + Lanes - 1) / Lanes * Lanes;
        _codes = new sbyte[padded * stride];
        _sums = new int[padded];
        _scales = new float[padded];
        _lengths = new float[padded];
        _errors = new float[padded];
        _items = new int[padded];
        _items.AsSpan().Fill(-1);
        var lengths = new double[items];
        for (var item = 0; item < items; item++)
        {
            lengths[item] = -Length(factors.AsSpan(item * stride, stride));
            _items[item] = item;
        }

        Array.Sort(lengths, _items, 0, items);
        for (var position = 0; position < items; position++)
        {
            Encode(position, -lengths[position]);
        }
    }

    public int Items { get; }

    /// <summary>As <see cref="TopN.Select(ReadOnlySpan{float}, in Selection, Span{ScoredItem})"/> over the scores query x item.</summary>
    /// <param name="query"><b>[stride]</b>, finite.</param>
    /// <param name="selection">Which items are allowed.</param>
    /// <param name="best"><b>[n]</b>.</param>
    public int Search(ReadOnlySpan<float> query, in Selection selection, Span<ScoredItem> best) => Search(query, selection, best, Simd.Path, out _);

    internal int Search(ReadOnlySpan<float> query, in Selection selection, Span<ScoredItem> best, SimdPath path, out int scored)
    {
        var length = Length(query);
        var list = new BestItems(best, selection.TieOrder);
        scored = 0;
        if (path == SimdPath.Plain || length == 0 || Items == 0 || !(length * _lengths[0] < LargestProduct) || IsNarrow(selection))
        {
            ScoreEach(query, selection, ref list);
        }
        else
        {
            scored = Scan(query, length, selection, ref list);
        }

        return list.Finish();
    }

    private static double Length(ReadOnlySpan<float> row)
    {
        var squares = 0.0;
        foreach (var value in row)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }

    private static float Up(double value) => (float)(value * (1 + 1e-6));

    private void Encode(int position, double length)
    {
        var row = Row(_items[position]);
        var largest = 0f;
        foreach (var value in row)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var scale = largest / ItemSteps;
        var at = (position / Lanes * Lanes * _stride) + (position % Lanes * 4);
        double squares = 0, coded = 0;
        for (var f = 0; f < _stride; f++)
        {
            var code = scale > 0 ? (int)Math.Clamp(MathF.Round(row[f] / scale), -ItemSteps, ItemSteps) : 0;
            _codes[at + (f / 4 * Lanes * 4) + (f % 4)] = (sbyte)code;
            _sums[position] += code;
            var error = row[f] - ((double)scale * code);
            squares += error * error;
            coded += (double)scale * code * scale * code;
        }

        _scales[position] = scale;
        _lengths[position] = Up(Math.Max(length, Math.Sqrt(coded)));
        _errors[position] = Up(Math.Sqrt(squares));
    }

    /// <summary>True when so few items are allowed that scoring just them is the shorter way.</summary>
    private bool IsNarrow(in Selection selection)
    {
        if (!selection.IsRestricted)
        {
            return false;
        }

        var allowed = 0;
        foreach (var word in selection.Allowed)
        {
            allowed += BitOperations.PopCount(word);
        }

        return allowed < Items / 16;
    }

    /// <summary>The plain twin: every allowed item is scored in float.</summary>
    private void ScoreEach(ReadOnlySpan<float> query, in Selection selection, ref BestItems list)
    {
        for (var word = 0; word * 64 < Items; word++)
        {
            var allowed = !selection.IsRestricted ? ulong.MaxValue : word < selection.Allowed.Length ? selection.Allowed[word] : 0;
            while (allowed != 0)
            {
                var item = (word * 64) + BitOperations.TrailingZeroCount(allowed);
                allowed &= allowed - 1;
                if (item < Items)
                {
                    list.Offer(item, Vectors.Dot(query, Row(item)));
                }
            }
        }
    }

    [SkipLocalsInit]
    private int Scan(ReadOnlySpan<float> query, double length, in Selection selection, ref BestItems list)
    {
        var steps = stackalloc byte[512];
        var scale = EncodeQuery(query, steps, out var error);
        var queryScale = Vector256.Create(scale);
        var queryError = Vector256.Create(Up(error + (length * Slack)));
        var queryLength = Vector256.Create(Up(length));
        var reach = Up(length * (1 + Slack));
        var tiny = Vector256.Create(TinySlack);
        var ones = Vector256.Create((short)1);
        var scored = 0;
        fixed (sbyte* codes = _codes)
        fixed (int* sums = _sums)
        fixed (float* scales = _scales, lengths = _lengths, errors = _errors)
        {
            var block = codes;
            for (var position = 0; position < _items.Length; position += Lanes)
            {
                // The first of a block is its longest. Written as "below", so that NaN never ends a search.
                if ((lengths[position] * reach) + TinySlack < list.Threshold)
                {
                    break;
                }

                Vector256<int> even = default, odd = default;
                for (var g = 0; g < _groups; g += 2, block += 64)
                {
                    even += Avx2.MultiplyAddAdjacent(
                        Avx2.MultiplyAddAdjacent(Vector256.Create(*(int*)(steps + (4 * g))).AsByte(), Vector256.Load(block)), ones);
                    odd += Avx2.MultiplyAddAdjacent(
                        Avx2.MultiplyAddAdjacent(Vector256.Create(*(int*)(steps + (4 * g) + 4)).AsByte(), Vector256.Load(block + 32)), ones);
                }

                var product = Vector256.ConvertToSingle(even + odd - (Vector256.Load(sums + position) << 6));
                var bound = (product * (queryScale * Vector256.Load(scales + position))) + (queryError * Vector256.Load(lengths + position))
                    + (queryLength * Vector256.Load(errors + position)) + tiny;
                var candidates = Vector256.LessThan(bound, Vector256.Create(list.Threshold)).ExtractMostSignificantBits() ^ 0xFF;
                while (candidates != 0)
                {
                    var lane = BitOperations.TrailingZeroCount(candidates);
                    candidates &= candidates - 1;
                    var item = _items[position + lane];
                    if (item >= 0 && !(bound[lane] < list.Threshold) && selection.Allows(item))
                    {
                        scored++;
                        list.Offer(item, Vectors.Dot(query, Row(item)));
                    }
                }
            }
        }

        return scored;
    }

    /// <summary>Query in steps of its largest factor / 63, shifted to 1..127: two products of a pair then fit 16 bits.</summary>
    private static float EncodeQuery(ReadOnlySpan<float> query, byte* steps, out double error)
    {
        var largest = 0f;
        foreach (var value in query)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var scale = largest / QuerySteps;
        var squares = 0.0;
        for (var f = 0; f < query.Length; f++)
        {
            var step = scale > 0 ? Math.Clamp(MathF.Round(query[f] / scale), -QuerySteps, QuerySteps) : 0;
            steps[f] = (byte)(step + 64);
            var difference = query[f] - ((double)scale * step);
            squares += difference * difference;
        }

        error = Math.Sqrt(squares);
        return scale;
    }

    private ReadOnlySpan<float> Row(int item) => MemoryMarshal.CreateReadOnlySpan(ref _factors[item * _stride], _stride);
}
