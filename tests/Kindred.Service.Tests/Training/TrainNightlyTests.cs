using Kindred.Contracts;
using Kindred.Training.Runs;
using Kindred.Training.Schedule;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

public sealed class TrainNightlyTests
{
    [Fact]
    public async Task A_night_asks_for_a_run_where_something_is_new_and_none_is_under_way()
    {
        await using var world = await TrainingWorld.CreateAsync();
        var job = new TrainNightly("shop", world.Store, () => world, world.Collections, world.Settings);
        job.Name.ShouldBe("train-shop");
        await NightAsync();
        (await RunsAsync()).ShouldBeEmpty("nobody has bought anything");

        world.FillWithTaste();
        await NightAsync();
        await NightAsync();
        var run = (await RunsAsync()).ShouldHaveSingleItem("a run that waits is enough");
        (run.State, run.Trigger).ShouldBe((RunState.Queued, RunTrigger.Schedule));
        (await world.TrainRun.ExecuteAsync(run.Id, "test", told: null, TestContext.Current.CancellationToken)).ShouldNotBeNull().State.ShouldBe(RunState.Succeeded);

        await NightAsync();
        (await RunsAsync()).Count.ShouldBe(1, "nothing is new");
        world.Add(0, 1, world.Shop, "purchase", at: 1);
        await NightAsync();
        (await RunsAsync()).Count.ShouldBe(2);

        Task NightAsync() => job.RunAsync(DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);
        Task<IReadOnlyList<Run>> RunsAsync() => world.Store.ListAsync(world.Shop.Number, long.MaxValue, 10, TestContext.Current.CancellationToken);
    }
}
