using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tests.Models;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Evaluation;

public sealed class SplitsTests
{
    [Fact]
    public void Random_split_takes_a_fifth_of_each_user_and_loses_nothing()
    {
        var data = Worlds.Tastes;
        var split = Splits.RandomPerUser(data);
        for (var user = 0; user < data.Users; user++)
        {
            var count = data.ByUser.RowLength(user);
            split.Test.ByUser.RowLength(user).ShouldBe(Math.Max(1, count / 5));
            split.Train.ByUser.RowColumns(user).ToArray().Concat(split.Test.ByUser.RowColumns(user).ToArray()).Order()
                .ShouldBe(data.ByUser.RowColumns(user).ToArray());
        }

        KeepsSides(data, split.Train);
        KeepsSides(data, split.Test);
    }

    [Fact]
    public void Random_split_depends_on_the_seed_only()
    {
        var first = Splits.RandomPerUser(Worlds.Tastes, seed: 1).Test.ByUser;
        Splits.RandomPerUser(Worlds.Tastes, seed: 1).Test.ByUser.AllColumns.ToArray().ShouldBe(first.AllColumns.ToArray());
        Splits.RandomPerUser(Worlds.Tastes, seed: 2).Test.ByUser.AllColumns.ToArray().ShouldNotBe(first.AllColumns.ToArray());
    }

    [Fact]
    public void Random_split_draws_every_place_alike()
    {
        // 2,000 users of 10 items each, 2 drawn: every item is drawn 400 times, give or take 5 standard deviations (18).
        var builder = new CsrBuilder();
        for (var k = 0; k < 20_000; k++)
        {
            builder.Add(k / 10, k % 10, 1);
        }

        var test = Splits.RandomPerUser(new Interactions(builder.Build(2000, 10))).Test;
        for (var item = 0; item < 10; item++)
        {
            test.ByItem.RowLength(item).ShouldBeInRange(310, 490);
        }
    }

    [Fact]
    public void Users_with_too_few_interactions_are_left_out_of_both_sides()
    {
        var builder = new InteractionsBuilder();
        for (var item = 0; item < 4; item++)
        {
            builder.Add(0, item, 1, item);
            builder.Add(1, item, 1, item);
        }

        builder.Add(1, 4, 1, 9);
        foreach (var split in (Split[])[Splits.RandomPerUser(builder.Build(2, 5)), Splits.LeaveLastOut(builder.Build(2, 5))])
        {
            split.Train.ByUser.RowLength(0).ShouldBe(0);
            split.Test.ByUser.RowLength(0).ShouldBe(0);
            split.Train.ByUser.RowLength(1).ShouldBe(4);
            split.Test.ByUser.RowLength(1).ShouldBe(1);
        }
    }

    [Fact]
    public void Last_one_is_the_newest_and_of_equal_times_the_largest_item()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1, 50);
        builder.Add(0, 1, 1, 90);
        builder.Add(0, 2, 1, 90);
        builder.Add(0, 3, 1, 10);
        var split = Splits.LeaveLastOut(builder.Build(1, 4), leastPerUser: 2);
        split.Test.ByUser.RowColumns(0).ToArray().ShouldBe([2]);
        split.Train.ByUser.RowColumns(0).ToArray().ShouldBe([0, 1, 3]);
        split.Train.Times.ShouldBe([50L, 90, 10]);
    }

    [Fact]
    public void Global_time_split_learns_nothing_from_the_future_and_leaves_strangers_out()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1, 10);
        builder.Add(0, 1, 1, 40);
        builder.Add(1, 2, 1, 20);
        builder.Add(1, 0, 1, 30);
        builder.Add(2, 1, 1, 50);
        var split = Splits.GlobalTime(builder.Build(3, 3), 0.6);

        // Times 10 20 30 40 50, the cut at 40. User 2 has nothing before it.
        split.Train.Times.ShouldBe([10L, 30, 20]);
        split.Test.Times.ShouldBe([40L]);

        var whole = Splits.GlobalTime(Worlds.Tastes, 0.8);
        whole.Train.Times!.Max().ShouldBeLessThan(whole.Test.Times!.Min());
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Splits.RandomPerUser(Worlds.Tastes, share: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Splits.RandomPerUser(Worlds.Tastes, leastPerUser: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Splits.GlobalTime(Worlds.Tastes, double.NaN));
        Should.Throw<ArgumentException>(() => Splits.LeaveLastOut(Worlds.Checkerboard(6))).Message.ShouldContain("times");
    }

    private static void KeepsSides(Interactions data, Interactions part)
    {
        for (var user = 0; user < data.Users; user++)
        {
            for (var k = 0; k < part.ByUser.RowLength(user); k++)
            {
                var at = (int)part.ByUser.RowStarts[user] + k;
                var from = (int)data.ByUser.RowStarts[user] + data.ByUser.RowColumns(user).BinarySearch(part.ByUser.RowColumns(user)[k]);
                part.Times![at].ShouldBe(data.Times![from]);
                part.Ratings![at].ShouldBe(data.Ratings![from]);
            }
        }
    }
}
