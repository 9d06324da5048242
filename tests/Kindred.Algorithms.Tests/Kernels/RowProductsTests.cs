using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

public sealed class RowProductsTests
{
    [Fact]
    public void Vector_path_has_the_bits_of_the_plain_one()
    {
        Assert.SkipUnless(Simd.Path == SimdPath.Vector256, "This processor has no AVX2, or the plain path is forced.");
        var random = new Random(1);
        for (var stride = 8; stride <= 72; stride += 8)
        {
            for (var entries = 0; entries <= 67; entries++)
            {
                for (var odd = 0; odd < 2; odd++)
                {
                    var table = Numbers(random, (67 * stride) + odd);
                    var start = Numbers(random, stride + odd);
                    var values = Numbers(random, entries + odd);
                    if (entries == 40)
                    {
                        (table[odd + 5], values[odd], start[odd + 1]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
                    }

                    var columns = Enumerable.Range(0, 67).OrderBy(_ => random.Next()).Take(entries).Order().ToArray();
                    var vector = new float[stride];
                    var plain = new float[stride];
                    RowProducts.MultiplyVector(columns, values.AsSpan(odd), table.AsSpan(odd), start.AsSpan(odd), vector);
                    RowProducts.MultiplyPlain(columns, values.AsSpan(odd), table.AsSpan(odd), start.AsSpan(odd), plain);
                    vector.ShouldBe(plain, $"stride {stride}, {entries} entries, offset {odd}");
                }
            }
        }
    }

    [Fact]
    public void Product_is_the_sum_over_the_entries()
    {
        var to = new float[8];
        RowProducts.Multiply([0, 2], [2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 10, 20, 30, 40, 50, 60, 70, 80], [1, 1, 1, 1, 0, 0, 0, 0], to);
        to.ShouldBe([33, 65, 97, 129, 160, 192, 224, 256]);
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
}
