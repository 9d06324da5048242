using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// The innermost kernels: a tile of the result is kept in registers while packed strips, <b>[depth x rows]</b> and <b>[depth x columns]</b>,
/// run past. Tiles are as large as the registers allow: 12 of 16 hold sums with AVX2, 24 of 32 with AVX-512.
/// </summary>
internal static unsafe class GemmTiles
{
    public const int Rows256 = 6;
    public const int Columns256 = 16;
    public const int Rows512 = 12;
    public const int Columns512 = 32;

    /// <summary>The plain twin, in tiles of <see cref="Rows256"/> x <see cref="Columns256"/>.</summary>
    public static void RunPlain(float* left, float* right, int depth, float* to, nint stride, bool load)
    {
        for (var i = 0; i < Rows256; i++)
        {
            for (var j = 0; j < Columns256; j++)
            {
                var sum = load ? to[(i * stride) + j] : 0;
                for (var k = 0; k < depth; k++)
                {
                    sum = MathF.FusedMultiplyAdd(left[(k * Rows256) + i], right[(k * Columns256) + j], sum);
                }

                to[(i * stride) + j] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run256(float* left, float* right, int depth, float* to, nint stride, bool load)
    {
        float* t1 = to + stride, t2 = t1 + stride, t3 = t2 + stride, t4 = t3 + stride, t5 = t4 + stride;
        Vector256<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector256<float> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        if (load)
        {
            a0 = Vector256.Load(to);
            b0 = Vector256.Load(to + 8);
            a1 = Vector256.Load(t1);
            b1 = Vector256.Load(t1 + 8);
            a2 = Vector256.Load(t2);
            b2 = Vector256.Load(t2 + 8);
            a3 = Vector256.Load(t3);
            b3 = Vector256.Load(t3 + 8);
            a4 = Vector256.Load(t4);
            b4 = Vector256.Load(t4 + 8);
            a5 = Vector256.Load(t5);
            b5 = Vector256.Load(t5 + 8);
        }

        for (var k = 0; k < depth; k++, left += Rows256, right += Columns256)
        {
            var x = Vector256.Load(right);
            var y = Vector256.Load(right + 8);
            var w = Vector256.Create(left[0]);
            a0 = Vector256.FusedMultiplyAdd(w, x, a0);
            b0 = Vector256.FusedMultiplyAdd(w, y, b0);
            w = Vector256.Create(left[1]);
            a1 = Vector256.FusedMultiplyAdd(w, x, a1);
            b1 = Vector256.FusedMultiplyAdd(w, y, b1);
            w = Vector256.Create(left[2]);
            a2 = Vector256.FusedMultiplyAdd(w, x, a2);
            b2 = Vector256.FusedMultiplyAdd(w, y, b2);
            w = Vector256.Create(left[3]);
            a3 = Vector256.FusedMultiplyAdd(w, x, a3);
            b3 = Vector256.FusedMultiplyAdd(w, y, b3);
            w = Vector256.Create(left[4]);
            a4 = Vector256.FusedMultiplyAdd(w, x, a4);
            b4 = Vector256.FusedMultiplyAdd(w, y, b4);
            w = Vector256.Create(left[5]);
            a5 = Vector256.FusedMultiplyAdd(w, x, a5);
            b5 = Vector256.FusedMultiplyAdd(w, y, b5);
        }

        a0.Store(to);
        b0.Store(to + 8);
        a1.Store(t1);
        b1.Store(t1 + 8);
        a2.Store(t2);
        b2.Store(t2 + 8);
        a3.Store(t3);
        b3.Store(t3 + 8);
        a4.Store(t4);
        b4.Store(t4 + 8);
        a5.Store(t5);
        b5.Store(t5 + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run512(float* left, float* right, int depth, float* to, nint stride, bool load)
    {
        float* t4 = to + (4 * stride), t8 = to + (8 * stride);
        var three = 3 * stride;
        Vector512<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
        Vector512<float> a4 = default, b4 = default, a5 = default, b5 = default, a6 = default, b6 = default, a7 = default, b7 = default;
        Vector512<float> a8 = default, b8 = default, a9 = default, b9 = default, a10 = default, b10 = default, a11 = default, b11 = default;
        if (load)
        {
            a0 = Vector512.Load(to);
            b0 = Vector512.Load(to + 16);
            a1 = Vector512.Load(to + stride);
            b1 = Vector512.Load(to + stride + 16);
            a2 = Vector512.Load(to + (2 * stride));
            b2 = Vector512.Load(to + (2 * stride) + 16);
            a3 = Vector512.Load(to + three);
            b3 = Vector512.Load(to + three + 16);
            a4 = Vector512.Load(t4);
            b4 = Vector512.Load(t4 + 16);
            a5 = Vector512.Load(t4 + stride);
            b5 = Vector512.Load(t4 + stride + 16);
            a6 = Vector512.Load(t4 + (2 * stride));
            b6 = Vector512.Load(t4 + (2 * stride) + 16);
            a7 = Vector512.Load(t4 + three);
            b7 = Vector512.Load(t4 + three + 16);
            a8 = Vector512.Load(t8);
            b8 = Vector512.Load(t8 + 16);
            a9 = Vector512.Load(t8 + stride);
            b9 = Vector512.Load(t8 + stride + 16);
            a10 = Vector512.Load(t8 + (2 * stride));
            b10 = Vector512.Load(t8 + (2 * stride) + 16);
            a11 = Vector512.Load(t8 + three);
            b11 = Vector512.Load(t8 + three + 16);
        }

        for (var k = 0; k < depth; k++, left += Rows512, right += Columns512)
        {
            var x = Vector512.Load(right);
            var y = Vector512.Load(right + 16);
            var w = Vector512.Create(left[0]);
            a0 = Vector512.FusedMultiplyAdd(w, x, a0);
            b0 = Vector512.FusedMultiplyAdd(w, y, b0);
            w = Vector512.Create(left[1]);
            a1 = Vector512.FusedMultiplyAdd(w, x, a1);
            b1 = Vector512.FusedMultiplyAdd(w, y, b1);
            w = Vector512.Create(left[2]);
            a2 = Vector512.FusedMultiplyAdd(w, x, a2);
            b2 = Vector512.FusedMultiplyAdd(w, y, b2);
            w = Vector512.Create(left[3]);
            a3 = Vector512.FusedMultiplyAdd(w, x, a3);
            b3 = Vector512.FusedMultiplyAdd(w, y, b3);
            w = Vector512.Create(left[4]);
            a4 = Vector512.FusedMultiplyAdd(w, x, a4);
            b4 = Vector512.FusedMultiplyAdd(w, y, b4);
            w = Vector512.Create(left[5]);
            a5 = Vector512.FusedMultiplyAdd(w, x, a5);
            b5 = Vector512.FusedMultiplyAdd(w, y, b5);
            w = Vector512.Create(left[6]);
            a6 = Vector512.FusedMultiplyAdd(w, x, a6);
            b6 = Vector512.FusedMultiplyAdd(w, y, b6);
            w = Vector512.Create(left[7]);
            a7 = Vector512.FusedMultiplyAdd(w, x, a7);
            b7 = Vector512.FusedMultiplyAdd(w, y, b7);
            w = Vector512.Create(left[8]);
            a8 = Vector512.FusedMultiplyAdd(w, x, a8);
            b8 = Vector512.FusedMultiplyAdd(w, y, b8);
            w = Vector512.Create(left[9]);
            a9 = Vector512.FusedMultiplyAdd(w, x, a9);
            b9 = Vector512.FusedMultiplyAdd(w, y, b9);
            w = Vector512.Create(left[10]);
            a10 = Vector512.FusedMultiplyAdd(w, x, a10);
            b10 = Vector512.FusedMultiplyAdd(w, y, b10);
            w = Vector512.Create(left[11]);
            a11 = Vector512.FusedMultiplyAdd(w, x, a11);
            b11 = Vector512.FusedMultiplyAdd(w, y, b11);
        }

        a0.Store(to);
        b0.Store(to + 16);
        a1.Store(to + stride);
        b1.Store(to + stride + 16);
        a2.Store(to + (2 * stride));
        b2.Store(to + (2 * stride) + 16);
        a3.Store(to + three);
        b3.Store(to + three + 16);
        a4.Store(t4);
        b4.Store(t4 + 16);
        a5.Store(t4 + stride);
        b5.Store(t4 + stride + 16);
        a6.Store(t4 + (2 * stride));
        b6.Store(t4 + (2 * stride) + 16);
        a7.Store(t4 + three);
        b7.Store(t4 + three + 16);
        a8.Store(t8);
        b8.Store(t8 + 16);
        a9.Store(t8 + stride);
        b9.Store(t8 + stride + 16);
        a10.Store(t8 + (2 * stride));
        b10.Store(t8 + (2 * stride) + 16);
        a11.Store(t8 + three);
        b11.Store(t8 + three + 16);
    }
}
