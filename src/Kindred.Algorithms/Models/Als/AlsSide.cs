using System.Diagnostics;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Models.Als;

/// <summary>
/// One side's factors, held fixed while rows of the other side are solved against them: the factors <b>[rows x stride]</b> (stride: factors
/// rounded up to a multiple of 8, filled with zeros) and their Gram matrix. Immutable once built; safe for any number of threads.
/// </summary>
internal sealed class AlsSide
{
    /// <summary>Rows gathered at a time: a panel of 64 factors stays in the second-level cache, and the sums have a fixed order.</summary>
    private const int PanelRows = 128;

    private readonly AlsOptions _options;
    private readonly float[] _gram;

    public AlsSide(float[] factors, int rows, AlsOptions options, int threads, CancellationToken cancellation = default)
    {
        Factors = factors;
        Rows = rows;
        Stride = StrideOf(options.Factors);
        _options = options;
        _gram = Gram(threads, cancellation);
    }

    public float[] Factors { get; }

    public int Rows { get; }

    public int Stride { get; }

    /// <summary>Floats of scratch a solve needs: the matrix, two panels and four rows.</summary>
    public int ScratchLength => (Stride * Stride) + (2 * PanelRows * Stride) + (4 * Stride);

    public static int StrideOf(int factors) => (factors + 7) & ~7;

    public ReadOnlySpan<float> Row(int row) => Factors.AsSpan(row * Stride, Stride);

    public AlsScratch Slice(Span<float> scratch) => new(scratch, Stride, PanelRows);

    /// <summary>
    /// Solves one row of the other side: x = A^-1 sum of c_k y_k, with A = Y^T Y + sum of (c_k - 1) y_k y_k^T + lambda I and c_k = 1 + alpha w_k.
    /// The factorised A stays in the scratch, for <see cref="Explain"/>. A row without entries is 0.
    /// </summary>
    public void Solve(ReadOnlySpan<int> entries, ReadOnlySpan<float> weights, AlsScratch scratch, Span<float> x)
    {
        if (entries.Length == 0)
        {
            x.Clear();
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
                System.Numerics.Tensors.TensorPrimitives.Multiply(row, weight, scaled.Slice(k * Stride, Stride));
            }

            SymmetricMatrix.AddOuterProducts(scratch.Matrix, Stride, rows, scaled);
        }

        var lambda = (float)(_options.Regularization * Math.Pow(confidence, _options.RegularizationExponent));
        for (var f = 0; f < Stride; f++)
        {
            scratch.Matrix[(f * Stride) + f] += lambda;
        }

        if (!SymmetricMatrix.Factor(scratch.Matrix, Stride, scratch.InverseDiagonal))
        {
            throw new ArithmeticException(
                $"The normal equations of a row with {entries.Length} entries cannot be solved in single precision; raise regularization ({_options.Regularization}).");
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

    private float Confidence(float weight) => 1 + (_options.Alpha * weight);

    /// <summary>Y^T Y: partial sums over ranges that depend on the number of rows only, added in order, so threads change nothing.</summary>
    private float[] Gram(int threads, CancellationToken cancellation)
    {
        var size = Stride * Stride;
        var range = Math.Max(1024, (Rows + 63) / 64);
        var parts = new float[(Rows + range - 1) / range][];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, part =>
        {
            var partial = new float[size];
            var rows = Factors.AsSpan(part * range * Stride, Math.Min(range, Rows - (part * range)) * Stride);
            SymmetricMatrix.AddOuterProducts(partial, Stride, rows, rows);
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
}

/// <summary>Scratch of one solve, cut from one pooled array.</summary>
internal readonly ref struct AlsScratch(Span<float> all, int stride, int panelRows)
{
    private readonly Span<float> _all = all;

    public Span<float> Matrix => _all[..(stride * stride)];

    public Span<float> Panel => _all.Slice(stride * stride, panelRows * stride);

    public Span<float> ScaledPanel => _all.Slice((stride * stride) + (panelRows * stride), panelRows * stride);

    public Span<float> InverseDiagonal => Line(0);

    public Span<float> Right => Line(1);

    public Span<float> Solution => Line(2);

    private Span<float> Line(int line) => _all.Slice((stride * stride) + (2 * panelRows * stride) + (line * stride), stride);
}
