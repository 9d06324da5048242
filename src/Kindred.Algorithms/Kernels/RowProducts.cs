using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// A sparse row times a dense table: <c>to[c] = start[c] + sum over entries e of values[e] * table[columns[e], c]</c>. All columns of the table are
/// worked on side by side, so an entry costs one fused operation per eight of them. Each sum runs over the entries in their order: the plain twin
/// gives the same bits.
/// </summary>
internal static class RowProducts
{
    /// <param name="columns"><b>[entries]</b>, rows of the table.</param>
    /// <param name="values"><b>[entries]</b>.</param>
    /// <param name="table"><b>[rows x stride]</b>, row-major.</param>
    /// <param name="start"><b>[stride]</b>.</param>
    /// <param name="to"><b>[stride]</b>; the stride is a multiple of 8.</param>
    public static void Multiply(ReadOnlySpan<int> columns, ReadOnlySpan<float> values, ReadOnlySpan<float> table, ReadOnlySpan<float> start, Span<float> to)
    {
        if (Simd.Path == SimdPath.Plain)
        {
            MultiplyPlain(columns, values, table, start, to);
        }
        else
        {
            MultiplyVector(columns, values, table, start, to);
        }
    }

    internal static void MultiplyVector(
        ReadOnlySpan<int> columns, ReadOnlySpan<float> values, ReadOnlySpan<float> table, ReadOnlySpan<float> start, Span<float> to)
    {
        var stride = (nuint)to.Length;
        ref var cells = ref MemoryMarshal.GetReference(table);
        ref var from = ref MemoryMarshal.GetReference(start);
        ref var target = ref MemoryMarshal.GetReference(to);
        values = values[..columns.Length];
        nuint c = 0;
        for (; c + 32 <= stride; c += 32)
        {
            var sum0 = Vector256.LoadUnsafe(ref from, c);
            var sum1 = Vector256.LoadUnsafe(ref from, c + 8);
            var sum2 = Vector256.LoadUnsafe(ref from, c + 16);
            var sum3 = Vector256.LoadUnsafe(ref from, c + 24);
            for (var e = 0; e < columns.Length; e++)
            {
                var value = Vector256.Create(values[e]);
                var at = ((nuint)(uint)columns[e] * stride) + c;
                sum0 = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref cells, at), sum0);
                sum1 = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref cells, at + 8), sum1);
                sum2 = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref cells, at + 16), sum2);
                sum3 = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref cells, at + 24), sum3);
            }

            sum0.StoreUnsafe(ref target, c);
            sum1.StoreUnsafe(ref target, c + 8);
            sum2.StoreUnsafe(ref target, c + 16);
            sum3.StoreUnsafe(ref target, c + 24);
        }

        for (; c < stride; c += 8)
        {
            var sum = Vector256.LoadUnsafe(ref from, c);
            for (var e = 0; e < columns.Length; e++)
            {
                sum = Vector256.FusedMultiplyAdd(Vector256.Create(values[e]), Vector256.LoadUnsafe(ref cells, ((nuint)(uint)columns[e] * stride) + c), sum);
            }

            sum.StoreUnsafe(ref target, c);
        }
    }

    internal static void MultiplyPlain(
        ReadOnlySpan<int> columns, ReadOnlySpan<float> values, ReadOnlySpan<float> table, ReadOnlySpan<float> start, Span<float> to)
    {
        start.CopyTo(to);
        for (var e = 0; e < columns.Length; e++)
        {
            var row = table.Slice(columns[e] * to.Length, to.Length);
            for (var c = 0; c < to.Length; c++)
            {
                to[c] = MathF.FusedMultiplyAdd(values[e], row[c], to[c]);
            }
        }
    }
}
