using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.CoPurchase;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.CoPurchase;

public sealed class CoPurchaseContract : RecommenderContract
{
    protected override string Name => "copurchase";

    protected override double Floor => 0.25;
}

public sealed class CoPurchaseTests
{
    private const int A = 0, B = 1, C = 2, D = 3, E = 4;

    // u1 {A,B} {A}, u2 {A,C}, u3 {B,C,D}, u4 {E}, u5 {E} {E}: the worked example.
    private static readonly (int User, int Item)[] s_purchases =
        [(1, A), (1, B), (1, A), (2, A), (2, C), (3, B), (3, C), (3, D), (4, E), (5, E), (5, E)];

    [Fact]
    public void Worked_example_scores_and_answers()
    {
        var (data, model) = Example();

        // u1's history is A, B, A: C 3, D 1, E 0.
        Scores(model, data, 1)[C].ShouldBe(3);
        Scores(model, data, 1)[D].ShouldBe(1);
        Scores(model, data, 1)[E].ShouldBe(0);
        Ranked(model, data, 1).ShouldBe([C, D, E]);

        // u2: B 3, D 1, E 0. u3: A 3, E 0.
        Scores(model, data, 2)[B].ShouldBe(3);
        Ranked(model, data, 2).ShouldBe([B, D, E]);
        Scores(model, data, 3)[A].ShouldBe(3);
        Ranked(model, data, 3).ShouldBe([A, E]);
    }

    [Fact]
    public void History_that_links_to_nothing_gets_the_most_popular_unseen()
    {
        // u4: all 0; popularity A3 B2 C2 D1.
        var (data, model) = Example();
        Ranked(model, data, 4).ShouldBe([A, B, C, D]);
    }

    [Fact]
    public void No_history_gets_the_most_popular_and_ties_go_by_the_tie_order()
    {
        // A and E tie at 3, B and C at 2.
        var (data, model) = Example();
        Ranked(model, data, 0).ShouldBe([A, E, B, C, D]);
        Ranked(model, data, 0, tieOrder: [4, 3, 2, 1, 0]).ShouldBe([E, A, C, B, D]);
        Ranked(model, data, 0, n: 1, tieOrder: [4, 3, 2, 1, 0]).ShouldBe([E]);
        Ranked(model, data, 0, n: 3, tieOrder: [4, 3, 2, 1, 0]).ShouldBe([E, A, C]);
    }

    [Fact]
    public void Equal_scores_above_the_last_go_by_popularity_too()
    {
        // Whoever bought 0 bought 1 once and 2 once; 2 was also bought alone, so it is more popular than 1.
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1);
        builder.Add(0, 1, 1);
        builder.Add(0, 2, 1);
        builder.Add(1, 2, 1);
        builder.Add(2, 3, 1);
        var data = builder.Build(5, 5);
        var model = CoPurchaseTrainer.Train(data, new CoPurchaseOptions(), new TrainingContext());
        var best = new ScoredItem[3];
        ulong[] unseen = [0b11110];
        model.Recommend(model.Fold(new History([0], [1])), new Selection(unseen), best).ShouldBe(3);
        best.ShouldBe([new ScoredItem(2, 1), new ScoredItem(1, 1), new ScoredItem(3, 0)]);
    }

    [Fact]
    public void Order_is_that_of_a_plain_sort_by_score_popularity_and_tie_order()
    {
        var random = new Random(11);
        for (var round = 0; round < 60; round++)
        {
            var builder = new InteractionsBuilder();
            for (var k = 0; k < 60; k++)
            {
                builder.Add(random.Next(12), random.Next(90), 1 + random.Next(2));
            }

            var data = builder.Build(12, 90);
            var model = CoPurchaseTrainer.Train(data, new CoPurchaseOptions(), new TrainingContext());
            var popularity = ItemWeightSums.Of(data);
            var tieOrder = Enumerable.Range(0, 90).ToArray();
            random.Shuffle(tieOrder);
            var scores = Scores(model, data, 3);
            var expected = Enumerable.Range(0, 90).Where(item => data.ByUser.ValueAt(3, item) <= 0)
                .OrderByDescending(item => scores[item]).ThenByDescending(item => popularity[item]).ThenBy(item => tieOrder[item]);
            var n = 1 + random.Next(90);
            Ranked(model, data, 3, n, tieOrder).ShouldBe(expected.Take(n));
        }
    }

    [Fact]
    public void Matrix_is_the_product_of_purchases_counted_the_slow_way()
    {
        var (data, model) = Example();
        for (var i = 0; i < 5; i++)
        {
            for (var j = 0; j < 5; j++)
            {
                var expected = Enumerable.Range(0, 6).Sum(user => Times(user, i) * Times(user, j));
                model.Together.ValueAt(i, j).ShouldBe(expected, $"C[{i}, {j}]");
            }
        }

        data.ByUser.ValueAt(1, A).ShouldBe(2);

        static int Times(int user, int item) => s_purchases.Count(purchase => purchase == (user, item));
    }

    [Fact]
    public void Capped_rows_keep_the_largest_counts()
    {
        var model = CoPurchaseTrainer.Train(Worlds.Tastes, new CoPurchaseOptions { MaxRow = 5 }, new TrainingContext());
        var whole = CoPurchaseTrainer.Train(Worlds.Tastes, new CoPurchaseOptions(), new TrainingContext());
        for (var item = 0; item < model.Items; item++)
        {
            var row = whole.Together.RowValues(item).ToArray();
            model.Together.RowValues(item).ToArray().OrderDescending().ShouldBe(row.OrderDescending().Take(5));
        }
    }

    private static (Interactions Data, CoPurchaseModel Model) Example()
    {
        var builder = new InteractionsBuilder();
        foreach (var (user, item) in s_purchases)
        {
            builder.Add(user, item, 1);
        }

        var data = builder.Build(6, 5);
        return (data, CoPurchaseTrainer.Train(data, new CoPurchaseOptions(), new TrainingContext()));
    }

    private static float[] Scores(CoPurchaseModel model, Interactions data, int user)
    {
        var scores = new float[model.Items];
        model.Score(Fold(model, data, user), scores);
        return scores;
    }

    private static int[] Ranked(CoPurchaseModel model, Interactions data, int user, int n = 5, int[]? tieOrder = null)
    {
        var mask = new ulong[(model.Items + 63) / 64];
        Array.Fill(mask, ulong.MaxValue);
        foreach (var item in data.ByUser.RowColumns(user))
        {
            mask[item >> 6] &= ~(1UL << (item & 63));
        }

        var best = new ScoredItem[n];
        var count = model.Recommend(Fold(model, data, user), new Selection(mask, tieOrder), best);
        return [.. best[..count].Select(entry => entry.Item)];
    }

    private static FoldedHistory Fold(CoPurchaseModel model, Interactions data, int user) =>
        model.Fold(new History(data.ByUser.RowColumns(user), data.ByUser.RowValues(user)));
}
