using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.CoVisitation;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.CoVisitation;

public sealed class CoVisitationLogLikelihoodContract : RecommenderContract
{
    protected override string Name => "covisit";

    protected override double Floor => 0.25;

    // The world's times are days drawn at random: there are no visits in it.
    protected override object Options => new CoVisitationOptions { Basket = Basket.User };
}

public sealed class CoVisitationJaccardContract : RecommenderContract
{
    protected override string Name => "covisit";

    protected override double Floor => 0.25;

    protected override object Options => new CoVisitationOptions
    {
        Score = CoVisitationScore.Jaccard, GapMinutes = 365 * 24 * 60, Neighbours = 20, Locality = 1, OneVote = false,
    };
}

public sealed class CoVisitationTests
{
    private const long Minute = 60_000_000;

    // u1 {A, B} and a day later {D}; u2 {A, B, C} within half an hour; u3 {C}; u4 {A}: five visits.
    private static readonly (int User, int Item, long Minute)[] s_taken =
        [(0, 0, 0), (0, 1, 0), (0, 3, 1440), (1, 2, 0), (1, 0, 10), (1, 1, 30), (2, 2, 5), (3, 0, 7)];

    private static readonly CoVisitationOptions s_plain = new() { Locality = 1, OneVote = false };

    [Fact]
    public void Log_likelihood_example_of_the_page()
    {
        var companions = Train(s_plain).Companions;
        companions.ValueAt(0, 1).ShouldBe(2.911031f, 1e-5f);
        companions.ValueAt(1, 2).ShouldBe(0.138443f, 1e-5f);
        companions.ValueAt(0, 2).ShouldBe(0, "together less often than by chance");
        companions.ValueAt(1, 3).ShouldBe(0, "not of one visit");
        companions.ValueAt(0, 0).ShouldBe(0);
    }

    [Fact]
    public void Jaccard_example_of_the_page()
    {
        var companions = Train(s_plain with { Score = CoVisitationScore.Jaccard }).Companions;
        companions.ValueAt(0, 1).ShouldBe(2 / 3f, 1e-6f);
        companions.ValueAt(0, 2).ShouldBe(1 / 4f, 1e-6f);
        companions.ValueAt(1, 2).ShouldBe(1 / 3f, 1e-6f);

        var shaped = Train(new CoVisitationOptions { Score = CoVisitationScore.Jaccard }).Companions;
        shaped.ValueAt(0, 1).ShouldBe(64 / 73f, 1e-5f, "(2/3)² of (2/3)² + (1/4)²");
    }

    [Fact]
    public void Pause_ends_a_visit_and_its_length_is_the_setting()
    {
        Train(s_plain with { GapMinutes = 1439 }).Companions.ValueAt(0, 3).ShouldBe(0);
        Train(s_plain with { GapMinutes = 1440 }).Companions.ValueAt(0, 3).ShouldBeGreaterThan(0);

        // At 0 only what came at once: C, A and B of u2 came one after another, A and B of u1 together.
        var atOnce = Train(s_plain with { GapMinutes = 0, Score = CoVisitationScore.Jaccard }).Companions;
        atOnce.NonZeros.ShouldBe(2);
        atOnce.ValueAt(0, 1).ShouldBe(1 / 4f, 1e-6f, "A lies in three baskets, B in two, one in common");
    }

    [Fact]
    public void Without_times_all_of_a_user_is_one_basket()
    {
        var expected = Train(s_plain with { Basket = Basket.User }).Companions;
        var actual = CoVisitationTrainer.Train(Data(withTimes: false), s_plain, new TrainingContext()).Companions;
        actual.AllColumns.ToArray().ShouldBe(expected.AllColumns.ToArray());
        actual.AllValues.ToArray().ShouldBe(expected.AllValues.ToArray());
        expected.ValueAt(0, 3).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Rare_pairs_are_left_out_on_request()
    {
        var companions = Train(s_plain with { Score = CoVisitationScore.Jaccard, MinTogether = 2 }).Companions;
        companions.NonZeros.ShouldBe(2);
        companions.ValueAt(1, 0).ShouldBe(2 / 3f, 1e-6f);
    }

    [Theory]
    [InlineData(CoVisitationScore.LogLikelihood)]
    [InlineData(CoVisitationScore.Jaccard)]
    public void Companions_are_those_of_a_slow_reference(CoVisitationScore score)
    {
        var data = Worlds.Tastes;
        var options = new CoVisitationOptions { Score = score, GapMinutes = 10 * 24 * 60, Neighbours = 7, Locality = 1, OneVote = false };
        var baskets = SlowBaskets(data, 10 * 24 * 60 * Minute);
        var companions = CoVisitationTrainer.Train(data, options, new TrainingContext()).Companions;
        for (var i = 0; i < data.Items; i++)
        {
            var expected = Enumerable.Range(0, data.Items).Where(j => j != i).Select(j => (Item: j, Value: (float)Reference(baskets, i, j, score)))
                .Where(entry => entry.Value > 1e-6f).OrderByDescending(entry => entry.Value).Take(7).ToArray();

            // By another formula, so close values may change places: the kept values are compared, and each with its own pair.
            companions.RowValues(i).ToArray().OrderDescending().ShouldBe(expected.Select(entry => entry.Value), 1e-4);
            foreach (var j in companions.RowColumns(i))
            {
                companions.ValueAt(i, j).ShouldBe((float)Reference(baskets, i, j, score), 1e-4f);
            }
        }
    }

    [Fact]
    public void Ratio_is_symmetric_and_zero_for_independent_items()
    {
        PairScores.LogLikelihood(12, 30, 40, 1000).ShouldBe(PairScores.LogLikelihood(12, 40, 30, 1000), 1e-12);
        PairScores.LogLikelihood(2, 20, 10, 100).ShouldBe(0);
        PairScores.LogLikelihood(1, 50, 50, 100).ShouldBe(0, "rarer together than by chance");
        PairScores.LogLikelihood(50, 50, 50, 100).ShouldBe(2 * 100 * Math.Log(2), 1e-9);
        PairScores.LogLikelihood(5, 5, 5, 5).ShouldBe(0, "everywhere says nothing");
        PairScores.Jaccard(0, 0, 0).ShouldBe(0);
    }

    [Fact]
    public void Settings_out_of_range_are_named_as_people_write_them()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new CoVisitationOptions { GapMinutes = -1 }).ParamName.ShouldBe("gap_minutes");
        Should.Throw<ArgumentOutOfRangeException>(() => new CoVisitationOptions { MinTogether = 0 }).ParamName.ShouldBe("min_together");
        Should.Throw<ArgumentOutOfRangeException>(() => new CoVisitationOptions { Neighbours = 0 }).ParamName.ShouldBe("neighbours");
        Should.Throw<ArgumentOutOfRangeException>(() => new CoVisitationOptions { Locality = 9 }).ParamName.ShouldBe("locality");
    }

    /// <summary>The ratio as Mahout writes it, from entropies of the table, its rows and its columns.</summary>
    private static double Reference(List<HashSet<int>> baskets, int i, int j, CoVisitationScore score)
    {
        double both = baskets.Count(basket => basket.Contains(i) && basket.Contains(j));
        double first = baskets.Count(basket => basket.Contains(i));
        double second = baskets.Count(basket => basket.Contains(j));
        if (score == CoVisitationScore.Jaccard)
        {
            return both / baskets.Count(basket => basket.Contains(i) || basket.Contains(j));
        }

        if (both * baskets.Count <= first * second)
        {
            return 0;
        }

        var rows = Entropy(first, baskets.Count - first);
        var columns = Entropy(second, baskets.Count - second);
        return 2 * (rows + columns - Entropy(both, first - both, second - both, baskets.Count - first - second + both));

        static double Entropy(params double[] counts) => XLogX(counts.Sum()) - counts.Sum(XLogX);

        static double XLogX(double x) => x > 0 ? x * Math.Log(x) : 0;
    }

    private static List<HashSet<int>> SlowBaskets(Interactions data, long gap)
    {
        var baskets = new List<HashSet<int>>();
        for (var user = 0; user < data.Users; user++)
        {
            var from = (int)data.ByUser.RowStarts[user];
            var items = data.ByUser.RowColumns(user).ToArray();
            var last = long.MinValue / 2;
            foreach (var (item, at) in items.Select((item, k) => (item, data.Times![from + k])).OrderBy(entry => entry.Item2))
            {
                if (at - last > gap)
                {
                    baskets.Add([]);
                }

                baskets[^1].Add(item);
                last = at;
            }
        }

        return baskets;
    }

    private static CoVisitationModel Train(CoVisitationOptions options) => CoVisitationTrainer.Train(Data(withTimes: true), options, new TrainingContext());

    private static Interactions Data(bool withTimes)
    {
        var builder = new InteractionsBuilder();
        foreach (var (user, item, minute) in s_taken)
        {
            builder.Add(user, item, 1, minute * Minute);
        }

        return builder.Build(4, 4, withTimes);
    }
}
