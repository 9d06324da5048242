using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// Conjugate gradients for A x = sum of (1 + w_k) y_k with A = diag(pull) + sum of w_k y_k y_k^T, the y_k being a few rows picked from a large
/// matrix; each pass reads every row once. Same bits on every path.
/// </summary>
internal readonly unsafe ref struct RowSystem(
    ReadOnlySpan<float> rows, int stride, ReadOnlySpan<int> picked, ReadOnlySpan<float> weights, ReadOnlySpan<float> pull, SimdPath path)
{
    private readonly ReadOnlySpan<float> _rows = rows;
    private readonly ReadOnlySpan<int> _picked = picked;
    private readonly ReadOnlySpan<float> _weights = weights;
    private readonly ReadOnlySpan<float> _pull = pull;

    /// <summary>Writes the residual, sum of (1 + w_k) y_k - A x, and the diagonal of A.</summary>
    /// <param name="x"><b>[stride]</b>.</param>
    /// <param name="residual"><b>[stride]</b>.</param>
    /// <param name="diagonal"><b>[stride]</b>.</param>
    public void Residual(ReadOnlySpan<float> x, Span<float> residual, Span<float> diagonal)
    {
        _pull.CopyTo(diagonal);
        if (path == SimdPath.Plain)
        {
            ResidualPlain(x, residual, diagonal);
            return;
        }

        fixed (float* y = _rows, w = _weights, d = _pull, from = x, to = residual, squares = diagonal)
        fixed (int* p = _picked)
        {
            ResidualVector(y, stride, p, w, _picked.Length, d, from, to, squares);
        }
    }

    /// <summary>Writes A x.</summary>
    /// <param name="x"><b>[stride]</b>.</param>
    /// <param name="product"><b>[stride]</b>.</param>
    public void Apply(ReadOnlySpan<float> x, Span<float> product)
    {
        if (path == SimdPath.Plain)
        {
            ApplyPlain(x, product);
            return;
        }

        fixed (float* y = _rows, w = _weights, d = _pull, from = x, to = product)
        fixed (int* p = _picked)
        {
            ApplyVector(y, stride, p, w, _picked.Length, d, from, to);
        }
    }

    private void ResidualPlain(ReadOnlySpan<float> x, Span<float> residual, Span<float> diagonal)
    {
        for (var f = 0; f < stride; f++)
        {
            residual[f] = -(_pull[f] * x[f]);
        }

        for (var k = 0; k < _picked.Length; k++)
        {
            var row = _rows.Slice(_picked[k] * stride, stride);
            var scale = Left(_weights[k], DotPlain(row, x));
            for (var f = 0; f < stride; f++)
            {
                residual[f] = MathF.FusedMultiplyAdd(scale, row[f], residual[f]);
                diagonal[f] = MathF.FusedMultiplyAdd(_weights[k] * row[f], row[f], diagonal[f]);
            }
        }
    }

    private void ApplyPlain(ReadOnlySpan<float> x, Span<float> product)
    {
        for (var f = 0; f < stride; f++)
        {
            product[f] = _pull[f] * x[f];
        }

        for (var k = 0; k < _picked.Length; k++)
        {
            var row = _rows.Slice(_picked[k] * stride, stride);
            var scale = _weights[k] * DotPlain(row, x);
            for (var f = 0; f < stride; f++)
            {
                product[f] = MathF.FusedMultiplyAdd(scale, row[f], product[f]);
            }
        }
    }

    private static float DotPlain(ReadOnlySpan<float> row, ReadOnlySpan<float> x)
    {
        Span<float> sums = stackalloc float[8];
        sums.Clear();
        for (var f = 0; f < row.Length; f++)
        {
            sums[f & 7] = MathF.FusedMultiplyAdd(row[f], x[f], sums[f & 7]);
        }

        return sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Left(float weight, float product) => 1 + weight - (weight * product);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot(float* row, float* x, int stride)
    {
        Vector256<float> sum = default;
        for (nint f = 0; f < stride; f += 8)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(row + f), Vector256.Load(x + f), sum);
        }

        return Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ResidualVector(float* rows, int stride, int* picked, float* weights, int count, float* pull, float* x, float* to, float* squares)
    {
        for (nint f = 0; f < stride; f += 8)
        {
            (-(Vector256.Load(pull + f) * Vector256.Load(x + f))).Store(to + f);
        }

        var k = 0;
        for (; k + 2 <= count; k += 2)
        {
            float* r0 = rows + ((nint)picked[k] * stride), r1 = rows + ((nint)picked[k + 1] * stride);
            Vector256<float> a = default, b = default;
            for (nint f = 0; f < stride; f += 8)
            {
                var v = Vector256.Load(x + f);
                a = Vector256.FusedMultiplyAdd(Vector256.Load(r0 + f), v, a);
                b = Vector256.FusedMultiplyAdd(Vector256.Load(r1 + f), v, b);
            }

            var s0 = Vector256.Create(Left(weights[k], Sum(a)));
            var s1 = Vector256.Create(Left(weights[k + 1], Sum(b)));
            var w0 = Vector256.Create(weights[k]);
            var w1 = Vector256.Create(weights[k + 1]);
            for (nint f = 0; f < stride; f += 8)
            {
                var y0 = Vector256.Load(r0 + f);
                var y1 = Vector256.Load(r1 + f);
                Vector256.FusedMultiplyAdd(s1, y1, Vector256.FusedMultiplyAdd(s0, y0, Vector256.Load(to + f))).Store(to + f);
                Vector256.FusedMultiplyAdd(w1 * y1, y1, Vector256.FusedMultiplyAdd(w0 * y0, y0, Vector256.Load(squares + f))).Store(squares + f);
            }
        }

        if (k < count)
        {
            var row = rows + ((nint)picked[k] * stride);
            var scale = Vector256.Create(Left(weights[k], Dot(row, x, stride)));
            var w = Vector256.Create(weights[k]);
            for (nint f = 0; f < stride; f += 8)
            {
                var y = Vector256.Load(row + f);
                Vector256.FusedMultiplyAdd(scale, y, Vector256.Load(to + f)).Store(to + f);
                Vector256.FusedMultiplyAdd(w * y, y, Vector256.Load(squares + f)).Store(squares + f);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyVector(float* rows, int stride, int* picked, float* weights, int count, float* pull, float* x, float* to)
    {
        for (nint f = 0; f < stride; f += 8)
        {
            (Vector256.Load(pull + f) * Vector256.Load(x + f)).Store(to + f);
        }

        var k = 0;
        for (; k + 4 <= count; k += 4)
        {
            float* r0 = rows + ((nint)picked[k] * stride), r1 = rows + ((nint)picked[k + 1] * stride);
            float* r2 = rows + ((nint)picked[k + 2] * stride), r3 = rows + ((nint)picked[k + 3] * stride);
            Vector256<float> a = default, b = default, c = default, d = default;
            for (nint f = 0; f < stride; f += 8)
            {
                var v = Vector256.Load(x + f);
                a = Vector256.FusedMultiplyAdd(Vector256.Load(r0 + f), v, a);
                b = Vector256.FusedMultiplyAdd(Vector256.Load(r1 + f), v, b);
                c = Vector256.FusedMultiplyAdd(Vector256.Load(r2 + f), v, c);
                d = Vector256.FusedMultiplyAdd(Vector256.Load(r3 + f), v, d);
            }

            var s0 = Vector256.Create(weights[k] * Sum(a));
            var s1 = Vector256.Create(weights[k + 1] * Sum(b));
            var s2 = Vector256.Create(weights[k + 2] * Sum(c));
            var s3 = Vector256.Create(weights[k + 3] * Sum(d));
            for (nint f = 0; f < stride; f += 8)
            {
                var sum = Vector256.FusedMultiplyAdd(s0, Vector256.Load(r0 + f), Vector256.Load(to + f));
                sum = Vector256.FusedMultiplyAdd(s1, Vector256.Load(r1 + f), sum);
                sum = Vector256.FusedMultiplyAdd(s2, Vector256.Load(r2 + f), sum);
                Vector256.FusedMultiplyAdd(s3, Vector256.Load(r3 + f), sum).Store(to + f);
            }
        }

        for (; k < count; k++)
        {
            var row = rows + ((nint)picked[k] * stride);
            var scale = Vector256.Create(weights[k] * Dot(row, x, stride));
            for (nint f = 0; f < stride; f += 8)
            {
                Vector256.FusedMultiplyAdd(scale, Vector256.Load(row + f), Vector256.Load(to + f)).Store(to + f);
            }
        }
    }
}
