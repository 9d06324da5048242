using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// Small symmetric positive definite matrices <b>[n x n]</b>, row-major, n a multiple of 8; only the upper triangle counts. Every number is
/// one chain of fused operations in ascending order, so the plain twins give the same bits.
/// </summary>
internal static unsafe class SymmetricMatrix
{
    /// <summary>Adds sum over k of scaled[k]^T rows[k] to the upper triangle. The part below the diagonal is left in disorder.</summary>
    /// <param name="matrix"><b>[n x n]</b>.</param>
    /// <param name="n">Multiple of 8.</param>
    /// <param name="rows"><b>[count x n]</b>.</param>
    /// <param name="scaled"><b>[count x n]</b>: the rows times their weights.</param>
    public static void AddOuterProducts(Span<float> matrix, int n, ReadOnlySpan<float> rows, ReadOnlySpan<float> scaled) =>
        AddOuterProducts(matrix, n, rows, scaled, Simd.Path);

    internal static void AddOuterProducts(Span<float> matrix, int n, ReadOnlySpan<float> rows, ReadOnlySpan<float> scaled, SimdPath path)
    {
        Debug.Assert(n % 8 == 0 && rows.Length == scaled.Length && matrix.Length == n * n, "A multiple of 8 and equal shapes.");
        var count = rows.Length / n;
        if (path == SimdPath.Plain)
        {
            AddPlain(matrix, n, rows, scaled, count);
            return;
        }

        fixed (float* a = matrix, p = rows, q = scaled)
        {
            for (var i = 0; i < n; i += 4)
            {
                var j = i & ~7;
                for (; j + 16 <= n; j += 16)
                {
                    AddBlock16(a + ((long)i * n) + j, n, p + j, q + i, count);
                }

                if (j < n)
                {
                    AddBlock8(a + ((long)i * n) + j, n, p + j, q + i, count);
                }
            }
        }
    }

    /// <summary>
    /// Replaces the matrix by U with U^T U = matrix, zero below the diagonal, and writes 1/U[i,i]. False when the matrix is not positive
    /// definite (or not finite); it is spoilt then.
    /// </summary>
    public static bool Factor(Span<float> matrix, int n, Span<float> inverseDiagonal) => Factor(matrix, n, inverseDiagonal, Simd.Path);

    internal static bool Factor(Span<float> matrix, int n, Span<float> inverseDiagonal, SimdPath path)
    {
        for (var i = 0; i < n; i++)
        {
            var from = i & ~7;
            if (path == SimdPath.Plain)
            {
                EliminatePlain(matrix, n, i, from);
            }
            else
            {
                fixed (float* a = matrix)
                {
                    EliminateVector(a, n, i, from);
                }
            }

            var row = matrix.Slice(i * n, n);
            var pivot = row[i];
            if (!(pivot > 0) || !float.IsFinite(pivot))
            {
                return false;
            }

            var inverse = 1f / MathF.Sqrt(pivot);
            inverseDiagonal[i] = inverse;
            row[..i].Clear();
            for (var j = i; j < n; j++)
            {
                row[j] *= inverse;
            }
        }

        return true;
    }

    /// <summary>Solves U^T U x = right; <paramref name="right"/> is used up. Both <b>[n]</b>.</summary>
    public static void Solve(ReadOnlySpan<float> factor, int n, ReadOnlySpan<float> inverseDiagonal, Span<float> right, Span<float> x)
    {
        for (var k = 0; k < n; k++)
        {
            var value = right[k] * inverseDiagonal[k];
            x[k] = value;
            var from = k & ~7;
            Vectors.AddScaled(factor.Slice((k * n) + from, n - from), -value, right[from..]);
        }

        // x is cleared on the way, so that whole vectors can be read from the row's start.
        x[..n].CopyTo(right);
        x[..n].Clear();
        for (var i = n - 1; i >= 0; i--)
        {
            var from = i & ~7;
            x[i] = (right[i] - Vectors.Dot(factor.Slice((i * n) + from, n - from), x[from..n])) * inverseDiagonal[i];
        }
    }

    private static void AddPlain(Span<float> matrix, int n, ReadOnlySpan<float> rows, ReadOnlySpan<float> scaled, int count)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = i; j < n; j++)
            {
                var sum = matrix[(i * n) + j];
                for (var k = 0; k < count; k++)
                {
                    sum = MathF.FusedMultiplyAdd(scaled[(k * n) + i], rows[(k * n) + j], sum);
                }

                matrix[(i * n) + j] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlock16(float* a, int n, float* p, float* q, int count)
    {
        var a1 = a + n;
        var a2 = a1 + n;
        var a3 = a2 + n;
        Vector256<float> s00 = Vector256.Load(a), s01 = Vector256.Load(a + 8), s10 = Vector256.Load(a1), s11 = Vector256.Load(a1 + 8);
        Vector256<float> s20 = Vector256.Load(a2), s21 = Vector256.Load(a2 + 8), s30 = Vector256.Load(a3), s31 = Vector256.Load(a3 + 8);
        for (var k = 0; k < count; k++, p += n, q += n)
        {
            var left = Vector256.Load(p);
            var right = Vector256.Load(p + 8);
            var w = Vector256.Create(q[0]);
            s00 = Vector256.FusedMultiplyAdd(w, left, s00);
            s01 = Vector256.FusedMultiplyAdd(w, right, s01);
            w = Vector256.Create(q[1]);
            s10 = Vector256.FusedMultiplyAdd(w, left, s10);
            s11 = Vector256.FusedMultiplyAdd(w, right, s11);
            w = Vector256.Create(q[2]);
            s20 = Vector256.FusedMultiplyAdd(w, left, s20);
            s21 = Vector256.FusedMultiplyAdd(w, right, s21);
            w = Vector256.Create(q[3]);
            s30 = Vector256.FusedMultiplyAdd(w, left, s30);
            s31 = Vector256.FusedMultiplyAdd(w, right, s31);
        }

        s00.Store(a);
        s01.Store(a + 8);
        s10.Store(a1);
        s11.Store(a1 + 8);
        s20.Store(a2);
        s21.Store(a2 + 8);
        s30.Store(a3);
        s31.Store(a3 + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlock8(float* a, int n, float* p, float* q, int count)
    {
        Vector256<float> s0 = Vector256.Load(a), s1 = Vector256.Load(a + n), s2 = Vector256.Load(a + (2 * n)), s3 = Vector256.Load(a + (3 * n));
        for (var k = 0; k < count; k++, p += n, q += n)
        {
            var row = Vector256.Load(p);
            s0 = Vector256.FusedMultiplyAdd(Vector256.Create(q[0]), row, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Create(q[1]), row, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Create(q[2]), row, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Create(q[3]), row, s3);
        }

        s0.Store(a);
        s1.Store(a + n);
        s2.Store(a + (2 * n));
        s3.Store(a + (3 * n));
    }

    private static void EliminatePlain(Span<float> matrix, int n, int i, int from)
    {
        for (var j = from; j < n; j++)
        {
            var sum = matrix[(i * n) + j];
            for (var k = 0; k < i; k++)
            {
                sum = MathF.FusedMultiplyAdd(-matrix[(k * n) + i], matrix[(k * n) + j], sum);
            }

            matrix[(i * n) + j] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EliminateVector(float* a, int n, int i, int from)
    {
        var row = a + ((long)i * n);
        var j = from;
        for (; j + 32 <= n; j += 32)
        {
            Vector256<float> s0 = Vector256.Load(row + j), s1 = Vector256.Load(row + j + 8), s2 = Vector256.Load(row + j + 16), s3 = Vector256.Load(row + j + 24);
            var above = a + j;
            var column = a + i;
            for (var k = 0; k < i; k++, above += n, column += n)
            {
                var w = Vector256.Create(-*column);
                s0 = Vector256.FusedMultiplyAdd(w, Vector256.Load(above), s0);
                s1 = Vector256.FusedMultiplyAdd(w, Vector256.Load(above + 8), s1);
                s2 = Vector256.FusedMultiplyAdd(w, Vector256.Load(above + 16), s2);
                s3 = Vector256.FusedMultiplyAdd(w, Vector256.Load(above + 24), s3);
            }

            s0.Store(row + j);
            s1.Store(row + j + 8);
            s2.Store(row + j + 16);
            s3.Store(row + j + 24);
        }

        for (; j < n; j += 8)
        {
            var s = Vector256.Load(row + j);
            for (var k = 0; k < i; k++)
            {
                s = Vector256.FusedMultiplyAdd(Vector256.Create(-a[((long)k * n) + i]), Vector256.Load(a + ((long)k * n) + j), s);
            }

            s.Store(row + j);
        }
    }
}
