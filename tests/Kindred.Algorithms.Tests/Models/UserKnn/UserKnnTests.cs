using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.UserKnn;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.UserKnn;

public sealed class UserKnnCosineContract : RecommenderContract
{
    protected override string Name => "userknn";

    protected override double Floor => 0.2;
}

public sealed class UserKnnTfIdfContract : RecommenderContract
{
    protected override string Name => "userknn";

    protected override double Floor => 0.2;

    protected override object Options => new UserKnnOptions { Similarity = UserSimilarity.TfIdf, Locality = 3, RowDamping = 0 };
}

public sealed class UserKnnBm25Contract : RecommenderContract
{
    protected override string Name => "userknn";

    protected override double Floor => 0.2;

    protected override object Options => new UserKnnOptions { Similarity = UserSimilarity.Bm25, Neighbours = 60, RowDamping = 1 };
}

public sealed class UserKnnJaccardContract : RecommenderContract
{
    protected override string Name => "userknn";

    protected override double Floor => 0.2;

    protected override object Options => new UserKnnOptions { Similarity = UserSimilarity.Jaccard, Neighbours = 60, Locality = 1 };
}

public sealed class UserKnnTests
{
    // Users p {A, B}, q {A, B, C}, r {C, D}, s {D}; nobody took E.
    private static readonly (int User, int Item)[] s_taken = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3)];

    [Fact]
    public void Cosine_example_of_the_page()
    {
        var model = Train(new UserKnnOptions { Similarity = UserSimilarity.Cosine, Locality = 1, RowDamping = 0 });

        // The history {A, C}: p 1/2, q 2/sqrt 6, r 1/2, s 0.
        var sum = 1 + (2 / Math.Sqrt(6));
        var folded = model.Fold(new History([0, 2], [1, 1]));
        var neighbours = model.Neighbours(folded);
        neighbours.Select(neighbour => neighbour.User).ShouldBe([1, 0, 2]);
        neighbours[0].Part.ShouldBe((float)(2 / Math.Sqrt(6) / sum), 1e-6f);
        neighbours[1].Part.ShouldBe((float)(0.5 / sum), 1e-6f);
        var scores = Scores(model, folded);
        scores[1].ShouldBe(0.7247449f, 1e-6f);
        scores[3].ShouldBe(0.2752551f, 1e-6f);
        scores[4].ShouldBe(0);

        // B comes from p, who shares A, and from q, who shares A and C alike: 0.2753 + 0.4495 / 2 of it is A's.
        var shares = new float[4];
        model.Explain(folded, [1, 3], shares);
        shares[0].ShouldBe(0.5f, 1e-6f);
        shares[1].ShouldBe(0.2247449f, 1e-6f);
        shares[2].ShouldBe(0);
        shares[3].ShouldBe(0.2752551f, 1e-6f);
    }

    [Fact]
    public void Jaccard_example_of_the_page()
    {
        var model = Train(new UserKnnOptions { Similarity = UserSimilarity.Jaccard, Locality = 1, RowDamping = 0 });

        // {A, C} and p {A, B}: 1 of 3; q {A, B, C}: 2 of 3; r {C, D}: 1 of 3. So q has half of the vote, p and r a quarter each.
        var neighbours = model.Neighbours(model.Fold(new History([0, 2], [3, 5])));
        neighbours.Select(neighbour => neighbour.User).ShouldBe([1, 0, 2]);
        neighbours.Select(neighbour => neighbour.Part).ShouldBe([0.5f, 0.25f, 0.25f], 1e-6);
    }

    [Fact]
    public void TfIdf_example_of_the_page()
    {
        // A, B, C and D were taken twice each, so every rarity is ln 4 - ln 3 and TF-IDF equals the cosine.
        var expected = Train(new UserKnnOptions { Locality = 1 });
        var actual = Train(new UserKnnOptions { Similarity = UserSimilarity.TfIdf, Locality = 1 });
        Scores(actual, actual.Fold(new History([0, 2], [1, 1]))).ShouldBe(Scores(expected, expected.Fold(new History([0, 2], [1, 1]))), 1e-6);
    }

    [Fact]
    public void Bm25_example_of_the_page()
    {
        // Lengths 2, 3, 2, 1 of mean 2; b = 0.5: norms 1, 1.25, 1, 0.75, weights 2.2 / 2.2 = 1, 2.2 / 2.5 = 0.88 of q; the rarities are equal.
        // The history {A, C} has norm 1: products p 1, q 1.76, r 1.
        var model = Train(new UserKnnOptions { Similarity = UserSimilarity.Bm25, Locality = 1 });
        var neighbours = model.Neighbours(model.Fold(new History([0, 2], [1, 1])));
        neighbours.Select(neighbour => neighbour.User).ShouldBe([1, 0, 2]);
        neighbours[0].Part.ShouldBe(1.76f / 3.76f, 1e-6f);
        neighbours[1].Part.ShouldBe(1 / 3.76f, 1e-6f);
    }

    [Theory]
    [InlineData(UserSimilarity.Cosine)]
    [InlineData(UserSimilarity.TfIdf)]
    [InlineData(UserSimilarity.Bm25)]
    [InlineData(UserSimilarity.Jaccard)]
    public void Scores_are_those_of_a_slow_reference(UserSimilarity similarity)
    {
        var data = Worlds.Tastes;
        var options = new UserKnnOptions { Similarity = similarity, Neighbours = 9, Locality = 2, RowDamping = 0.5, B = 0.3 };
        var model = UserKnnTrainer.Train(data, options, new TrainingContext());
        var rows = Enumerable.Range(0, data.Users).Select(user => Dense(data, user)).ToArray();
        for (var asked = 0; asked < 30; asked++)
        {
            var similarities = Array.ConvertAll(rows, row => Reference(rows, rows[asked], row, options));
            var nearest = Enumerable.Range(0, rows.Length).Where(user => similarities[user] > 0)
                .OrderByDescending(user => (float)similarities[user]).ThenBy(user => user).Take(9).ToArray();
            var sum = nearest.Sum(user => Math.Pow(similarities[user], 2));
            var folded = model.Fold(new History(data.ByUser.RowColumns(asked), data.ByUser.RowValues(asked)));
            var scores = Scores(model, folded);
            for (var item = 0; item < data.Items; item++)
            {
                var expected = nearest.Sum(user => Math.Pow(similarities[user], 2) / sum * rows[user][item] / Math.Sqrt(rows[user].Sum()));
                scores[item].ShouldBe((float)expected, 1e-4f);
            }
        }
    }

    [Fact]
    public void Heavier_entry_draws_nearer_to_its_users()
    {
        var model = Train(new UserKnnOptions { Locality = 1, RowDamping = 0 });
        var even = Scores(model, model.Fold(new History([0, 3], [1, 1])));
        var leaning = Scores(model, model.Fold(new History([0, 3], [9, 1])));
        leaning[1].ShouldBeGreaterThan(even[1]);
    }

    [Fact]
    public void Nobody_alike_leaves_the_most_popular()
    {
        var model = Train(new UserKnnOptions());
        var folded = model.Fold(new History([4], [1]));
        model.Neighbours(folded).ShouldBeEmpty();
        var best = new ScoredItem[5];
        model.Recommend(folded, Selection.All, best).ShouldBe(5);
        best.Select(entry => entry.Item).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public void History_of_another_model_is_refused()
    {
        var stranger = Train(new UserKnnOptions()).Fold(new History([0], [1]));
        Should.Throw<ArgumentException>(() => Train(new UserKnnOptions()).Score(stranger, new float[5])).ParamName.ShouldBe("folded");
    }

    [Fact]
    public void Settings_out_of_range_are_named_as_people_write_them()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new UserKnnOptions { Neighbours = 0 }).ParamName.ShouldBe("neighbours");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserKnnOptions { RowDamping = 1.01 }).ParamName.ShouldBe("row_damping");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserKnnOptions { Locality = double.NaN }).ParamName.ShouldBe("locality");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserKnnOptions { B = -1 }).ParamName.ShouldBe("b");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserKnnOptions { K1 = 101 }).ParamName.ShouldBe("k1");
    }

    private static double Reference(double[][] rows, double[] a, double[] b, UserKnnOptions options)
    {
        if (options.Similarity == UserSimilarity.Jaccard)
        {
            return (double)a.Zip(b).Count(pair => pair is { First: > 0, Second: > 0 }) / a.Zip(b).Count(pair => pair.First > 0 || pair.Second > 0);
        }

        var average = rows.Average(row => row.Sum());
        var rarity = Enumerable.Range(0, a.Length).Select(item => Math.Max(0, Math.Log(rows.Length / (1.0 + rows.Count(row => row[item] > 0))))).ToArray();
        var x = Compared(a);
        var y = Compared(b);
        return x.Zip(y, (left, right) => left * right).Sum();

        double[] Compared(double[] row)
        {
            var norm = options.K1 * (1 - options.B + (options.B * row.Sum() / average));
            var values = row.Select((weight, item) => options.Similarity switch
            {
                UserSimilarity.Bm25 => weight * (options.K1 + 1) / (norm + weight) * rarity[item],
                UserSimilarity.TfIdf => Math.Sqrt(weight) * rarity[item],
                _ => weight,
            }).ToArray();
            var length = options.Similarity == UserSimilarity.Bm25 ? 1 : Math.Sqrt(values.Sum(value => value * value));
            return [.. values.Select(value => value / length)];
        }
    }

    private static double[] Dense(Interactions data, int user) => [.. Enumerable.Range(0, data.Items).Select(item => (double)data.ByUser.ValueAt(user, item))];

    private static float[] Scores(UserKnnModel model, FoldedHistory folded)
    {
        var scores = new float[model.Items];
        model.Score(folded, scores);
        return scores;
    }

    private static UserKnnModel Train(UserKnnOptions options)
    {
        var builder = new CsrBuilder();
        foreach (var (user, item) in s_taken)
        {
            builder.Add(user, item, 1);
        }

        return UserKnnTrainer.Train(new Interactions(builder.Build(4, 5)), options, new TrainingContext());
    }
}
