using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models;

public sealed class ModelExtensionsTests
{
    private static readonly IModel s_model = Recommenders.Find("itemknn")!.Train(Worlds.Tastes, null, new TrainingContext());

    [Fact]
    public void A_short_list_is_the_long_way_with_the_history_masked()
    {
        var allowed = new ulong[3];
        Array.Fill(allowed, ulong.MaxValue);
        allowed[0] &= ~((1UL << 5) | (1UL << 10));
        var best = new ScoredItem[6];
        s_model.Recommend(s_model.Fold(new History([10, 5], [1, 1])), new Selection(allowed), best).ShouldBe(6);
        s_model.Recommend([10, 5], 6).ShouldBe(best);
        s_model.Recommend([10, 5, 10, 999, -1], 6).ShouldBe(best, "repeats and unknown items are left out");
    }

    [Fact]
    public void No_more_is_answered_than_is_left()
    {
        var data = Interactions.From([0, 0, 1], [0, 1, 2]);
        var model = Recommenders.Find("popularity")!.Train(data, null, new TrainingContext());
        model.Recommend([0], 10).Select(item => item.Item).ShouldBe([1, 2]);
        model.Recommend([], 2).Select(item => item.Item).ShouldBe([0, 1]);
        model.Recommend([2], 0).ShouldBeEmpty();
        Should.Throw<ArgumentOutOfRangeException>(() => model.Recommend([0], -1));
    }
}
