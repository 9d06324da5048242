using Dapper;
using Kindred.Contracts;
using Kindred.Training.Models;
using Kindred.Training.Runs;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

public sealed class TrainingStoreTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_collection_has_one_active_run_however_many_ask_at_once()
    {
        await using var world = await TrainingWorld.CreateAsync();

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", s_lease, default)));

        asked.OfType<Run>().ShouldHaveSingleItem();
        (await world.Store.RequestAsync(world.Films.Number, RunTrigger.Hand, "{}", s_lease, default)).ShouldNotBeNull("another collection is another matter");
    }

    [Fact]
    public async Task A_queued_run_is_claimed_once()
    {
        await using var world = await TrainingWorld.CreateAsync();
        var run = (await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", s_lease, default)).ShouldNotBeNull();

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(k => world.Store.ClaimAsync(run.Id, $"t{k}", default)));

        claims.Count(claimed => claimed).ShouldBe(1);
    }

    [Fact]
    public async Task A_run_whose_process_fell_silent_is_closed_and_its_late_writes_change_nothing()
    {
        await using var world = await TrainingWorld.CreateAsync();
        var run = (await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", s_lease, default)).ShouldNotBeNull();
        await world.Store.ClaimAsync(run.Id, "silent", default);
        (await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", s_lease, default)).ShouldBeNull("it is alive so far");
        await world.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync("update runs set beat_at = beat_at - 121000000", transaction: transaction), default);

        var next = await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", s_lease, default);

        next.ShouldNotBeNull();
        (await world.Store.FindAsync(run.Id, default)).ShouldNotBeNull().State.ShouldBe(RunState.Failed);
        (await world.Store.BeatAsync(run.Id, "silent", "late", 0.5, default)).ShouldBeFalse();
        (await world.Store.PublishAsync(run.Id, "silent", world.Shop.Number, 0, "x", "{}", default)).ShouldBeFalse();
        (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldBeNull();
    }

    [Fact]
    public async Task The_head_moves_only_from_the_version_its_mover_saw()
    {
        await using var world = await TrainingWorld.CreateAsync();
        var first = await RunningAsync(world, "a");
        (await world.Store.PublishAsync(first, "a", world.Shop.Number, 0, "one", "{}", default)).ShouldBeTrue();
        var second = await RunningAsync(world, "b");

        (await world.Store.PublishAsync(second, "b", world.Shop.Number, 0, "two", "{}", default)).ShouldBeFalse("it compared itself with no model");
        (await world.Store.FindAsync(second, default)).ShouldNotBeNull().State.ShouldBe(RunState.Running, "both or neither");
        (await world.Store.PublishAsync(second, "b", world.Shop.Number, 1, "two", "{}", default)).ShouldBeTrue();

        var head = (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull();
        (head.Version, head.Bundle).ShouldBe((2, "two"));
        (await world.Store.MovesAsync(world.Shop.Number, 10, default)).Select(move => move.Bundle).ShouldBe(["two", "one"]);
    }

    [Fact]
    public async Task A_rollback_is_a_move_of_its_own()
    {
        await using var world = await TrainingWorld.CreateAsync();
        for (var k = 0; k < 3; k++)
        {
            (await world.Store.PublishAsync(await RunningAsync(world, "t"), "t", world.Shop.Number, k, $"bundle{k + 1}", "{}", default)).ShouldBeTrue();
        }

        var live = (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull();
        var target = Rollback.Target(await world.Store.MovesAsync(world.Shop.Number, 10, default), live, _ => true).ShouldNotBeNull();
        target.Bundle.ShouldBe("bundle2");
        (await world.Store.RollBackAsync(world.Shop.Number, live.Version, target, default)).ShouldBeTrue();
        (await world.Store.RollBackAsync(world.Shop.Number, live.Version, target, default)).ShouldBeFalse("the head is elsewhere now");

        live = (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull();
        (live.Version, live.Bundle).ShouldBe((4, "bundle2"));
        Rollback.Target(await world.Store.MovesAsync(world.Shop.Number, 10, default), live, _ => true).ShouldNotBeNull().Bundle.ShouldBe("bundle1");
        Rollback.Target(await world.Store.MovesAsync(world.Shop.Number, 10, default), live, _ => false).ShouldBeNull();
    }

    private static async Task<long> RunningAsync(TrainingWorld world, string token)
    {
        var run = (await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", s_lease, default)).ShouldNotBeNull();
        (await world.Store.ClaimAsync(run.Id, token, default)).ShouldBeTrue();
        return run.Id;
    }
}
