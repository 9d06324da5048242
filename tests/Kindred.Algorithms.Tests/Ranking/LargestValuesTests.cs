using Kindred.Algorithms.Ranking;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Ranking;

public class LargestValuesTests
{
    [Fact]
    public void Threshold_is_that_of_sorting()
    {
        var random = new Random(4);
        var largest = new LargestValues();
        for (var length = 1; length <= 300; length += 1 + (length / 20))
        {
            // Few different values, so that there are ties; signs do not count.
            var values = Enumerable.Range(0, length).Select(_ => MathF.Round((float)(random.NextDouble() - 0.5) * 40) * MathF.Pow(10, random.Next(3))).ToArray();
            foreach (var k in (int[])[1, (length + 1) / 2, length])
            {
                var sorted = values.Select(MathF.Abs).OrderDescending().Take(k).ToArray();
                var (size, ties) = largest.Find(values, k);
                size.ShouldBe(sorted[^1], $"{k} of {length}");
                ties.ShouldBe(sorted.Count(value => value >= size && value <= size));
            }
        }
    }

    [Fact]
    public void Infinities_and_the_smallest_numbers_have_their_place()
    {
        var largest = new LargestValues();
        float[] values = [0, -0f, float.Epsilon, float.NegativeInfinity, 1, 2];
        largest.Find(values, 1).ShouldBe((float.PositiveInfinity, 1));
        largest.Find(values, 4).ShouldBe((float.Epsilon, 1));
        largest.Find(values, 6).ShouldBe((0f, 2));
    }
}
