using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

public class RowSystemTests
{
    [Fact]
    public void Products_and_residuals_have_the_bits_of_their_plain_twin_and_are_right()
    {
        var random = new Random(8);
        for (var count = 0; count <= 67; count++)
        {
            var stride = 8 * (1 + (count % 9));
            var offset = count % 4;
            var rows = Numbers(random, (40 * stride) + offset).AsSpan(offset);
            var picked = Enumerable.Range(0, count).Select(_ => random.Next(40)).ToArray();
            var weights = Numbers(random, count).Select(value => value + 1).ToArray();
            var pull = Numbers(random, stride).Select(value => value + 2).ToArray();
            var x = Numbers(random, stride);
            var fast = Run(rows, stride, picked, weights, pull, x, SimdPath.Vector256);
            var plain = Run(rows, stride, picked, weights, pull, x, SimdPath.Plain);
            fast.ShouldBe(plain, $"{count} rows of {stride}");
            for (var f = 0; f < stride; f++)
            {
                double product = pull[f] * x[f], right = 0, diagonal = pull[f];
                for (var k = 0; k < count; k++)
                {
                    var row = rows.Slice(picked[k] * stride, stride);
                    var dot = 0.0;
                    for (var g = 0; g < stride; g++)
                    {
                        dot += row[g] * x[g];
                    }

                    product += weights[k] * dot * row[f];
                    right += (1 + weights[k]) * row[f];
                    diagonal += weights[k] * row[f] * row[f];
                }

                fast[f].ShouldBe((float)product, 1e-4f);
                fast[stride + f].ShouldBe((float)(right - product), 1e-4f);
                fast[(2 * stride) + f].ShouldBe((float)diagonal, 1e-4f);
            }

            if (count > 0)
            {
                x[stride / 2] = float.NaN;
                Run(rows, stride, picked, weights, pull, x, SimdPath.Vector256).Take(2 * stride).ShouldAllBe(value => float.IsNaN(value));
                Run(rows, stride, picked, weights, pull, x, SimdPath.Plain).Take(2 * stride).ShouldAllBe(value => float.IsNaN(value));
            }
        }
    }

    private static float[] Run(ReadOnlySpan<float> rows, int stride, int[] picked, float[] weights, float[] pull, float[] x, SimdPath path)
    {
        var system = new RowSystem(rows, stride, picked, weights, pull, path);
        var all = new float[3 * stride];
        system.Apply(x, all.AsSpan(0, stride));
        system.Residual(x, all.AsSpan(stride, stride), all.AsSpan(2 * stride, stride));
        return all;
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
}
