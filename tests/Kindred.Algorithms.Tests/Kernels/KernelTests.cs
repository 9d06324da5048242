using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

public class KernelTests
{
    [Fact]
    public void Scalar_product_has_the_bits_of_its_plain_twin()
    {
        var random = new Random(1);
        for (var length = 0; length <= 67; length++)
        {
            for (var offset = 0; offset < 4; offset++)
            {
                var a = Numbers(random, length + offset).AsSpan(offset);
                var b = Numbers(random, length + offset).AsSpan(offset);
                var plain = Vectors.DotPlain(a, b);
                BitConverter.SingleToInt32Bits(Vectors.DotVector(a, b)).ShouldBe(BitConverter.SingleToInt32Bits(plain), $"length {length}");
                var exact = 0.0;
                for (var k = 0; k < length; k++)
                {
                    exact += (double)a[k] * b[k];
                }

                plain.ShouldBe((float)exact, 1e-4f);
                if (length > 0)
                {
                    a[length / 2] = float.PositiveInfinity;
                    float.IsFinite(Vectors.DotVector(a, b)).ShouldBeFalse();
                    a[length / 2] = float.NaN;
                    float.IsNaN(Vectors.DotVector(a, b)).ShouldBeTrue();
                    float.IsNaN(Vectors.DotPlain(a, b)).ShouldBeTrue();
                }
            }
        }
    }

    [Fact]
    public void Symmetric_systems_have_the_bits_of_their_plain_twin_and_are_solved()
    {
        var random = new Random(2);
        for (var n = 8; n <= 72; n += 8)
        {
            foreach (var count in (int[])[0, 1, 5, 40, 133])
            {
                var rows = Numbers(random, count * n);
                var scaled = rows.Select(v => v * 1.5f).ToArray();
                var fast = Identity(n);
                var plain = Identity(n);
                SymmetricMatrix.AddOuterProducts(fast, n, rows, scaled, SimdPath.Vector256);
                SymmetricMatrix.AddOuterProducts(plain, n, rows, scaled, SimdPath.Plain);
                Upper(fast, n).ShouldBe(Upper(plain, n));

                var original = (float[])plain.Clone();
                var inverse = new float[n];
                SymmetricMatrix.Factor(fast, n, inverse, SimdPath.Vector256).ShouldBeTrue();
                SymmetricMatrix.Factor(plain, n, inverse, SimdPath.Plain).ShouldBeTrue();
                fast.ShouldBe(plain);

                var wanted = Numbers(random, n);
                var right = new float[n];
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j < n; j++)
                    {
                        right[i] += original[(Math.Min(i, j) * n) + Math.Max(i, j)] * wanted[j];
                    }
                }

                var x = new float[n];
                SymmetricMatrix.Solve(fast, n, inverse, right, x);
                x.ShouldBe(wanted, 1e-2);
            }
        }
    }

    [Fact]
    public void Matrix_that_is_not_positive_definite_is_noticed()
    {
        var matrix = Identity(8);
        matrix[(3 * 8) + 3] = -1;
        SymmetricMatrix.Factor(matrix, 8, new float[8]).ShouldBeFalse();
        matrix = Identity(8);
        matrix[(3 * 8) + 5] = float.NaN;
        SymmetricMatrix.Factor(matrix, 8, new float[8]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Number_that_is_not_finite_is_found_at_any_place(float bad)
    {
        for (var length = 0; length <= 67; length++)
        {
            var values = Enumerable.Repeat(float.MaxValue, length).ToArray();
            Finite.All(values).ShouldBeTrue();
            for (var k = 0; k < length; k++)
            {
                values[k] = bad;
                Finite.All(values).ShouldBeFalse();
                values[k] = -float.Epsilon;
            }
        }
    }

    [Fact]
    public void Path_is_forced_by_name_only()
    {
        Simd.Choose("plain", SimdPath.Vector512).ShouldBe(SimdPath.Plain);
        Simd.Choose(null, SimdPath.Plain).ShouldBe(SimdPath.Plain);
        Simd.Choose("", SimdPath.Vector512).ShouldBe(SimdPath.Vector512);
        Simd.Choose("256", SimdPath.Vector512).ShouldBe(SimdPath.Vector256);
        Should.Throw<PlatformNotSupportedException>(() => Simd.Choose("256", SimdPath.Plain)).Message.ShouldContain("AVX2");
        Should.Throw<PlatformNotSupportedException>(() => Simd.Choose("512", SimdPath.Vector256)).Message.ShouldContain("AVX-512");
        Should.Throw<PlatformNotSupportedException>(() => Simd.Choose("avx", SimdPath.Vector512));
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static float[] Identity(int n) => [.. Enumerable.Range(0, n * n).Select(k => k % (n + 1) == 0 ? 1f : 0f)];

    private static float[] Upper(float[] matrix, int n) => [.. Enumerable.Range(0, n * n).Where(k => k / n <= k % n).Select(k => matrix[k])];
}
