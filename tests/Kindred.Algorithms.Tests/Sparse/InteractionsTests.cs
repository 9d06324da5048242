using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Sparse;

public sealed class InteractionsTests
{
    [Fact]
    public void Events_of_one_cell_add_up_and_the_newest_gives_time_and_rating()
    {
        var builder = new InteractionsBuilder();
        builder.Add(1, 2, 1, time: 30, rating: 4);
        builder.Add(0, 1, 1, time: 5, rating: 2);
        builder.Add(1, 2, 0.5f, time: 40, rating: 3);
        builder.Add(1, 2, 2, time: 20, rating: 5);
        builder.Add(1, 0, 1, time: 7, rating: 1);
        builder.Add(0, 1, 1, time: 5, rating: 3);
        var data = builder.Build(3, 3, withRatings: true);
        data.ByUser.RowStarts.ToArray().ShouldBe([0L, 1, 3, 3]);
        data.ByUser.AllColumns.ToArray().ShouldBe([1, 0, 2]);
        data.ByUser.AllValues.ToArray().ShouldBe([2f, 1, 3.5f]);
        data.Times.ShouldBe([5L, 7, 40]);
        data.Ratings.ShouldBe([3f, 1, 3]);
        data.ByItem.ValueAt(2, 1).ShouldBe(3.5f);
    }

    [Fact]
    public void Two_arrays_are_enough()
    {
        var data = Interactions.From([1, 0, 1, 1], [2, 1, 2, 0]);
        (data.Users, data.Items, data.Times).ShouldBe((2, 3, null));
        data.ByUser.AllColumns.ToArray().ShouldBe([1, 0, 2]);
        data.ByUser.AllValues.ToArray().ShouldBe([1f, 1, 2]);
        Interactions.From([], []).Count.ShouldBe(0);
        Should.Throw<ArgumentException>(() => Interactions.From([0, 1], [0])).Message.ShouldContain("2 users, 1 items");
        Should.Throw<ArgumentOutOfRangeException>(() => Interactions.From([0, -1], [0, 0]));
    }

    [Fact]
    public void Negative_times_are_times_too()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1, time: -30, rating: 1);
        builder.Add(0, 0, 1, time: -50, rating: 2);
        var data = builder.Build(1, 1, withRatings: true);
        data.Times.ShouldBe([-30L]);
        data.Ratings.ShouldBe([1f]);
    }

    [Fact]
    public void Weights_above_zero_and_sides_of_equal_length_are_asked_for()
    {
        var matrix = new CsrMatrix(2, [0, 2], [0, 1], [1, 2]);
        Should.Throw<ArgumentException>(() => new Interactions(matrix, times: [1]));
        Should.Throw<ArgumentException>(() => new Interactions(matrix, ratings: [1, 2, 3]));
        Should.Throw<ArgumentException>(() => new Interactions(new CsrMatrix(2, [0, 1], [0], [0])));
        Should.Throw<ArgumentException>(() => new Interactions(matrix, itemFeatures: new CsrMatrix(1, [0, 1], [0], [1]))).Message.ShouldContain("2 expected, 1 given");
        Should.Throw<ArgumentException>(() => new Interactions(matrix, itemFeatures: new CsrMatrix(1, [0, 1, 1], [0], [-1])));
        new Interactions(matrix, itemFeatures: new CsrMatrix(1, [0, 1, 1], [0], [1])).ItemFeatures!.Columns.ShouldBe(1);
        Should.Throw<ArgumentOutOfRangeException>(() => new InteractionsBuilder().Add(0, 0, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => new InteractionsBuilder().Add(0, 0, 1, rating: float.NaN));
    }
}
