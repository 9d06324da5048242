using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Ranking;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Ranking;

public class FactorIndexTests
{
    [Fact]
    public void Search_equals_scoring_every_item_whatever_the_factors()
    {
        var random = new Random(5);
        for (var round = 0; round < 600; round++)
        {
            var stride = 8 * (1 + random.Next(round % 20 == 0 ? 64 : 10));
            var items = round % 2 == 0 ? random.Next(68) : random.Next(1500);
            var factors = Factors(random, items, stride, round % 6);
            var query = Factors(random, 1, stride, random.Next(5));
            if (random.Next(4) == 0 && items > 0)
            {
                factors.AsSpan(random.Next(items) * stride, stride).CopyTo(query);
            }

            var index = new FactorIndex(factors, items, stride);
            var mask = Mask(random, items);
            var ties = Enumerable.Range(0, random.Next(items + 1)).Select(_ => random.Next(6)).ToArray();
            var selection = random.Next(3) == 0 ? Selection.All : new Selection(mask, ties);
            var best = new ScoredItem[random.Next(5) switch { 0 => 0, 1 => items + 3, _ => 1 + random.Next(20) }];
            var expected = new ScoredItem[best.Length];
            var scores = new float[items];
            for (var item = 0; item < items; item++)
            {
                scores[item] = Vectors.DotPlain(query, factors.AsSpan(item * stride, stride));
            }

            var wanted = TopN.Select(scores, selection, expected, SimdPath.Plain);
            foreach (var path in Enum.GetValues<SimdPath>())
            {
                best.AsSpan().Clear();
                index.Search(query, selection, best, path, out _).ShouldBe(wanted, $"round {round}");
                best.AsSpan(0, wanted).SequenceEqual(expected.AsSpan(0, wanted)).ShouldBeTrue($"round {round}, {path}");
            }
        }
    }

    [Fact]
    public void Few_items_are_scored_in_float_and_nothing_is_allocated()
    {
        var random = new Random(6);
        var index = new FactorIndex(Factors(random, 10_000, 64, 0), 10_000, 64);
        var query = Factors(random, 1, 64, 0);
        var best = new ScoredItem[10];
        index.Search(query, Selection.All, best, SimdPath.Vector256, out var scored).ShouldBe(10);
        scored.ShouldBeLessThan(1000);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            index.Search(query, Selection.All, best);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
    }

    private static ulong[] Mask(Random random, int items)
    {
        var mask = new ulong[(items + 63) / 64];
        var kind = random.Next(5);
        for (var word = 0; word < mask.Length; word++)
        {
            mask[word] = kind switch
            {
                0 => 0,
                1 => ulong.MaxValue,
                2 => (ulong)random.NextInt64() & (ulong)random.NextInt64() & (ulong)random.NextInt64() & (ulong)random.NextInt64() & (ulong)random.NextInt64(),
                _ => ~(1UL << random.Next(64)),
            };
        }

        return mask;
    }

    // 0 ordinary, 1 few distinct values (ties), 2 huge and tiny rows mixed, 3 all equal, 4 one factor dominates, 5 nearly equal rows.
    private static float[] Factors(Random random, int rows, int stride, int kind)
    {
        var factors = new float[rows * stride];
        for (var k = 0; k < factors.Length; k++)
        {
            var value = (float)(random.NextDouble() - 0.5);
            factors[k] = kind switch
            {
                0 => value,
                1 => random.Next(-1, 2),
                2 => value * MathF.Pow(10, ((k / stride * 7) % 50) - 32),
                3 => 0.3f,
                4 => k % stride == 3 ? value * 1000 : value * 1e-3f,
                _ => 0.5f + (value * 1e-6f),
            };
        }

        return factors;
    }
}
