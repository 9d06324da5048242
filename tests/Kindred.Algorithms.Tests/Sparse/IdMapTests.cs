using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Sparse;

public sealed class IdMapTests
{
    [Fact]
    public void Numbers_are_given_in_order_and_kept()
    {
        var map = Of("b", "a", "b", "B");
        map.Count.ShouldBe(3);
        map.Ids.ShouldBe(["b", "a", "B"]);
        map.TryGet("a", out var number).ShouldBeTrue();
        number.ShouldBe(1);
        map[2].ShouldBe("B");
        map.TryGet("c", out _).ShouldBeFalse();
    }

    [Fact]
    public void Whole_numbers_are_ordered_as_numbers() => Of("10", "9", "100", "2").Order().ShouldBe([2, 1, 3, 0]);

    [Fact]
    public void Equal_numbers_written_differently_keep_their_order_of_arrival() => Of("7", "07", "1", "007").Order().ShouldBe([1, 2, 0, 3]);

    [Fact]
    public void Other_ids_are_ordered_by_their_characters() => Of("10", "9", "x", "É", "A").Order().ShouldBe([0, 1, 3, 4, 2]);

    [Fact]
    public void Nothing_has_no_order() => new IdMap().Order().ShouldBeEmpty();

    private static IdMap Of(params string[] ids)
    {
        var map = new IdMap();
        foreach (var id in ids)
        {
            map.Add(id);
        }

        return map;
    }
}
