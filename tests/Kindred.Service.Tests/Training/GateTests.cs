using Kindred.Platform.Collections;
using Kindred.Training.Runs;
using Kindred.Training.Schedule;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

public sealed class GateTests
{
    private static readonly GainSummary s_sure = new(0.05, 0.02, 0.08);
    private static readonly GainSummary s_unsure = new(0.01, -0.02, 0.04);

    [Fact]
    public void The_best_goes_live_when_it_surely_beats_popularity()
    {
        var verdict = Gate.Decide(Means(("popularity", 0.1), ("als", 0.3), ("ease", 0.2)), live: null, ["popularity", "als", "ease"], (_, _) => s_sure);
        (verdict.Published, verdict.Winner).ShouldBe((true, "als"));
    }

    [Fact]
    public void A_first_model_that_may_be_luck_gives_way_to_popularity()
    {
        var verdict = Gate.Decide(Means(("popularity", 0.1), ("als", 0.11)), live: null, ["popularity", "als"], (_, _) => s_unsure);
        (verdict.Published, verdict.Winner).ShouldBe((true, "popularity"));
    }

    [Fact]
    public void A_live_personal_model_is_not_replaced_by_popularity()
    {
        var verdict = Gate.Decide(Means(("popularity", 0.1), ("als", 0.11)), live: "als", ["popularity", "als"], (_, _) => s_unsure);
        verdict.Published.ShouldBeFalse();
    }

    [Fact]
    public void A_challenger_that_may_be_luck_leaves_the_live_recommender_which_is_trained_anew()
    {
        var verdict = Gate.Decide(
            Means(("popularity", 0.1), ("als", 0.30), ("ease", 0.31)), live: "als", ["popularity", "als", "ease"], (_, second) => second == "popularity" ? s_sure : s_unsure);
        (verdict.Published, verdict.Winner).ShouldBe((true, "als"));
    }

    [Fact]
    public void A_challenger_that_may_be_luck_is_refused_where_the_live_recommender_is_no_longer_wanted()
    {
        var verdict = Gate.Decide(
            Means(("popularity", 0.1), ("als", 0.30), ("ease", 0.31)), live: "als", ["popularity", "ease"], (_, second) => second == "popularity" ? s_sure : s_unsure);
        verdict.Published.ShouldBeFalse();
    }

    [Theory]
    [InlineData(9_999, null)]
    [InlineData(10_000, "growth")]
    public void A_grown_log_is_due_after_so_many_events(long fresh, string? trigger) =>
        DueRule.Check(new CollectionSettings { TrainEvery = TimeSpan.Zero }, Ended(RunState.Succeeded, lastSequence: 50_000), 50_000 + fresh, now: 0, startedAt: 0).ShouldBe(trigger);

    [Fact]
    public void A_young_log_is_due_when_it_has_doubled()
    {
        var settings = new CollectionSettings();
        DueRule.Check(settings, last: null, 999, now: 0, startedAt: 0).ShouldBeNull();
        DueRule.Check(settings, last: null, 1_000, now: 0, startedAt: 0).ShouldBe("growth");
        DueRule.Check(settings, Ended(RunState.Succeeded, lastSequence: 3_000), 5_999, now: 0, startedAt: 0).ShouldBeNull();
        DueRule.Check(settings, Ended(RunState.Refused, lastSequence: 3_000), 6_000, now: 0, startedAt: 0).ShouldBe("growth");
    }

    [Fact]
    public void Time_makes_a_run_due_only_when_something_is_new()
    {
        var day = (long)TimeSpan.FromDays(1).TotalMicroseconds;
        var last = Ended(RunState.Succeeded, lastSequence: 100);
        DueRule.Check(new CollectionSettings(), last, 100, now: day, startedAt: 0).ShouldBeNull();
        DueRule.Check(new CollectionSettings(), last, 101, now: day - 1, startedAt: 0).ShouldBeNull();
        DueRule.Check(new CollectionSettings(), last, 101, now: day, startedAt: 0).ShouldBe("schedule");
    }

    [Fact]
    public void A_failed_run_is_not_tried_again_at_once()
    {
        var minute = (long)TimeSpan.FromMinutes(1).TotalMicroseconds;
        DueRule.Check(new CollectionSettings(), Ended(RunState.Failed, lastSequence: 0), 50_000, now: 14 * minute, startedAt: 0).ShouldBeNull();
        DueRule.Check(new CollectionSettings(), Ended(RunState.Failed, lastSequence: 0), 50_000, now: 15 * minute, startedAt: 0).ShouldBe("growth");
        DueRule.Check(new CollectionSettings(), new Run { State = RunState.Running }, 50_000, now: 15 * minute, startedAt: 0).ShouldBeNull();
    }

    private static Run Ended(string state, long lastSequence) => new() { State = state, LastSequence = lastSequence, FinishedAt = 0 };

    private static Dictionary<string, double> Means(params (string Name, double Mean)[] means) => means.ToDictionary(pair => pair.Name, pair => pair.Mean);
}
