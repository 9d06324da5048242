using System.Buffers;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Models.Als;

/// <summary>
/// Turns the axes of the factor space so that one side's Gram matrix is diagonal. Scores and lengths, and with them the objective, do not
/// change when both sides turn alike; solving against a diagonal matrix is what gets cheap.
/// </summary>
internal sealed class AlsAxes(int factors, SimdPath path)
{
    private const int RowsAtOnce = 512;

    private readonly SymmetricEigen _eigen = new(factors, path);
    private readonly float[] _basis = new float[factors * factors];

    /// <summary>Turns the side, and what else lies in the same axes, in place; returns the Gram matrix's diagonal <b>[stride]</b>.</summary>
    public float[] Turn(float[] side, int rows, float[]? other, int otherRows, TrainingContext context)
    {
        var stride = AlsSide.StrideOf(factors);
        var gram = AlsSide.GramOf(side, rows, stride, context.Threads, context.Cancellation);
        var diagonal = new float[stride];
        _eigen.Solve(gram, stride, _basis, diagonal.AsSpan(0, factors));
        Rotate(side, rows, stride, context);
        if (other is not null)
        {
            Rotate(other, otherRows, stride, context);
        }

        return diagonal;
    }

    private void Rotate(float[] side, int rows, int stride, TrainingContext context)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(0, (rows + RowsAtOnce - 1) / RowsAtOnce, parallel, part =>
        {
            var own = side.AsSpan(part * RowsAtOnce * stride, Math.Min(RowsAtOnce, rows - (part * RowsAtOnce)) * stride);
            var rented = ArrayPool<float>.Shared.Rent(own.Length);
            var old = rented.AsSpan(0, own.Length);
            own.CopyTo(old);
            Gemm.Multiply(new MatrixView(old, own.Length / stride, factors, stride), new MatrixView(_basis, factors, factors, factors), own, stride);
            ArrayPool<float>.Shared.Return(rented);
        });
    }
}
