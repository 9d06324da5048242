using System.Diagnostics;
using System.Numerics.Tensors;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Models.Als;

/// <summary>
/// One side's factors, held fixed while rows of the other side are solved against them: the factors <b>[rows x stride]</b> (stride: factors
/// rounded up to a multiple of 8, filled with zeros) and their Gram matrix. Where the axes were turned so that the Gram matrix is diagonal
/// (<see cref="AlsAxes"/>), short rows and conjugate gradients cost a fraction. Immutable once built; safe for any number of threads.
/// </summary>
internal sealed class AlsSide
{
    /// <summary>Rows gathered at a time: a panel of 64 factors stays in the second-level cache, and the sums have a fixed order.</summary>
    private const int PanelRows = 128;

    /// <summary>Off-diagonal share of a Gram matrix that counts as rounding: what sums of a million floats leave.</summary>
    private const float Rounding = 2e-5f;

    private readonly AlsOptions _options;
    private readonly float[] _gram;
    private readonly float[]? _diagonal;

    public AlsSide(float[] factors, int rows, AlsOptions options, int threads, CancellationToken cancellation = default)
        : this(factors, rows, options, GramOf(factors, rows, StrideOf(options.Factors), threads, cancellation), null)
    {
        _diagonal = DiagonalOf(_gram, Stride);
    }

    /// <summary>Takes factors whose Gram matrix is known to be that diagonal, up to rounding.</summary>
    public AlsSide(float[] factors, int rows, AlsOptions options, float[] diagonal)
        : this(factors, rows, options, MatrixOf(diagonal), diagonal)
    {
    }

    private AlsSide(float[] factors, int rows, AlsOptions options, float[] gram, float[]? diagonal)
    {
        Factors = factors;
        Rows = rows;
        Stride = StrideOf(options.Factors);
        _options = options;
        _gram = gram;
        _diagonal = diagonal;

        // The dual form costs entries² x factors / 2 + entries³ / 6, the direct one factors² x entries / 2 + factors³ / 6.
        // Its entries lie side by side in one panel, so with many factors the panel is the limit.
        ShortRow = Math.Min(Stride - (Stride / 8), PanelRows);
    }

    public float[] Factors { get; }

    public int Rows { get; }

    public int Stride { get; }

    /// <summary>Most entries of a row that is solved in the dual form, where the Gram matrix is diagonal.</summary>
    public int ShortRow { get; }

    /// <summary>Floats of scratch a solve needs: the matrix, two panels and five rows.</summary>
    public int ScratchLength => (Stride * Stride) + (2 * PanelRows * Stride) + (AlsScratch.Lines * Stride);

    public static int StrideOf(int factors) => (factors + 7) & ~7;

    /// <summary>Y^T Y <b>[stride x stride]</b>, the upper triangle: partial sums over ranges that depend on the number of rows only, added in order, so threads change nothing.</summary>
    public static float[] GramOf(float[] factors, int rows, int stride, int threads, CancellationToken cancellation)
    {
        var size = stride * stride;
        var range = Math.Max(1024, (rows + 63) / 64);
        var parts = new float[(rows + range - 1) / range][];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, part =>
        {
            var partial = new float[size];
            var own = factors.AsSpan(part * range * stride, Math.Min(range, rows - (part * range)) * stride);
            SymmetricMatrix.AddOuterProducts(partial, stride, own, own);
            parts[part] = partial;
        });

        var gram = new float[size];
        foreach (var partial in parts)
        {
            Vectors.AddScaled(partial, 1, gram);
        }

        Debug.Assert(Finite.All(gram), "Factors are finite and of ordinary size.");
        return gram;
    }

    public ReadOnlySpan<float> Row(int row) => Factors.AsSpan(row * Stride, Stride);

    public AlsScratch Slice(Span<float> scratch) => new(scratch, Stride, PanelRows);

    /// <summary>
    /// Solves one row of the other side: x = A^-1 sum of c_k y_k, with A = Y^T Y + sum of (c_k - 1) y_k y_k^T + lambda I and c_k = 1 + alpha w_k.
    /// A row without entries is 0.
    /// </summary>
    public void Solve(ReadOnlySpan<int> entries, ReadOnlySpan<float> weights, AlsScratch scratch, Span<float> x)
    {
        if (entries.Length == 0)
        {
            x.Clear();
            return;
        }

        if (_diagonal is not null && entries.Length <= ShortRow)
        {
            SolveDual(entries, weights, scratch, x);
            return;
        }

        Factor(entries, weights, scratch);
        scratch.Right.Clear();
        for (var k = 0; k < entries.Length; k++)
        {
            Vectors.AddScaled(Row(entries[k]), Confidence(weights[k]), scratch.Right);
        }

        SymmetricMatrix.Solve(scratch.Matrix, Stride, scratch.InverseDiagonal, scratch.Right, x);
    }

    /// <summary>
    /// Some steps of conjugate gradients towards the answer of <see cref="Solve"/>, from where <paramref name="x"/> stands, preconditioned by
    /// the diagonal of A. The Gram matrix has to be diagonal.
    /// </summary>
    public void Improve(ReadOnlySpan<int> entries, ReadOnlySpan<float> weights, int steps, AlsScratch scratch, Span<float> x)
    {
        if (entries.Length == 0)
        {
            x.Clear();
            return;
        }

        var residual = scratch.Right;
        var direction = scratch.Solution;
        var product = scratch.Product;
        var diagonal = scratch.InverseDiagonal;
        var system = new RowSystem(Factors, Stride, entries, Scaled(weights, scratch, out var lambda), Pull(lambda, scratch), Simd.Path);
        system.Residual(x, residual, diagonal);
        var rate = Precondition(residual, diagonal, direction);
        for (var step = 1; rate > 0; step++)
        {
            system.Apply(direction, product);
            var length = rate / Vectors.Dot(direction, product);
            if (!float.IsFinite(length))
            {
                return;
            }

            Vectors.AddScaled(direction, length, x);
            if (step == steps)
            {
                return;
            }

            Vectors.AddScaled(product, -length, residual);
            var next = Precondition(residual, diagonal, product);
            Vectors.AddScaled(direction, next / rate, product);
            product.CopyTo(direction);
            rate = next;
        }
    }

    /// <summary>Builds A for the entries and factorises it in the scratch.</summary>
    public void Factor(ReadOnlySpan<int> entries, ReadOnlySpan<float> weights, AlsScratch scratch)
    {
        _gram.CopyTo(scratch.Matrix);
        double confidence = Rows;
        for (var from = 0; from < entries.Length; from += PanelRows)
        {
            var count = Math.Min(PanelRows, entries.Length - from);
            var rows = scratch.Panel[..(count * Stride)];
            var scaled = scratch.ScaledPanel[..(count * Stride)];
            for (var k = 0; k < count; k++)
            {
                var weight = _options.Alpha * weights[from + k];
                confidence += weight;
                var row = Row(entries[from + k]);
                row.CopyTo(rows.Slice(k * Stride, Stride));
                TensorPrimitives.Multiply(row, weight, scaled.Slice(k * Stride, Stride));
            }

            SymmetricMatrix.AddOuterProducts(scratch.Matrix, Stride, rows, scaled);
        }

        var lambda = LambdaOf(confidence);
        for (var f = 0; f < Stride; f++)
        {
            scratch.Matrix[(f * Stride) + f] += lambda;
        }

        if (!SymmetricMatrix.Factor(scratch.Matrix, Stride, scratch.InverseDiagonal))
        {
            ThrowUnsolvable(entries.Length);
        }
    }

    /// <summary>Share of each entry in the score of the row <paramref name="target"/> of this side, from a factorised scratch.</summary>
    public void Explain(int target, ReadOnlySpan<int> entries, ReadOnlySpan<float> weights, AlsScratch scratch, Span<float> shares)
    {
        Row(target).CopyTo(scratch.Right);
        SymmetricMatrix.Solve(scratch.Matrix, Stride, scratch.InverseDiagonal, scratch.Right, scratch.Solution);
        for (var k = 0; k < entries.Length; k++)
        {
            shares[k] = Confidence(weights[k]) * Vectors.Dot(scratch.Solution, Row(entries[k]));
        }
    }

    /// <summary>
    /// With few entries the system is as large as they are (Woodbury): with E = D + lambda I and W the weights,
    /// (Y E^-1 Y^T + W^-1) u = W^-1 c and x = E^-1 Y^T u. Both terms are positive, so nothing is lost by subtracting.
    /// </summary>
    private void SolveDual(ReadOnlySpan<int> entries, ReadOnlySpan<float> weights, AlsScratch scratch, Span<float> x)
    {
        var count = entries.Length;
        var padded = (count + 7) & ~7;
        var scaled = Scaled(weights, scratch, out var lambda);
        var scale = Pull(lambda, scratch);
        foreach (ref var value in scale)
        {
            value = 1 / MathF.Sqrt(value);
        }

        // The rows lie side by side, [factor x entry], so that the sums run over factors.
        var panel = scratch.Panel[..(Stride * padded)];
        panel.Clear();
        for (var k = 0; k < count; k++)
        {
            Spread(Row(entries[k]), scale, panel[k..], padded);
        }

        var matrix = scratch.Matrix[..(padded * padded)];
        matrix.Clear();
        SymmetricMatrix.AddOuterProducts(matrix, padded, panel, panel);
        var right = scratch.Right[..padded];
        for (var k = 0; k < padded; k++)
        {
            var inverse = k < count ? 1 / scaled[k] : 1;
            matrix[(k * padded) + k] += inverse;
            right[k] = k < count ? 1 + inverse : 0;
        }

        var solution = scratch.Solution[..padded];
        if (!SymmetricMatrix.Factor(matrix, padded, scratch.InverseDiagonal[..padded]))
        {
            ThrowUnsolvable(count);
        }

        SymmetricMatrix.Solve(matrix, padded, scratch.InverseDiagonal[..padded], right, solution);
        x.Clear();
        for (var k = 0; k < count; k++)
        {
            Vectors.AddScaled(Row(entries[k]), solution[k], x);
        }

        for (var f = 0; f < x.Length; f++)
        {
            x[f] *= scale[f] * scale[f];
        }
    }

    private static void Spread(ReadOnlySpan<float> row, ReadOnlySpan<float> scale, Span<float> to, int step)
    {
        scale = scale[..row.Length];
        for (int f = 0, at = 0; f < row.Length; f++, at += step)
        {
            to[at] = row[f] * scale[f];
        }
    }

    private float Confidence(float weight) => 1 + (_options.Alpha * weight);

    /// <summary>alpha w of every entry, and the row's lambda.</summary>
    private Span<float> Scaled(ReadOnlySpan<float> weights, AlsScratch scratch, out float lambda)
    {
        var scaled = scratch.Weights(weights.Length);
        double confidence = Rows;
        for (var k = 0; k < weights.Length; k++)
        {
            scaled[k] = _options.Alpha * weights[k];
            confidence += scaled[k];
        }

        lambda = LambdaOf(confidence);
        return scaled;
    }

    private Span<float> Pull(float lambda, AlsScratch scratch)
    {
        var pull = scratch.Pull;
        for (var f = 0; f < pull.Length; f++)
        {
            pull[f] = _diagonal![f] + lambda;
        }

        return pull;
    }

    /// <summary>Writes the residual over the diagonal of A and returns its product with the residual.</summary>
    private static float Precondition(ReadOnlySpan<float> residual, ReadOnlySpan<float> diagonal, Span<float> to)
    {
        for (var f = 0; f < to.Length; f++)
        {
            to[f] = residual[f] / diagonal[f];
        }

        return Vectors.Dot(residual, to);
    }

    private float LambdaOf(double confidence) => (float)(_options.Regularization * Math.Pow(confidence, _options.RegularizationExponent));

    private void ThrowUnsolvable(int entries) => throw new ArithmeticException(
        $"The normal equations of a row with {entries} entries cannot be solved in single precision; raise regularization ({_options.Regularization}).");

    private static float[] MatrixOf(float[] diagonal)
    {
        var matrix = new float[diagonal.Length * diagonal.Length];
        for (var f = 0; f < diagonal.Length; f++)
        {
            matrix[(f * diagonal.Length) + f] = diagonal[f];
        }

        return matrix;
    }

    private static float[]? DiagonalOf(float[] gram, int stride)
    {
        for (var i = 0; i < stride; i++)
        {
            for (var j = i + 1; j < stride; j++)
            {
                if (Math.Abs(gram[(i * stride) + j]) > Rounding * Math.Sqrt((double)gram[(i * stride) + i] * gram[(j * stride) + j]))
                {
                    return null;
                }
            }
        }

        var diagonal = new float[stride];
        for (var f = 0; f < stride; f++)
        {
            diagonal[f] = gram[(f * stride) + f];
        }

        return diagonal;
    }
}

/// <summary>Scratch of one solve, cut from one pooled array.</summary>
internal readonly ref struct AlsScratch(Span<float> all, int stride, int panelRows)
{
    /// <summary>Rows of scratch beside the matrix and the panels.</summary>
    public const int Lines = 5;

    private readonly Span<float> _all = all;

    public Span<float> Matrix => _all[..(stride * stride)];

    public Span<float> Panel => _all.Slice(stride * stride, panelRows * stride);

    public Span<float> ScaledPanel => _all.Slice((stride * stride) + (panelRows * stride), panelRows * stride);

    public Span<float> InverseDiagonal => Line(0);

    public Span<float> Right => Line(1);

    public Span<float> Solution => Line(2);

    public Span<float> Product => Line(3);

    public Span<float> Pull => Line(4);

    /// <summary>Room for as many numbers as a row has entries; long rows get an array of their own.</summary>
    public Span<float> Weights(int entries) => entries <= panelRows * stride ? ScaledPanel[..entries] : new float[entries];

    private Span<float> Line(int line) => _all.Slice((stride * stride) + (2 * panelRows * stride) + (line * stride), stride);
}
