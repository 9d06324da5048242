using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// Sums over rows of floats in one fixed order: eight lanes, four partial sums, then a tree. Each fast path has a plain twin with the same
/// order and the same fused operations, hence the same bits.
/// </summary>
internal static class Vectors
{
    /// <summary>Scalar product of two rows of equal length; 0 for empty ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        Simd.Path == SimdPath.Plain ? DotPlain(a, b) : DotVector(a, b);

    internal static float DotVector(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b);
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        nuint k = 0;
        var length = (nuint)a.Length;
        for (; k + 32 <= length; k += 32)
        {
            sum0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, k), Vector256.LoadUnsafe(ref y, k), sum0);
            sum1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, k + 8), Vector256.LoadUnsafe(ref y, k + 8), sum1);
            sum2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, k + 16), Vector256.LoadUnsafe(ref y, k + 16), sum2);
            sum3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, k + 24), Vector256.LoadUnsafe(ref y, k + 24), sum3);
        }

        for (; k + 8 <= length; k += 8)
        {
            sum0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, k), Vector256.LoadUnsafe(ref y, k), sum0);
        }

        var tail = 0f;
        for (; k < length; k++)
        {
            tail = MathF.FusedMultiplyAdd(Unsafe.Add(ref x, k), Unsafe.Add(ref y, k), tail);
        }

        var lanes = sum0 + sum1 + (sum2 + sum3);
        var four = lanes.GetLower() + lanes.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]) + tail;
    }

    internal static float DotPlain(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Span<float> sums = stackalloc float[32];
        sums.Clear();
        var k = 0;
        for (; k + 32 <= a.Length; k += 32)
        {
            for (var lane = 0; lane < 32; lane++)
            {
                sums[lane] = MathF.FusedMultiplyAdd(a[k + lane], b[k + lane], sums[lane]);
            }
        }

        for (; k + 8 <= a.Length; k += 8)
        {
            for (var lane = 0; lane < 8; lane++)
            {
                sums[lane] = MathF.FusedMultiplyAdd(a[k + lane], b[k + lane], sums[lane]);
            }
        }

        var tail = 0f;
        for (; k < a.Length; k++)
        {
            tail = MathF.FusedMultiplyAdd(a[k], b[k], tail);
        }

        Span<float> four = stackalloc float[4];
        for (var lane = 0; lane < 4; lane++)
        {
            four[lane] = Lane(sums, lane) + Lane(sums, lane + 4);
        }

        return four[0] + four[2] + (four[1] + four[3]) + tail;

        static float Lane(Span<float> sums, int lane) => sums[lane] + sums[lane + 8] + (sums[lane + 16] + sums[lane + 24]);
    }

    /// <summary>Adds <paramref name="scale"/> times a row to another of the same length, one fused operation per number.</summary>
    public static void AddScaled(ReadOnlySpan<float> row, float scale, Span<float> to)
    {
        var k = 0;
        if (Simd.Path != SimdPath.Plain)
        {
            ref var x = ref MemoryMarshal.GetReference(row);
            ref var y = ref MemoryMarshal.GetReference(to);
            var factor = Vector256.Create(scale);
            for (; k + 8 <= row.Length; k += 8)
            {
                Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref x, (nuint)k), Vector256.LoadUnsafe(ref y, (nuint)k)).StoreUnsafe(ref y, (nuint)k);
            }
        }

        for (; k < row.Length; k++)
        {
            to[k] = MathF.FusedMultiplyAdd(scale, row[k], to[k]);
        }
    }
}
