using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tests.Models;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Evaluation;

public sealed class ListQualityTests
{
    // Three users have histories; item 0 is everybody's, item 4 nobody's.
    private static readonly int[][] s_histories = [[0, 1], [0, 3], [0, 1, 2], []];
    private static readonly int[][] s_lists = [[2, 3], [1, 2], [3], [0, 1]];
    private static readonly SegmentOptions s_bounds = new() { MediumFrom = 3, HeavyFrom = 4 };

    [Fact]
    public void Example_of_the_page()
    {
        var train = Histories(s_histories);
        var test = Histories([[2], [], [4], []]);
        var lists = RankedLists.From(s_lists);
        var segments = ListQuality.Compute(lists, train, Metrics.Compute(lists, test, 2), s_bounds, k: 2);
        segments.Select(segment => (segment.Segment, segment.Users, segment.TestUsers)).ShouldBe([("all", 3, 2), ("cold", 2, 1), ("medium", 1, 1), ("heavy", 0, 0)]);

        var (one, half) = (Math.Log2(3), Math.Log2(1.5));
        Check(segments[0], ndcg: 0.5, 3 / 4.0, (one + ((half + one) / 2) + one) / 3, (1 + 1 - Math.Sqrt(0.5)) / 2, 7 / 20.0, 7 / 18.0);
        Check(segments[1], ndcg: 1, 3 / 4.0, (one + ((half + one) / 2)) / 2, (1 + 1 - Math.Sqrt(0.5)) / 2, 6 / 16.0, 5 / 12.0);
        Check(segments[2], ndcg: 0, 1 / 4.0, one, 0, 3 / 4.0, 1 / 3.0);
        Check(segments[3], 0, 0, 0, 0, 0, 0);
        segments[0].Novelty.ShouldBe(1.4183, 1e-4);
    }

    [Fact]
    public void Likeness_goes_by_features_where_both_items_have_some()
    {
        // Item 1 has category a, item 2 has a, b, c and d: cosine 1/2. Item 3 has none, so items 2 and 3 go by their users, who differ.
        var features = new CsrBuilder();
        foreach (var (item, category) in ((int, int)[])[(1, 0), (2, 0), (2, 1), (2, 2), (2, 3)])
        {
            features.Add(item, category, 1);
        }

        var train = new Interactions(Histories(s_histories).ByUser, itemFeatures: features.Build(5, 4));
        ListQuality.Compute(RankedLists.From(s_lists), train)[0].Diversity.ShouldBe((1 + 0.5) / 2, 1e-12);
    }

    [Fact]
    public void Gini_runs_from_equal_shares_to_one_taking_all()
    {
        ListQuality.Gini([5, 5, 5, 5]).ShouldBe(0, 1e-12);
        ListQuality.Gini([0, 7, 0, 0]).ShouldBe(3 / 4.0, 1e-12);
        ListQuality.Gini([2, 0, 1, 2]).ShouldBe(7 / 20.0, 1e-12);
        ListQuality.Gini([0, 0]).ShouldBe(0);
        ListQuality.Gini([]).ShouldBe(0);
    }

    [Fact]
    public void Weights_count_in_the_likeness_of_columns()
    {
        // Columns (1, 2, 0) and (2, 0, 1): 2 / 5.
        var train = new InteractionsBuilder();
        train.Add(0, 0, 1);
        train.Add(0, 1, 2);
        train.Add(1, 0, 2);
        train.Add(2, 1, 1);
        ListQuality.Compute(RankedLists.From([[0, 1], [], []]), train.Build(3, 2))[0].Diversity.ShouldBe(1 - (2 / 5.0), 1e-12);
    }

    [Fact]
    public void Random_lists_agree_with_the_formulas_written_out_for_any_number_of_threads()
    {
        var random = new Random(5);
        int[][] histories = [.. Enumerable.Range(0, 60).Select(_ => Draw(random, random.Next(12)))];
        int[][] shown = [.. histories.Select(_ => Draw(random, random.Next(6)))];
        var train = Histories(histories, 30);
        var once = ListQuality.Compute(RankedLists.From(shown), train, options: new SegmentOptions { MediumFrom = 4, HeavyFrom = 8 }, k: 4);
        ListQuality.Compute(RankedLists.From(shown), train, options: new SegmentOptions { MediumFrom = 4, HeavyFrom = 8 }, k: 4, threads: 4).ShouldBe(once);

        int[] members = [.. Enumerable.Range(0, 60).Where(user => histories[user].Length is >= 4 and < 8)];
        var with = histories.Count(history => history.Length > 0);
        int Holders(int item) => histories.Count(history => history.Contains(item));
        double Alike(int a, int b) => histories.Count(history => history.Contains(a) && history.Contains(b)) is var both && both == 0 ? 0 : both / Math.Sqrt((double)Holders(a) * Holders(b));
        int[][] lists = [.. members.Select(user => shown[user].Take(4).ToArray()).Where(list => list.Length > 0)];
        double Pairs(int[] list) => list.SelectMany((a, at) => list.Skip(at + 1).Select(b => 1 - Alike(a, b))).Average();
        var expected = new SegmentQuality(
            "medium",
            members.Length,
            0,
            0,
            lists.SelectMany(list => list).Distinct().Count() / 30.0,
            lists.Average(list => list.Average(item => -Math.Log2((double)Holders(item) / with))),
            lists.Where(list => list.Length > 1).Average(Pairs),
            once[2].Gini,
            lists.Average(list => list.Average(item => (double)Holders(item) / with)));
        Enumerable.Range(0, 30).Select(Holders).Min().ShouldBeGreaterThan(0);
        once[2].Rounded(9).ShouldBe(expected.Rounded(9));

        // Gini as half the mean difference of all pairs, by the mean.
        var counts = Enumerable.Range(0, 30).Select(item => lists.Count(list => list.Contains(item))).ToArray();
        var differences = counts.Average(a => counts.Average(b => (double)Math.Abs(a - b)));
        once[2].Gini.ShouldBe(differences / 2 / counts.Average(), 1e-9);
    }

    [Fact]
    public void Popularity_covers_less_and_is_less_new_than_the_neighbours()
    {
        var train = Worlds.Tastes;
        var popular = Judge("popularity");
        var neighbours = Judge("itemknn");
        neighbours.Coverage.ShouldBeGreaterThan(popular.Coverage);
        neighbours.Novelty.ShouldBeGreaterThan(popular.Novelty);
        neighbours.Gini.ShouldBeLessThan(popular.Gini);
        neighbours.Diversity.ShouldBeLessThan(popular.Diversity);

        SegmentQuality Judge(string name) =>
            ListQuality.Compute(Evaluator.Rank(Recommenders.Find(name)!.Train(train, null, new TrainingContext()), train, 5), train, k: 5)[0];
    }

    [Fact]
    public void Wrong_bounds_lists_and_options_are_refused()
    {
        var train = Histories(s_histories);
        Should.Throw<ArgumentException>(() => ListQuality.Compute(RankedLists.From(s_lists), train, options: new SegmentOptions { MediumFrom = 9, HeavyFrom = 8 }))
            .Message.ShouldContain("HeavyFrom (8)");
        Should.Throw<ArgumentException>(() => ListQuality.Compute(RankedLists.From([[0]]), train)).Message.ShouldContain("1 users");
        Should.Throw<ArgumentException>(() => ListQuality.Compute(RankedLists.From([[5], [], [], []]), train)).Message.ShouldContain("item 5");
        Should.Throw<ArgumentOutOfRangeException>(() => new SegmentOptions { MediumFrom = 0 }).ParamName.ShouldBe("medium_from");
    }

    private static void Check(SegmentQuality segment, double ndcg, double coverage, double novelty, double diversity, double gini, double popularity)
    {
        segment.Ndcg.ShouldBe(ndcg, 1e-12);
        segment.Coverage.ShouldBe(coverage, 1e-12);
        segment.Novelty.ShouldBe(novelty, 1e-12);
        segment.Diversity.ShouldBe(diversity, 1e-12);
        segment.Gini.ShouldBe(gini, 1e-12);
        segment.Popularity.ShouldBe(popularity, 1e-12);
    }

    private static Interactions Histories(int[][] items, int count = 5)
    {
        var builder = new InteractionsBuilder();
        for (var user = 0; user < items.Length; user++)
        {
            foreach (var item in items[user])
            {
                builder.Add(user, item, 1);
            }
        }

        return builder.Build(items.Length, count);
    }

    private static int[] Draw(Random random, int count)
    {
        var all = Enumerable.Range(0, 30).ToArray();
        random.Shuffle(all);
        return all[..count];
    }
}
