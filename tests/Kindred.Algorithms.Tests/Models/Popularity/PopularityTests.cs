using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Popularity;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.Popularity;

public sealed class PopularityCountContract : RecommenderContract
{
    protected override string Name => "popularity";

    protected override double Floor => 0.10;
}

public sealed class PopularityDecayedContract : RecommenderContract
{
    protected override string Name => "popularity";

    protected override double Floor => 0.08;

    protected override object Options => new PopularityOptions { Measure = PopularityMeasure.Decayed };
}

public sealed class PopularityBayesianContract : RecommenderContract
{
    protected override string Name => "popularity";

    protected override double Floor => 0.05;

    protected override object Options => new PopularityOptions { Measure = PopularityMeasure.Bayesian };
}

public sealed class PopularityTests
{
    private const long Day = 24L * 3600 * 1_000_000;

    [Theory]
    [InlineData(300, 4.80, 3.952, 0.0005)]
    [InlineData(3000, 4.45, 4.3307, 0.00005)]
    [InlineData(120_000, 4.41, 4.4068, 0.00005)]
    public void Bayesian_mean_gives_the_known_values(int count, double mean, double expected, double tolerance) =>
        BayesianMean.Score(count, mean, 273, 3.020178504).ShouldBe(expected, tolerance);

    [Fact]
    public void Bayesian_prior_is_the_percentile_cut_to_a_whole_number_and_the_unweighted_mean()
    {
        // Counts 1, 2, 3, 10 of rated items: 0.9 x 3 = 2.7, so 3 + 0.7 x (10 - 3) = 7.9, cut to 7. The unrated item takes no part.
        BayesianMean.Prior([1, 0, 2, 3, 10], [5, 0, 8, 6, 40]).ShouldBe((7, (5 + 4 + 2 + 4) / 4.0));
    }

    [Fact]
    public void Bayesian_example_of_the_page_ranks_eligible_items_first()
    {
        // A has 3 ratings of mean 4, B one of 5, C none. Rated counts 3 and 1: percentile 2.8, m = 2; C = 4.5.
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1, rating: 4);
        builder.Add(1, 0, 1, rating: 3);
        builder.Add(2, 0, 1, rating: 5);
        builder.Add(0, 1, 1, rating: 5);
        var model = Train(builder.Build(3, 3, withRatings: true), PopularityMeasure.Bayesian);

        // A: (3x4 + 2x4.5) / 5 = 4.2 and eligible. B: (5 + 9) / 3 = 4.6667 and C: 4.5 are not: both less (4.6667 - 4.2 + 1).
        model.Scores[0].ShouldBe(4.2f, 1e-5f);
        model.Scores[1].ShouldBe(3.2f, 1e-5f);
        model.Scores[2].ShouldBe(3.0333f, 1e-4f);
        Order(model).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void Decay_halves_per_half_life_from_the_newest_interaction()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1, 100 * Day);
        builder.Add(1, 1, 1, 70 * Day);
        builder.Add(2, 1, 1, 40 * Day);
        builder.Add(3, 2, 8, 10 * Day);
        Train(builder.Build(4, 3), PopularityMeasure.Decayed).Scores.ToArray().ShouldBe([1f, 0.75f, 1f]);
    }

    [Fact]
    public void Count_sums_weights_and_equal_counts_follow_the_tie_order()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1);
        builder.Add(0, 1, 2.5f);
        builder.Add(1, 2, 1);
        var model = Train(builder.Build(2, 3), PopularityMeasure.Count);
        model.Scores.ToArray().ShouldBe([1f, 2.5f, 1f]);
        Order(model).ShouldBe([1, 0, 2]);
        Order(model, [2, 1, 0]).ShouldBe([1, 2, 0]);
    }

    [Fact]
    public void Missing_times_or_ratings_are_named()
    {
        var bare = new Interactions(Worlds.Checkerboard(4).ByUser);
        Should.Throw<ArgumentException>(() => Train(bare, PopularityMeasure.Decayed)).Message.ShouldContain("times");
        Should.Throw<ArgumentException>(() => Train(bare, PopularityMeasure.Bayesian)).Message.ShouldContain("ratings");
    }

    [Fact]
    public void Setting_out_of_range_is_named_as_people_write_it() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new PopularityOptions { HalfLifeDays = double.NaN }).ParamName.ShouldBe("half_life_days");

    private static PopularityModel Train(Interactions data, PopularityMeasure measure) =>
        PopularityTrainer.Train(data, new PopularityOptions { Measure = measure }, new TrainingContext());

    private static int[] Order(PopularityModel model, int[]? tieOrder = null)
    {
        var best = new ScoredItem[model.Items];
        ulong[] all = [ulong.MaxValue];
        model.Recommend(model.Fold(default), new Selection(all, tieOrder), best).ShouldBe(model.Items);
        return [.. best.Select(entry => entry.Item)];
    }
}
