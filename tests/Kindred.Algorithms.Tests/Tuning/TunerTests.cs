using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Blend;
using Kindred.Algorithms.Tests.Models;
using Kindred.Algorithms.Tuning;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Tuning;

public sealed class TunerTests
{
    private static readonly Split s_split = Splits.LeaveLastOut(Worlds.Tastes);

    [Fact]
    public void The_same_search_finds_the_same_for_any_number_of_threads()
    {
        var options = new TuningOptions { Recommenders = ["itemknn", "als", "popularity"] };
        var one = Tuner.Run(s_split, options, new TrainingContext { Threads = 1 });
        var two = Tuner.Run(s_split, options, new TrainingContext { Threads = 2 });
        two.Best.Options.GetRawText().ShouldBe(one.Best.Options.GetRawText());
        two.Ndcg.ShouldBe(one.Ndcg);
        two.Trials.Select(trial => trial.Ndcg).ShouldBe(one.Trials.Select(trial => trial.Ndcg));
        one.OutOfTime.ShouldBeFalse();
        one.Trials.Count.ShouldBe(SearchSpace.Of(options.Recommenders).Count);
    }

    [Fact]
    public void What_is_found_scores_as_promised_and_at_least_as_well_as_every_trial()
    {
        var found = Tuner.Run(s_split, new TuningOptions { Recommenders = ["itemknn", "ease", "userknn"] }, new TrainingContext());
        found.BestSingleNdcg.ShouldBe(found.Trials.Max(trial => trial.Ndcg));
        found.Ndcg.ShouldBeGreaterThanOrEqualTo(found.BestSingleNdcg);
        var recommender = Recommenders.Find(found.Best.Recommender)!;
        var model = recommender.Train(s_split.Train, recommender.ReadOptions(found.Best.Options), new TrainingContext());
        var judged = SplitUsers.Most(s_split, int.MaxValue, 42);
        Metrics.Compute(Evaluator.Rank(model, judged.Train, 10), judged.Test).Ndcg.Mean.ShouldBe(found.Ndcg, 1e-3, "the blend's weights were judged on a short list of items");
    }

    [Fact]
    public void Early_rungs_train_on_fewer_people_and_the_last_one_on_all()
    {
        var found = Tuner.Run(s_split, new TuningOptions { Recommenders = ["itemknn", "als"], FirstRung = 500 }, new TrainingContext());
        var rungs = found.Trials.GroupBy(trial => trial.Rung).OrderBy(rung => rung.Key).ToArray();
        rungs.Length.ShouldBe(3);
        rungs[0].Count().ShouldBeGreaterThan(rungs[^1].Count());
        rungs[0].First().Interactions.ShouldBeInRange(1, 700);
        rungs[^1].ShouldAllBe(trial => trial.Interactions == s_split.Train.Count);
        rungs[^1].Select(trial => trial.Candidate.Recommender).Distinct().Count().ShouldBe(2, "each recommender's best stays, for the blend");
    }

    [Fact]
    public void When_time_is_up_the_search_ends_with_what_it_has()
    {
        var found = Tuner.Run(s_split, new TuningOptions { Recommenders = ["itemknn", "als"], Time = TimeSpan.FromTicks(1) }, new TrainingContext());
        found.OutOfTime.ShouldBeTrue();
        found.Trials.Count.ShouldBe(1);
        found.Best.Recommender.ShouldBeOneOf("itemknn", "blend");
    }

    [Fact]
    public void Candidates_come_round_by_round_so_that_no_recommender_waits_for_another()
    {
        var first = SearchSpace.Of([]).Take(SearchSpace.Of([]).Select(candidate => candidate.Recommender).Distinct().Count()).ToArray();
        first.Select(candidate => candidate.Recommender).Distinct().Count().ShouldBe(first.Length);
        foreach (var candidate in SearchSpace.Of([]))
        {
            Recommenders.Find(candidate.Recommender).ShouldNotBeNull().ReadOptions(candidate.Options);
        }

        SearchSpace.Of(["copurchase"]).ShouldHaveSingleItem().Options.GetRawText().ShouldBe("{}");
    }

    [Fact]
    public void A_half_life_is_chosen_where_only_the_newest_entry_tells_what_comes_next()
    {
        // Everybody walks a ring of 40 items from a place of their own; what comes next follows from the last step alone.
        var builder = new Kindred.Algorithms.Sparse.InteractionsBuilder();
        for (var user = 0; user < 200; user++)
        {
            var random = new Random(user);
            var (place, taken) = (random.Next(40), new HashSet<int>());
            for (var step = 0; step < 14; step++)
            {
                place = step % 7 == 6 ? random.Next(40) : (place + 1) % 40;
                if (taken.Add(place))
                {
                    builder.Add(user, place, 1, step);
                }
            }
        }

        var found = Tuner.Run(Splits.LeaveLastOut(builder.Build(200, 40)), new TuningOptions { Recommenders = ["itemknn", "popularity"] }, new TrainingContext());
        found.Best.Recommender.ShouldBe("blend");
        var members = ((BlendOptions)Recommenders.Find("blend")!.ReadOptions(found.Best.Options)).Members;
        members.ShouldContain(member => member.HalfLife != null);
        found.Ndcg.ShouldBeGreaterThan(found.BestSingleNdcg);
    }

    [Fact]
    public void A_split_without_a_test_is_refused() =>
        Should.Throw<ArgumentException>(() => Tuner.Run(s_split with { Test = new Kindred.Algorithms.Sparse.InteractionsBuilder().Build(300, 150) }, new TuningOptions(), new TrainingContext()));
}
