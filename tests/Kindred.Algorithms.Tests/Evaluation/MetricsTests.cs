using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Evaluation;

public sealed class MetricsTests
{
    [Fact]
    public void Example_of_the_page()
    {
        // User 0 wants {1, 4, 6}, gets 4 2 1; user 1 wants {0, 3, 5, 7}, gets 2 4 6; user 2 wants nothing; user 3 wants {5}, gets 3 5 0.
        var report = Metrics.Compute(
            RankedLists.From([[4, 2, 1], [2, 4, 6], [0, 1, 2], [3, 5, 0]]), Wanted([1, 4, 6], [0, 3, 5, 7], [], [5]), 3);
        report.Users.ShouldBe([0, 1, 3]);
        var log3 = Math.Log2(3);
        Check(report.HitRate, "hr@3", 1, 0, 1);
        Check(report.Recall, "recall@3", 2 / 3.0, 0, 1);
        Check(report.RecallCapped, "recall_capped@3", 2 / 3.0, 0, 1);
        Check(report.Ndcg, "ndcg@3", (1 + 0.5) / (1 + (1 / log3) + 0.5), 0, 1 / log3);
        Check(report.Map, "map@3", (1 + (2 / 3.0)) / 3, 0, 0.5);
        Check(report.Mrr, "mrr@3", 1, 0, 0.5);
        report.Ndcg.Mean.ShouldBe((0.703918 + 0 + 0.630930) / 3, 1e-6);
    }

    [Fact]
    public void Interval_is_two_standard_errors_wide_on_each_side()
    {
        // Hit rates 1, 0, 1: mean 2/3, sample variance 1/3, standard error 1/3.
        var report = Metrics.Compute(RankedLists.From([[4], [2], [5]]), Wanted([4], [0], [5]), 1);
        report.HitRate.Mean.ShouldBe(2 / 3.0, 1e-12);
        report.HitRate.HalfWidth.ShouldBe(1.959964 / 3, 1e-9);
    }

    [Fact]
    public void Recall_counts_all_wanted_items_and_the_capped_one_only_those_that_fit()
    {
        var report = Metrics.Compute(RankedLists.From([[0, 9]]), Wanted([0, 1, 2, 3]), 2);
        report.Recall.Mean.ShouldBe(0.25);
        report.RecallCapped.Mean.ShouldBe(0.5);
    }

    [Fact]
    public void Perfect_lists_score_one_and_all_lists_lie_between_zero_and_one()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var k = 1 + random.Next(12);
            var wanted = Draw(random, 1 + random.Next(20), 40);
            var list = Draw(random, 12, 40);
            foreach (var series in Metrics.Compute(RankedLists.From([list]), Wanted(wanted), k).All)
            {
                series.Mean.ShouldBeInRange(0, 1, series.Name);
            }

            // Wanted items first, then others: nothing better can be answered.
            var perfect = wanted.Concat(Enumerable.Range(0, 40).Except(wanted)).Take(12).ToArray();
            var best = Metrics.Compute(RankedLists.From([perfect]), Wanted(wanted), k);
            foreach (var series in best.All.Where(series => series != best.Recall))
            {
                series.Mean.ShouldBe(1, 1e-12, series.Name);
            }

            best.Recall.Mean.ShouldBe(Math.Min(k, wanted.Length) / (double)wanted.Length, 1e-12);
        }
    }

    [Fact]
    public void Earlier_hit_never_scores_less()
    {
        for (var place = 1; place < 10; place++)
        {
            var late = Enumerable.Range(1, 10).ToArray();
            var early = (int[])late.Clone();
            (early[place], early[place - 1]) = (early[place - 1], early[place]);
            var wanted = Wanted([late[place]]);
            Metrics.Compute(RankedLists.From([early]), wanted).Ndcg.Mean
                .ShouldBeGreaterThan(Metrics.Compute(RankedLists.From([late]), wanted).Ndcg.Mean);
        }
    }

    [Fact]
    public void Lists_with_an_item_twice_or_too_short_for_the_cut_are_refused()
    {
        Should.Throw<ArgumentException>(() => RankedLists.From([[1, 2, 1]])).Message.ShouldContain("user 0");
        Should.Throw<ArgumentOutOfRangeException>(() => Metrics.Compute(RankedLists.From([[1, 2]]), Wanted([1]), 3));
        Should.Throw<ArgumentException>(() => Metrics.Compute(RankedLists.From([[1, 2]]), Wanted([1], [2]), 2));
    }

    private static void Check(MetricSeries series, string name, params double[] expected)
    {
        series.Name.ShouldBe(name);
        series.Values.Length.ShouldBe(expected.Length);
        for (var k = 0; k < expected.Length; k++)
        {
            series.Values[k].ShouldBe(expected[k], 1e-12, $"{name}, user at {k}");
        }
    }

    private static int[] Draw(Random random, int count, int limit)
    {
        var all = Enumerable.Range(0, limit).ToArray();
        random.Shuffle(all);
        return all[..count];
    }

    private static Interactions Wanted(params int[][] items)
    {
        var builder = new CsrBuilder();
        for (var user = 0; user < items.Length; user++)
        {
            foreach (var item in items[user])
            {
                builder.Add(user, item, 1);
            }
        }

        return new Interactions(builder.Build(items.Length, 50));
    }
}
