using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// Eigenvectors of a small symmetric positive semidefinite matrix, by one-sided Jacobi rotations in double precision (Hestenes 1958; de Rijk
/// 1989): pairs of rows of V^T G are turned until all rows stand upright on each other. A matrix that is nearly diagonal takes few rotations.
/// Fixed order, same bits on every path. Scratch for one thread, reused.
/// </summary>
internal sealed unsafe class SymmetricEigen
{
    /// <summary>Cosine below which two rows count as upright: far below what single precision can tell of the matrix.</summary>
    private const double Upright = 1e-8;

    private const int MostRounds = 20;
    private const int Lanes = 8;

    private readonly int _size;
    private readonly int _stride;
    private readonly SimdPath _path;
    private readonly double[] _rows;
    private readonly double[] _basis;
    private readonly double[] _squares;

    public SymmetricEigen(int size, SimdPath? path = null)
    {
        _size = size;
        _path = path ?? Simd.Path;
        _stride = (size + Lanes - 1) / Lanes * Lanes;
        _rows = new double[size * _stride];
        _basis = new double[size * _stride];
        _squares = new double[size];
    }

    /// <summary>
    /// Writes an orthonormal basis, a vector a column, in which the matrix is diagonal, and the diagonal. The order of the vectors is whatever
    /// the smallest turn from the given axes leads to.
    /// </summary>
    /// <param name="matrix">Finite; the upper triangle counts, rows <paramref name="stride"/> apart.</param>
    /// <param name="stride">Distance of two rows.</param>
    /// <param name="basis"><b>[size x size]</b>.</param>
    /// <param name="values"><b>[size]</b>, 0 or more.</param>
    public void Solve(ReadOnlySpan<float> matrix, int stride, Span<float> basis, Span<float> values)
    {
        Array.Clear(_rows);
        Array.Clear(_basis);
        for (var i = 0; i < _size; i++)
        {
            _basis[(i * _stride) + i] = 1;
            for (var j = i; j < _size; j++)
            {
                _rows[(i * _stride) + j] = _rows[(j * _stride) + i] = matrix[(i * stride) + j];
            }
        }

        fixed (double* rows = _rows, vectors = _basis)
        {
            for (var round = 0; round < MostRounds && Turn(rows, vectors); round++)
            {
            }

            for (var i = 0; i < _size; i++)
            {
                values[i] = (float)Math.Max(0, Dot(rows + (i * _stride), vectors + (i * _stride)));
                for (var j = 0; j < _size; j++)
                {
                    basis[(j * _size) + i] = (float)vectors[(i * _stride) + j];
                }
            }
        }
    }

    /// <summary>One round over all pairs; false when none had to be turned.</summary>
    private bool Turn(double* rows, double* vectors)
    {
        var total = 0.0;
        for (var i = 0; i < _size; i++)
        {
            _squares[i] = Dot(rows + (i * _stride), rows + (i * _stride));
            total += _squares[i];
        }

        // Rows that are nothing but rounding have no direction to speak of.
        var nothing = total * 1e-24;
        var turned = false;
        for (var p = 0; p < _size - 1; p++)
        {
            for (var q = p + 1; q < _size; q++)
            {
                if (_squares[p] <= nothing || _squares[q] <= nothing)
                {
                    continue;
                }

                var product = Dot(rows + (p * _stride), rows + (q * _stride));
                if (product * product <= Upright * Upright * _squares[p] * _squares[q])
                {
                    continue;
                }

                var ratio = (_squares[q] - _squares[p]) / (2 * product);
                var tangent = Math.CopySign(1, ratio) / (Math.Abs(ratio) + Math.Sqrt(1 + (ratio * ratio)));
                var cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
                Rotate(rows + (p * _stride), rows + (q * _stride), cosine, cosine * tangent);
                Rotate(vectors + (p * _stride), vectors + (q * _stride), cosine, cosine * tangent);
                _squares[p] -= tangent * product;
                _squares[q] += tangent * product;
                turned = true;
            }
        }

        return turned;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Dot(double* a, double* b)
    {
        if (_path == SimdPath.Plain)
        {
            return DotPlain(a, b);
        }

        Vector256<double> low = default, high = default;
        for (var k = 0; k < _stride; k += Lanes)
        {
            low = Vector256.FusedMultiplyAdd(Vector256.Load(a + k), Vector256.Load(b + k), low);
            high = Vector256.FusedMultiplyAdd(Vector256.Load(a + k + 4), Vector256.Load(b + k + 4), high);
        }

        var sum = low + high;
        return sum[0] + sum[2] + (sum[1] + sum[3]);
    }

    private double DotPlain(double* a, double* b)
    {
        var sums = stackalloc double[Lanes];
        new Span<double>(sums, Lanes).Clear();
        for (var k = 0; k < _stride; k++)
        {
            sums[k % Lanes] = Math.FusedMultiplyAdd(a[k], b[k], sums[k % Lanes]);
        }

        return sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rotate(double* a, double* b, double cosine, double sine)
    {
        if (_path == SimdPath.Plain)
        {
            for (var k = 0; k < _stride; k++)
            {
                var old = a[k];
                a[k] = Math.FusedMultiplyAdd(-sine, b[k], cosine * old);
                b[k] = Math.FusedMultiplyAdd(sine, old, cosine * b[k]);
            }

            return;
        }

        var (c, s, minus) = (Vector256.Create(cosine), Vector256.Create(sine), Vector256.Create(-sine));
        for (var k = 0; k < _stride; k += 4)
        {
            var (x, y) = (Vector256.Load(a + k), Vector256.Load(b + k));
            Vector256.FusedMultiplyAdd(minus, y, c * x).Store(a + k);
            Vector256.FusedMultiplyAdd(s, x, c * y).Store(b + k);
        }
    }
}
