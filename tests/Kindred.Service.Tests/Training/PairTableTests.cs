using Kindred.Training.Data;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

public sealed class PairTableTests
{
    [Fact]
    public async Task The_newest_rating_decides_whatever_order_the_log_has()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.Add(0, 0, world.Films, "rating", at: 20, value: 9);
        world.Add(0, 0, world.Films, "rating", at: 10, value: 2);
        world.Add(0, 1, world.Films, "rating", at: 10, value: 9);
        world.Add(0, 1, world.Films, "rating", at: 20, value: 5);

        var pairs = await ReadAsync(world, films: true);

        pairs.ToPositives().ByUser.RowColumns(0).ToArray().ShouldBe([0]);
        pairs.ToRatings().ShouldNotBeNull().Ratings.ShouldBe([9, 5]);
    }

    [Fact]
    public async Task A_dislike_closes_a_film_to_what_came_before_and_not_to_what_came_after()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.Add(0, 0, world.Films, "view", at: 5);
        world.Add(0, 0, world.Films, "rating", at: 10, value: 1);
        world.Add(0, 1, world.Films, "rating", at: 10, value: 1);
        world.Add(0, 1, world.Films, "view", at: 15);

        (await ReadAsync(world, films: true)).ToPositives().ByUser.RowColumns(0).ToArray().ShouldBe([1]);
    }

    [Fact]
    public async Task Taste_counts_a_pair_once_by_its_heaviest_type_and_co_purchase_every_time()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.Add(0, 0, world.Shop, "view", at: 1);
        world.Add(0, 0, world.Shop, "purchase", at: 2);
        world.Add(0, 0, world.Shop, "purchase", at: 3);
        world.Add(0, 1, world.Shop, "view", at: 4);

        var pairs = await ReadAsync(world, films: false);

        pairs.ToPositives().ByUser.RowValues(0).ToArray().ShouldBe([1, 0.2f]);
        pairs.ToRepeats().ByUser.RowValues(0).ToArray().ShouldBe([2.2f, 0.2f], 1e-6);
        pairs.ToPositives().Times.ShouldBe([1, 4]);
        pairs.ToRatings().ShouldBeNull();
    }

    [Fact]
    public async Task The_test_part_holds_what_people_discovered_after_the_cut()
    {
        await using var world = await TrainingWorld.CreateAsync();
        for (var at = 1; at <= 9; at++)
        {
            world.Add(0, at, world.Shop, "purchase", at);
        }

        world.Add(0, 1, world.Shop, "purchase", at: 10); // bought again: no discovery
        world.Add(0, 20, world.Shop, "purchase", at: 11);
        world.Add(0, 21, world.Shop, "view", at: 12); // only looked at
        world.Add(1, 20, world.Shop, "purchase", at: 13); // a stranger before the cut
        var events = await EventTable.ReadAsync(world, world.Shop.Number, default);

        var split = HeldOut.Cut(events, world.Shop, new PairTable(events, world.Shop), share: 0.18, seed: 1);

        split.Kind.ShouldBe("temporal");
        split.Cutoff.ShouldBe(11);
        split.Test.ByUser.RowColumns(0).ToArray().ShouldBe([20]);
        split.Test.ByUser.RowLength(1).ShouldBe(0);
        split.TestUsers.ShouldBe(1);
        split.Train.Positives.ByUser.RowColumns(0).ToArray().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    [Fact]
    public async Task Events_of_one_moment_are_cut_by_hash_instead()
    {
        await using var world = await TrainingWorld.CreateAsync();
        for (var user = 0; user < 50; user++)
        {
            for (var item = 0; item < 20; item++)
            {
                world.Add(user, item, world.Shop, "purchase", at: 7);
            }
        }

        var events = await EventTable.ReadAsync(world, world.Shop.Number, default);
        var split = HeldOut.Cut(events, world.Shop, new PairTable(events, world.Shop), share: 0.1, seed: 1);

        split.Kind.ShouldBe("random");
        split.Test.Count.ShouldBeInRange(150, 250);
        (split.Test.Count + split.Train.Positives.Count).ShouldBe(1_000);
    }

    private static async Task<PairTable> ReadAsync(TrainingWorld world, bool films)
    {
        var collection = films ? world.Films : world.Shop;
        return new PairTable(await EventTable.ReadAsync(world, collection.Number, default), collection);
    }
}
