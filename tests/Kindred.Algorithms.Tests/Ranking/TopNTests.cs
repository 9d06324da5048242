using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Ranking;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Ranking;

public class TopNTests
{
    public static TheoryData<string> Paths => ["Plain", "Vector256"];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Selection_equals_sorting_everything(string path)
    {
        var random = new Random(7);
        for (var round = 0; round < 1500; round++)
        {
            var items = round % 3 == 0 ? random.Next(400) : random.Next(68);
            var scores = new float[items + 3];
            for (var k = 0; k < scores.Length; k++)
            {
                // Few distinct values, so that ties are the rule.
                scores[k] = random.Next(12) switch
                {
                    0 => float.PositiveInfinity,
                    1 => float.NegativeInfinity,
                    2 => float.NaN,
                    3 => -0f,
                    var v => v - 4,
                };
            }

            var mask = new ulong[random.Next((items / 64) + 3)];
            var density = random.Next(4);
            for (var word = 0; word < mask.Length; word++)
            {
                mask[word] = density switch { 0 => 0, 1 => ulong.MaxValue, 2 => (ulong)random.NextInt64() & (ulong)random.NextInt64(), _ => (ulong)random.NextInt64() };
            }

            var ties = Enumerable.Range(0, random.Next(items + 1)).Select(_ => random.Next(5) == 0 ? int.MaxValue : random.Next(5)).ToArray();
            var best = new ScoredItem[random.Next(4) switch { 0 => 0, 1 => items + 5, _ => random.Next(12) }];
            var offset = random.Next(4); // odd alignments
            var selection = random.Next(4) == 0 ? Selection.All : new Selection(mask, ties);
            var slice = scores.AsSpan(offset, Math.Max(0, items - offset));

            var count = TopN.Select(slice, selection, best, Enum.Parse<SimdPath>(path));

            best[..count].ShouldBe(Sorted(slice.ToArray(), selection, best.Length));
        }
    }

    [Fact]
    public void Every_length_gives_all_its_items()
    {
        for (var length = 0; length <= 67; length++)
        {
            var scores = Enumerable.Range(0, length).Select(k => (float)((k * 37) % 67)).ToArray();
            var best = new ScoredItem[67];
            TopN.Select(scores, Selection.All, best, SimdPath.Vector256).ShouldBe(length);
            best[..length].Select(scored => scored.Score).ShouldBe(scores.OrderDescending());
        }
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var scores = Enumerable.Range(0, 10_000).Select(k => (float)((k * 7919) % 10_007)).ToArray();
        var best = new ScoredItem[10];
        TopN.Select(scores, Selection.All, best);
        var before = GC.GetAllocatedBytesForCurrentThread();
        TopN.Select(scores, Selection.All, best);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static ScoredItem[] Sorted(float[] scores, Selection selection, int n)
    {
        var allowed = new List<ScoredItem>();
        for (var item = 0; item < scores.Length; item++)
        {
            if (selection.Allows(item) && !float.IsNaN(scores[item]))
            {
                allowed.Add(new ScoredItem(item, scores[item]));
            }
        }

        var ties = selection.TieOrder.ToArray();
        return
        [
            .. allowed.OrderByDescending(scored => scored.Score)
                .ThenBy(scored => scored.Item < ties.Length ? ties[scored.Item] : (long)int.MaxValue + 1)
                .ThenBy(scored => scored.Item)
                .Take(n),
        ];
    }
}
