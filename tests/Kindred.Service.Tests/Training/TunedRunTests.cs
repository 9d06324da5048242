using System.Text.Json;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tuning;
using Kindred.Training;
using Kindred.Training.Data;
using Kindred.Training.Runs;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

public sealed class TunedRunTests
{
    [Fact]
    public async Task A_search_goes_live_through_the_gate_and_later_runs_keep_what_it_found()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        List<string> stages = [];

        var (found, run) = await Entry(world).TuneAsync("shop", new TuningOptions { Recommenders = ["itemknn", "als"] }, seed: null, (stage, _) => stages.Add(stage), default);

        found.ShouldNotBeNull().Trials.Count.ShouldBeGreaterThan(5);
        run.ShouldNotBeNull().State.ShouldBe(RunState.Succeeded, run.Error);
        run.Report.ShouldNotBeNull().Tuned.ShouldNotBeNull().Options.GetRawText().ShouldBe(found.Best.Options.GetRawText());
        run.Report.Candidates.Select(candidate => candidate.Recommender).ShouldContain(found.Best.Recommender);
        run.Report.Reason.ShouldContain("95 %");
        stages.ShouldContain(stage => stage.StartsWith("rung 1", StringComparison.Ordinal));

        var next = TrainingJson.ReadReport((await world.RunAsync()).Report).ShouldNotBeNull();
        next.Tuned.ShouldNotBeNull().Options.GetRawText().ShouldBe(found.Best.Options.GetRawText());
        next.Candidates.Select(candidate => candidate.Recommender).ShouldContain(found.Best.Recommender);
    }

    [Fact]
    public async Task Where_only_options_differ_the_live_model_defends_itself_as_it_is()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        await world.RunAsync();

        var run = await TunedAsync(world, new Candidate("itemknn", JsonElement.Parse("""{"neighbours":1}""")));

        var report = TrainingJson.ReadReport(run.Report).ShouldNotBeNull();
        report.Candidates.Select(candidate => candidate.Recommender).ShouldBe(["popularity", "itemknn", "itemknn as it is"], ignoreOrder: true);
        run.State.ShouldBe(RunState.Refused, "one neighbour an item is no better than a hundred");
        report.Reason.ShouldContain("itemknn as it is");
        (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull().Run.ShouldBe("1");
    }

    [Fact]
    public void A_split_that_leaks_is_found_out()
    {
        var train = Pairs((0, 1, 10), (0, 2, 20), (1, 1, 30));
        LeakCheck.Find(Held("temporal", 31, train, Pairs((0, 3, 40)))).ShouldBeNull();
        LeakCheck.Find(Held("temporal", 31, train, Pairs((0, 3, 40), (0, 2, 20)))).ShouldNotBeNull().ShouldContain("1 of 2 held-out pairs");
        LeakCheck.Find(Held("temporal", 30, train, Pairs((0, 3, 40)))).ShouldNotBeNull().ShouldContain("1 of 3 training pairs");
        LeakCheck.Find(Held("random", null, train, Pairs((0, 3, 5)))).ShouldBeNull("a random split has no past and future");
    }

    private static Interactions Pairs(params (int User, int Item, long At)[] pairs)
    {
        var builder = new InteractionsBuilder();
        foreach (var (user, item, at) in pairs)
        {
            builder.Add(user, item, 1, at);
        }

        return builder.Build(2, 4);
    }

    private static HeldOut Held(string kind, long? cutoff, Interactions train, Interactions test) => new(kind, cutoff, new TrainingSet(train, train, null), test, 1);

    private static TrainingEntry Entry(TrainingWorld world) => new(world.Store, world.TrainRun, world, world, world.Collections, world.Settings);

    private static async Task<Run> TunedAsync(TrainingWorld world, Candidate tuned)
    {
        var options = TrainingJson.Write(new RunOptions { Tuned = tuned });
        var run = await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, options, world.Settings.LeaseTime, CancellationToken.None);
        return (await world.TrainRun.ExecuteAsync(run.ShouldNotBeNull().Id, "test", told: null, CancellationToken.None)).ShouldNotBeNull();
    }
}
