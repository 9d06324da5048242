using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.ItemKnn;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.ItemKnn;

public sealed class ItemKnnBm25Contract : RecommenderContract
{
    protected override string Name => "itemknn";

    protected override double Floor => 0.25;
}

public sealed class ItemKnnTfIdfContract : RecommenderContract
{
    protected override string Name => "itemknn";

    protected override double Floor => 0.25;

    protected override object Options => new ItemKnnOptions { Weighting = ItemWeighting.TfIdf, Locality = 1, OneVote = false };
}

public sealed class ItemKnnCosineContract : RecommenderContract
{
    protected override string Name => "itemknn";

    protected override double Floor => 0.25;

    protected override object Options => new ItemKnnOptions { Weighting = ItemWeighting.Cosine, Neighbours = 20, Locality = 2, OneVote = false };
}

public sealed class ItemKnnJaccardContract : RecommenderContract
{
    protected override string Name => "itemknn";

    protected override double Floor => 0.25;

    protected override object Options => new ItemKnnOptions { Weighting = ItemWeighting.Jaccard, Locality = 2 };
}

public sealed class ItemKnnTests
{
    // Users p, q, r, s; items A {p, q, r}, B {p, q}, C {r, s}, D {s} and E, F that nobody took.
    private static readonly (int User, int Item)[] s_taken = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 2), (3, 2), (3, 3)];

    [Theory]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(2.5)]
    [InlineData(3.3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Powers_by_products_are_powers(double exponent)
    {
        for (var value = 0.0; value <= 1; value += 0.01)
        {
            RowShape.Power(value, exponent).ShouldBe(Math.Pow(value, exponent), 1e-14);
        }
    }

    [Fact]
    public void Products_are_summed_alike_with_and_without_zeros_among_the_values()
    {
        // A zero in the data takes the way that asks about every product; the rest must not notice.
        var random = new Random(4);
        var (with, without) = (new CsrBuilder(), new CsrBuilder());
        for (var item = 0; item < 60; item++)
        {
            foreach (var user in Enumerable.Range(0, 40).Where(_ => random.Next(4) == 0).ToArray())
            {
                var value = random.Next(6);
                with.Add(item, user, value);
                if (value > 0)
                {
                    without.Add(item, user, value);
                }
            }
        }

        foreach (var keep in (int[])[0, 7])
        {
            var (slow, fast) = (Products(with.Build(60, 40)), Products(without.Build(60, 40)));
            fast.RowStarts.SequenceEqual(slow.RowStarts).ShouldBeTrue();
            fast.AllColumns.SequenceEqual(slow.AllColumns).ShouldBeTrue();
            fast.AllValues.SequenceEqual(slow.AllValues).ShouldBeTrue();

            CsrMatrix Products(CsrMatrix byItem) => ItemProducts.Compute(byItem, byItem.Transpose(), keep, diagonal: false, new TrainingContext { Threads = 2 });
        }
    }

    [Fact]
    public void Cosine_example_of_the_page()
    {
        var nearest = Train(new ItemKnnOptions { Weighting = ItemWeighting.Cosine, Locality = 1, OneVote = false }).Nearest;
        nearest.ValueAt(0, 1).ShouldBe((float)(2 / Math.Sqrt(6)), 1e-6f);
        nearest.ValueAt(0, 2).ShouldBe((float)(1 / Math.Sqrt(6)), 1e-6f);
        nearest.ValueAt(2, 3).ShouldBe((float)(1 / Math.Sqrt(2)), 1e-6f);
        nearest.ValueAt(0, 3).ShouldBe(0);
        nearest.ValueAt(0, 0).ShouldBe(0);
    }

    [Fact]
    public void Cosine_gives_the_distances_of_the_shop_this_takes_over()
    {
        var builder = new CsrBuilder();
        float[][] products = [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [1, 1, 0, 1]];
        for (var product = 0; product < 4; product++)
        {
            for (var user = 0; user < 4; user++)
            {
                if (products[product][user] > 0)
                {
                    builder.Add(user, product, 1);
                }
            }
        }

        var options = new ItemKnnOptions { Weighting = ItemWeighting.Cosine, Neighbours = 5, Locality = 1, OneVote = false };
        var nearest = ItemKnnTrainer.Train(new Interactions(builder.Build(4, 4)), options, new TrainingContext()).Nearest;
        (1 - nearest.ValueAt(0, 3)).ShouldBe(0.1835f, 1e-4f);
        (1 - nearest.ValueAt(0, 1)).ShouldBe(0.2929f, 1e-4f);
        (1 - nearest.ValueAt(2, 3)).ShouldBe(0.5918f, 1e-4f);
        nearest.RowColumns(0).ToArray().ShouldBe([1, 3], "p3 has nothing in common and is no neighbour");
        nearest.RowColumns(2).ToArray().ShouldBe([3]);
    }

    [Fact]
    public void Bm25_example_of_the_page()
    {
        // 8 interactions of 6 items: mean length 4/3. p and q took 2 items each, so do r and s: rarity ln(6 / 3) = ln 2 for all.
        // A has length 3: norm = 0.9 + 0.1 x 3 / (4/3) = 1.125, weight 2.2 / (1.2 x 1.125 + 1) = 0.936170, times ln 2 = 0.648904.
        // B has length 2: norm = 1.05, weight 2.2 / 2.26 = 0.973451, times ln 2 = 0.674745. They share p and q.
        var plain = Train(new ItemKnnOptions { Locality = 1, OneVote = false }).Nearest;
        plain.ValueAt(0, 1).ShouldBe(2 * 0.648904f * 0.674745f, 1e-5f);
        plain.ValueAt(0, 2).ShouldBe(0.648904f * 0.674745f, 1e-5f);

        // To the fourth power A-B is 16 times A-C; one vote each: 16/17 and 1/17.
        var voted = Train(new ItemKnnOptions()).Nearest;
        voted.ValueAt(0, 1).ShouldBe(16 / 17f, 1e-5f);
        voted.ValueAt(0, 2).ShouldBe(1 / 17f, 1e-5f);
    }

    [Fact]
    public void TfIdf_example_of_the_page()
    {
        // All rarities are equal here, so TF-IDF equals the cosine.
        Train(new ItemKnnOptions { Weighting = ItemWeighting.TfIdf, Locality = 1, OneVote = false }).Nearest.ValueAt(0, 1)
            .ShouldBe((float)(2 / Math.Sqrt(6)), 1e-6f);
    }

    [Fact]
    public void Jaccard_example_of_the_page()
    {
        var nearest = Train(new ItemKnnOptions { Weighting = ItemWeighting.Jaccard, Locality = 1, OneVote = false }).Nearest;
        nearest.ValueAt(0, 1).ShouldBe(2 / 3f, 1e-6f);
        nearest.ValueAt(0, 2).ShouldBe(1 / 4f, 1e-6f);
        nearest.ValueAt(2, 3).ShouldBe(1 / 2f, 1e-6f);
        nearest.ValueAt(0, 3).ShouldBe(0);
    }

    [Fact]
    public void Jaccard_is_that_of_a_slow_reference_and_does_not_read_weights()
    {
        var builder = new CsrBuilder();
        foreach (var user in Enumerable.Range(0, Worlds.Tastes.Users))
        {
            foreach (var item in Worlds.Tastes.ByUser.RowColumns(user))
            {
                builder.Add(user, item, 1 + (user % 7));
            }
        }

        var data = new Interactions(builder.Build(300, 150));
        var options = new ItemKnnOptions { Weighting = ItemWeighting.Jaccard, Neighbours = 7, Locality = 1, OneVote = false };
        var nearest = ItemKnnTrainer.Train(data, options, new TrainingContext()).Nearest;
        var users = Enumerable.Range(0, 150).Select(item => data.ByItem.RowColumns(item).ToArray()).ToArray();
        for (var i = 0; i < data.Items; i++)
        {
            var expected = Enumerable.Range(0, data.Items).Where(j => j != i)
                .Select(j => (Item: j, Value: (float)((double)users[i].Intersect(users[j]).Count() / users[i].Union(users[j]).Count())))
                .Where(entry => entry.Value > 0).OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Item).Take(7)
                .OrderBy(entry => entry.Item).ToArray();
            nearest.RowColumns(i).ToArray().ShouldBe(expected.Select(entry => entry.Item));
            nearest.RowValues(i).ToArray().ShouldBe(expected.Select(entry => entry.Value));
        }
    }

    [Theory]
    [InlineData(ItemWeighting.Bm25)]
    [InlineData(ItemWeighting.TfIdf)]
    [InlineData(ItemWeighting.Cosine)]
    public void Neighbours_are_those_of_a_slow_reference(ItemWeighting weighting)
    {
        var options = new ItemKnnOptions { Weighting = weighting, Neighbours = 7, Locality = 1, OneVote = false, B = 0.4 };
        var data = Worlds.Tastes;
        var nearest = ItemKnnTrainer.Train(data, options, new TrainingContext()).Nearest;
        var weighted = ItemWeights.Of(data.ByItem, options);
        for (var i = 0; i < data.Items; i++)
        {
            var expected = Enumerable.Range(0, data.Items).Where(j => j != i)
                .Select(j => (Item: j, Value: (float)Enumerable.Range(0, data.Users).Sum(u => (double)weighted.ValueAt(i, u) * weighted.ValueAt(j, u))))
                .Where(entry => entry.Value > 0).OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Item).Take(7)
                .OrderBy(entry => entry.Item).ToArray();
            nearest.RowColumns(i).ToArray().ShouldBe(expected.Select(entry => entry.Item));
            nearest.RowValues(i).ToArray().ShouldBe(expected.Select(entry => entry.Value));
        }
    }

    [Fact]
    public void One_vote_makes_every_row_sum_to_one()
    {
        var nearest = ItemKnnTrainer.Train(Worlds.Tastes, new ItemKnnOptions(), new TrainingContext()).Nearest;
        for (var item = 0; item < nearest.Rows; item++)
        {
            nearest.RowLength(item).ShouldBeLessThanOrEqualTo(100);
            nearest.RowValues(item).ToArray().Sum().ShouldBe(nearest.RowLength(item) > 0 ? 1 : 0, 1e-5f);
        }
    }

    [Fact]
    public void Highest_locality_stays_finite()
    {
        var options = new ItemKnnOptions { Weighting = ItemWeighting.Bm25, Locality = 8, OneVote = false };
        var nearest = ItemKnnTrainer.Train(Worlds.Tastes, options, new TrainingContext()).Nearest;
        nearest.AllValues.ToArray().Max().ShouldBe(1f);
    }

    [Fact]
    public void Settings_out_of_range_are_named_as_people_write_them()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new ItemKnnOptions { Neighbours = 0 }).ParamName.ShouldBe("neighbours");
        Should.Throw<ArgumentOutOfRangeException>(() => new ItemKnnOptions { B = 1.01 }).ParamName.ShouldBe("b");
        Should.Throw<ArgumentOutOfRangeException>(() => new ItemKnnOptions { K1 = -1 }).ParamName.ShouldBe("k1");
        Should.Throw<ArgumentOutOfRangeException>(() => new ItemKnnOptions { Locality = double.NaN }).ParamName.ShouldBe("locality");
    }

    private static ItemKnnModel Train(ItemKnnOptions options)
    {
        var builder = new CsrBuilder();
        foreach (var (user, item) in s_taken)
        {
            builder.Add(user, item, 1);
        }

        return ItemKnnTrainer.Train(new Interactions(builder.Build(4, 6)), options, new TrainingContext());
    }
}
