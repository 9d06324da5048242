using Kindred.Algorithms.Evaluation;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Evaluation;

public sealed class PairedBootstrapTests
{
    [Fact]
    public void Small_gain_on_every_user_is_certain_however_much_users_differ()
    {
        var random = new Random(5);
        var first = Enumerable.Range(0, 200).Select(_ => random.NextDouble()).ToArray();
        var second = Array.ConvertAll(first, value => value + 0.001);
        var result = PairedBootstrap.Compare(first, second);
        result.Difference.ShouldBe(0.001, 1e-12);
        result.Low.ShouldBe(0.001, 1e-9);
        result.High.ShouldBe(0.001, 1e-9);
        result.ProbabilityBetter.ShouldBe(1);
        result.IsBetter.ShouldBeTrue();
    }

    [Fact]
    public void Equal_series_are_even()
    {
        double[] same = [0.1, 0.5, 0.9];
        var result = PairedBootstrap.Compare(same, same);
        result.ShouldBe(new PairedDifference(0, 0, 0, 0.5));
        result.IsBetter.ShouldBeFalse();
    }

    [Fact]
    public void Interval_is_that_of_the_normal_approximation_for_many_users()
    {
        var random = new Random(6);
        var first = new double[4000];
        var second = Enumerable.Range(0, first.Length).Select(_ => random.NextDouble() - 0.5).ToArray();
        var result = PairedBootstrap.Compare(first, second, samples: 4000);

        // Uniform on a width of 1: standard deviation 0.288675, of the mean of 4,000 0.004564.
        result.Low.ShouldBe(result.Difference - (1.96 * 0.004564), 0.0005);
        result.High.ShouldBe(result.Difference + (1.96 * 0.004564), 0.0005);
    }

    [Fact]
    public void Swapped_series_give_the_mirrored_answer()
    {
        double[] first = [0, 0.2, 0.4, 1, 0.3, 0];
        double[] second = [0.1, 0.1, 0.8, 0.7, 0.5, 0.2];
        var forth = PairedBootstrap.Compare(first, second);
        var back = PairedBootstrap.Compare(second, first);
        back.Difference.ShouldBe(-forth.Difference, 1e-12);
        back.Low.ShouldBe(-forth.High, 1e-12);
        back.ProbabilityBetter.ShouldBe(1 - forth.ProbabilityBetter, 1e-12);
    }

    [Fact]
    public void Answer_depends_on_the_seed_but_not_on_threads()
    {
        var random = new Random(8);
        var first = Enumerable.Range(0, 50).Select(_ => random.NextDouble()).ToArray();
        var second = Enumerable.Range(0, 50).Select(_ => random.NextDouble()).ToArray();
        var one = PairedBootstrap.Compare(first, second, threads: 1);
        PairedBootstrap.Compare(first, second, threads: 4).ShouldBe(one);
        PairedBootstrap.Compare(first, second, seed: 1).ShouldNotBe(one);
    }

    [Fact]
    public void Series_of_different_users_are_refused()
    {
        Should.Throw<ArgumentException>(() => PairedBootstrap.Compare([1, 2], [1])).Message.ShouldContain("2 and 1");
        Should.Throw<ArgumentException>(() => PairedBootstrap.Compare([], []));
    }

    [Fact]
    public void Generator_is_even_and_repeats_itself()
    {
        var random = new SeededRandom(1, 2);
        var again = new SeededRandom(1, 2);
        var counts = new int[7];
        for (var k = 0; k < 70_000; k++)
        {
            var value = random.Below(7);
            again.Below(7).ShouldBe(value);
            counts[value]++;
        }

        counts.ShouldAllBe(count => count > 9_500 && count < 10_500);
    }
}
