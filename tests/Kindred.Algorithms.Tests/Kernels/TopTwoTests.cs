using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

public sealed class TopTwoTests
{
    [Fact]
    public void Vector_path_answers_like_the_plain_one()
    {
        Assert.SkipUnless(Simd.Path == SimdPath.Vector256, "This processor has no AVX2, or the plain path is forced.");
        var random = new Random(3);
        for (var length = 8; length <= 72; length += 8)
        {
            for (var turn = 0; turn < 300; turn++)
            {
                // Few different numbers, so that the largest often stands twice; some lanes are left out, sometimes all.
                var kinds = 1 + random.Next(20);
                var values = Enumerable.Range(0, length + 1)
                    .Select(_ => random.Next(9) < turn % 10 ? float.NegativeInfinity : random.Next(kinds) - 5f).ToArray().AsSpan(turn % 2, length);
                TopTwo.OfVector(values).ShouldBe(TopTwo.OfPlain(values), string.Join(' ', values.ToArray()));
            }
        }
    }

    [Fact]
    public void First_of_equal_numbers_counts_and_the_second_is_the_same_again()
    {
        TopTwo.Of([1, 7, 3, 7, 0, 0, 0, 0]).ShouldBe((1, 7, 7));
        TopTwo.Of([1, 2, 3, 4, 5, 9, 7, 8]).ShouldBe((5, 9, 8));
        TopTwo.Of([2, 1, 1, 1, 1, 1, 1, 1, 2, 3, 1, 1, 1, 1, 1, 1]).ShouldBe((9, 3, 2));
    }
}
