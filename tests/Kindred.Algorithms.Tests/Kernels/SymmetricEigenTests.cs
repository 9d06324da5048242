using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

public class SymmetricEigenTests
{
    [Fact]
    public void Basis_is_orthonormal_and_makes_the_matrix_diagonal_with_the_bits_of_the_plain_twin()
    {
        var random = new Random(6);
        foreach (var n in (int[])[1, 2, 3, 7, 8, 9, 31, 64, 67])
        {
            // From full rank down to none: what has no direction must not spoil the rest.
            foreach (var rank in (int[])[n + 3, (n + 1) / 2, 1, 0])
            {
                var stride = n + 2;
                var gram = GramOf(random, rank, n, stride);
                float[] basis = new float[n * n], values = new float[n], plainBasis = new float[n * n], plainValues = new float[n];
                new SymmetricEigen(n, SimdPath.Vector256).Solve(gram, stride, basis, values);
                new SymmetricEigen(n, SimdPath.Plain).Solve(gram, stride, plainBasis, plainValues);
                basis.ShouldBe(plainBasis);
                values.ShouldBe(plainValues);
                values.ShouldAllBe(value => value >= 0);
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j < n; j++)
                    {
                        Form(basis, null, stride, n, i, j).ShouldBe(i == j ? 1 : 0, 1e-5);
                        Form(basis, gram, stride, n, i, j).ShouldBe(i == j ? values[i] : 0, 1e-5 * (1 + values.Max()), $"{n}, rank {rank}, {i}, {j}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Diagonal_matrix_keeps_its_axes()
    {
        float[] basis = new float[9], values = new float[3];
        new SymmetricEigen(3).Solve([3, 0, 0, 0, 5, 0, 0, 0, 0], 3, basis, values);
        basis.ShouldBe([1f, 0, 0, 0, 1, 0, 0, 0, 1]);
        values.ShouldBe([3f, 5, 0]);
    }

    private static float[] GramOf(Random random, int rank, int n, int stride)
    {
        var rows = Enumerable.Range(0, rank * n).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var gram = new float[n * stride];
        for (var i = 0; i < n; i++)
        {
            for (var j = i; j < n; j++)
            {
                for (var k = 0; k < rank; k++)
                {
                    gram[(i * stride) + j] += rows[(k * n) + i] * rows[(k * n) + j];
                }
            }
        }

        return gram;
    }

    /// <summary>v_i^T M v_j, M being the identity where none is given.</summary>
    private static double Form(float[] basis, float[]? matrix, int stride, int n, int i, int j)
    {
        var sum = 0.0;
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b < n; b++)
            {
                var entry = matrix is null ? (a == b ? 1 : 0) : matrix[(Math.Min(a, b) * stride) + Math.Max(a, b)];
                sum += (double)basis[(a * n) + i] * entry * basis[(b * n) + j];
            }
        }

        return sum;
    }
}
