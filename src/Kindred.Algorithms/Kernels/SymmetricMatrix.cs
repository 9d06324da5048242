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
                    AddBlock16(a + ((long)i * n) + j, n, p + j, q + i, count, default);
                }

                if (j < n)
                {
                    AddBlock8(a + ((long)i * n) + j, n, p + j, q + i, count, default);
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
        if (path != SimdPath.Plain)
        {
            fixed (float* a = matrix, inverses = inverseDiagonal)
            {
                return FactorVector(a, n, inverses);
            }
        }

        for (var i = 0; i < n; i++)
        {
            EliminatePlain(matrix, n, i);
            var row = matrix.Slice(i * n, n);
            if (!TryInvertPivot(row[i], out inverseDiagonal[i]))
            {
                return false;
            }

            row[..i].Clear();
            for (var j = i; j < n; j++)
            {
                row[j] *= inverseDiagonal[i];
            }
        }

        return true;
    }

    /// <summary>Solves U^T U x = right; <paramref name="right"/> is used up. Both <b>[n]</b>.</summary>
    public static void Solve(ReadOnlySpan<float> factor, int n, ReadOnlySpan<float> inverseDiagonal, Span<float> right, Span<float> x)
    {
        if (Simd.Path == SimdPath.Plain)
        {
            for (var k = 0; k < n; k++)
            {
                x[k] = right[k] * inverseDiagonal[k];
                Vectors.AddScaled(factor.Slice((k * n) + k, n - k), -x[k], right[k..n]);
            }
        }
        else
        {
            fixed (float* a = factor, b = right, inverses = inverseDiagonal, to = x)
            {
                SubstituteVector(a, n, inverses, b, to);
            }
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
    private static void AddBlock16(float* a, int n, float* p, float* q, int count, Vector256<float> sign)
    {
        var a1 = a + n;
        var a2 = a1 + n;
        var a3 = a2 + n;
        Vector256<float> s00 = Vector256.Load(a), s01 = Vector256.Load(a + 8), s10 = Vector256.Load(a1), s11 = Vector256.Load(a1 + 8);
        Vector256<float> s20 = Vector256.Load(a2), s21 = Vector256.Load(a2 + 8), s30 = Vector256.Load(a3), s31 = Vector256.Load(a3 + 8);
        for (var k = 0; k < count; k++, p += n, q += n)
        {
            var left = Vector256.Load(p) ^ sign;
            var right = Vector256.Load(p + 8) ^ sign;
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
    private static void AddBlock8(float* a, int n, float* p, float* q, int count, Vector256<float> sign)
    {
        Vector256<float> s0 = Vector256.Load(a), s1 = Vector256.Load(a + n), s2 = Vector256.Load(a + (2 * n)), s3 = Vector256.Load(a + (3 * n));
        for (var k = 0; k < count; k++, p += n, q += n)
        {
            var row = Vector256.Load(p) ^ sign;
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

    private static bool TryInvertPivot(float pivot, out float inverse)
    {
        inverse = 1f / MathF.Sqrt(pivot);
        return pivot > 0 && float.IsFinite(pivot);
    }

    private static void EliminatePlain(Span<float> matrix, int n, int i)
    {
        for (var j = i; j < n; j++)
        {
            var sum = matrix[(i * n) + j];
            for (var k = 0; k < i; k++)
            {
                sum = MathF.FusedMultiplyAdd(-matrix[(k * n) + i], matrix[(k * n) + j], sum);
            }

            matrix[(i * n) + j] = sum;
        }
    }

    /// <summary>Four rows at a time: all that lies above them is taken off by the tile kernel, then they are eliminated among themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool FactorVector(float* a, int n, float* inverses)
    {
        var minus = Vector256.Create(-0f);
        for (var top = 0; top < n; top += 4)
        {
            var from = top & ~7;
            var j = from;
            for (; j + 16 <= n; j += 16)
            {
                AddBlock16(a + ((long)top * n) + j, n, a + j, a + top, top, minus);
            }

            if (j < n)
            {
                AddBlock8(a + ((long)top * n) + j, n, a + j, a + top, top, minus);
            }

            for (var i = top; i < top + 4; i++)
            {
                var row = a + ((long)i * n);
                for (var k = top; k < i; k++)
                {
                    var above = a + ((long)k * n);
                    var w = Vector256.Create(-above[i]);
                    for (j = from; j < n; j += 8)
                    {
                        Vector256.FusedMultiplyAdd(w, Vector256.Load(above + j), Vector256.Load(row + j)).Store(row + j);
                    }
                }

                if (!TryInvertPivot(row[i], out inverses[i]))
                {
                    return false;
                }

                var inverse = Vector256.Create(inverses[i]);
                for (j = from; j < n; j += 8)
                {
                    (Vector256.Load(row + j) * inverse).Store(row + j);
                }

                new Span<float>(row, i).Clear();
            }
        }

        return true;
    }

    /// <summary>Forward: x = U^-T right, which is used up. Below the diagonal the factor is zero, so whole vectors can be taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubstituteVector(float* factor, int n, float* inverses, float* right, float* x)
    {
        for (var k = 0; k < n; k++)
        {
            x[k] = right[k] * inverses[k];
            var w = Vector256.Create(-x[k]);
            var row = factor + ((long)k * n);
            for (var j = k & ~7; j < n; j += 8)
            {
                Vector256.FusedMultiplyAdd(w, Vector256.Load(row + j), Vector256.Load(right + j)).Store(right + j);
            }
        }
    }
}
