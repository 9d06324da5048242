using Kindred.Recommendations;
using Kindred.Recommendations.Answers;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Serving;

public sealed class AnswerTests
{
    [Fact]
    public async Task An_event_changes_the_very_next_answer()
    {
        await using var world = await ServingWorld.StartAsync();
        (await world.AskAsync("newcomer")).Source.ShouldBe("cold");
        await world.LikeAsync("newcomer", 0, 2);

        var dramas = await world.AskAsync("newcomer");
        dramas.Source.ShouldBe("personal");
        dramas.Data[0].Categories.ShouldBe(["Drama"]);
        dramas.Data[0].Reason.Text.ShouldStartWith("Because you rated Film ");
        dramas.Data.ShouldNotContain(slot => slot.Item == "f0" || slot.Item == "f2");

        await world.RecordAsync("newcomer", "rating", 1, 0, 2);
        await world.LikeAsync("newcomer", 1, 3);
        (await world.AskAsync("newcomer")).Data[0].Categories.ShouldBe(["Comedy"]);
    }

    [Fact]
    public async Task Unknown_user_gets_popular_items_and_is_told_so()
    {
        await using var world = await ServingWorld.StartAsync();
        var answer = await world.AskAsync("nobody", new ListQuery { N = 12 });
        answer.Source.ShouldBe("cold");
        answer.Degraded.ShouldBeFalse();
        answer.Data.Count.ShouldBe(12);
        answer.Data.ShouldAllBe(slot => slot.Source == "popular" && slot.Reason.Text.Contains("we know little"));
        answer.Data.Select(slot => slot.Score).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task Without_a_model_live_counts_answer_and_the_answer_is_degraded()
    {
        await using var world = await ServingWorld.StartAsync(trained: false);
        await world.RefreshAsync();
        var answer = await world.AskAsync("nobody", new ListQuery { N = ServingWorld.Films });
        answer.Degraded.ShouldBeTrue();
        answer.Model.ShouldBeNull();
        answer.Data.Count.ShouldBe(ServingWorld.Films);
        answer.Data[0].Source.ShouldBe("popular");
        answer.Data[^1].Source.ShouldBe("new");
    }

    [Fact]
    public async Task Hidden_deleted_and_seen_items_are_in_no_list()
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2, 4);
        await world.RecordAsync("ann", "view", null, 6);
        await world.RecordAsync("ann", "impression", 0, 10);
        await world.HideAsync(8);
        await world.DeleteAsync(12);
        for (var round = 0; round < 2; round++)
        {
            var everything = new ListQuery { N = 200 };
            var mine = (await world.AskAsync("ann", everything)).Data.Select(slot => slot.Item).ToList();
            mine.Count.ShouldBe(ServingWorld.Films - 6);
            mine.ShouldBeUnique();
            mine.ShouldNotContain("f0");
            mine.ShouldNotContain("f6");
            mine.ShouldContain("f10");
            AnsweredList[] lists =
            [
                await world.AskAsync("ann", everything with { ExcludeSeen = false }),
                await world.AskAsync("nobody", everything),
                PersonalLists.Popular(world.Served, everything).Answer(),
                ItemLists.Latest(world.Served, everything).Answer(),
                ItemLists.Trending(world.Served, everything, DateTimeOffset.UnixEpoch).Answer(),
                ItemLists.Similar(world.Served, world.Served.Items[0]!, everything).Answer(),
                ItemLists.BoughtTogether(world.Served, world.Served.Items[0]!, everything).Answer(),
            ];
            foreach (var list in lists)
            {
                list.Data.ShouldNotBeEmpty();
                list.Data.ShouldNotContain(slot => slot.Item == "f8" || slot.Item == "f12");
                list.Data.ShouldAllBe(slot => slot.Reason.Evidence.All(evidence => evidence.Item != "f8" && evidence.Item != "f12"));
            }

            (await world.Recommendations.SimilarAsync("films", "f8", everything, ServingWorld.Now)).ShouldBeNull();
            await world.TrainAsync("2");
            await world.RefreshAsync();
        }
    }

    [Fact]
    public async Task A_filter_gives_n_whenever_n_qualify()
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2);
        var cheap = await world.AskAsync("ann", new ListQuery { N = 10, Filter = "price >= 26 and price < 36 and category in (\"Drama\", \"Comedy\")" });
        cheap.Data.Select(slot => slot.Item).Order().ShouldBe(Enumerable.Range(26, 10).Select(film => $"f{film}").Order());
        var comedies = await world.AskAsync("ann", new ListQuery { N = 20, Category = "Comedy" });
        comedies.Data.Count.ShouldBe(20);
        comedies.Data.ShouldAllBe(slot => slot.Categories[0] == "Comedy");

        await world.HideAsync(26);
        (await world.AskAsync("ann", new ListQuery { N = 10, Filter = "price >= 26 and price < 36 and category in (\"Drama\", \"Comedy\")" })).Data.Count.ShouldBe(9);
        (await world.AskAsync("ann", new ListQuery { Category = "Nothing" })).Data.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("itemknn")]
    [InlineData("als")]
    public async Task Shares_of_why_sum_to_the_score(string personal)
    {
        await using var world = await ServingWorld.StartAsync();
        await world.TrainAsync("2", personal);
        await world.RefreshAsync();
        await world.LikeAsync("ann", 0, 2, 4, 6, 3);
        var top = (await world.AskAsync("ann")).Data[0];
        var why = (await world.Recommendations.WhyAsync("films", "ann", top.Item, ListQuery.Default, ServingWorld.Now))!;
        why.Rank.ShouldBe(1);
        why.Score!.Value.ShouldBe(top.Score, 1e-3);
        why.Evidence.Sum(evidence => evidence.Share).ShouldBe(why.Score.Value, 1e-3);
        why.Model!.Recommender.ShouldBe(personal);

        await world.HideAsync(2);
        var after = (await world.Recommendations.WhyAsync("films", "ann", top.Item, ListQuery.Default, ServingWorld.Now))!;
        after.Evidence.ShouldNotContain(evidence => evidence.Item == "f2");
        after.Evidence.Sum(evidence => evidence.Share).ShouldBe(after.Score!.Value, 1e-3);
    }

    [Fact]
    public async Task Why_not_names_each_stage()
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2);
        await world.HideAsync(8);
        await world.DeleteAsync(10);
        await world.Catalog.PutAsync(world.Collection, [ServingWorld.Film(99)], ServingWorld.Now);
        var three = new ListQuery { N = 3 };
        var first = (await world.AskAsync("ann", three)).Data[0].Item;

        (await StageAsync("nothing", three)).ShouldBe("unknown");
        (await StageAsync("f8", three)).ShouldBe("hidden");
        (await StageAsync("f10", three)).ShouldBe("deleted");
        (await StageAsync("f0", three)).ShouldBe("seen");
        (await StageAsync("f1", three with { Category = "Drama" })).ShouldBe("category");
        (await StageAsync("f1", three with { Filter = "price > 5" })).ShouldBe("filter");
        (await StageAsync("f99", three)).ShouldBe("not_in_model");
        (await StageAsync(first, three)).ShouldBe("answered");
        var below = (await world.Recommendations.WhyNotAsync("films", "ann", "f1", three, ServingWorld.Now))!;
        below.Stage.ShouldBe("ranked_below");
        below.Rank!.Value.ShouldBeGreaterThan(3);
        below.LastScore!.Value.ShouldBeGreaterThanOrEqualTo(below.Score!.Value);

        async Task<string> StageAsync(string item, ListQuery query) =>
            (await world.Recommendations.WhyNotAsync("films", "ann", item, query, ServingWorld.Now))!.Stage;
    }

    [Fact]
    public async Task A_forgotten_user_is_a_stranger_at_once_and_leaves_no_receipt()
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2);
        (await world.AskAsync("ann")).Source.ShouldBe("personal");
        var number = (await world.Events.ReadUserAsync(world.Collection.Number, 30, 10, ServingWorld.Now)).Count > 0 ? 30 : -1;
        number.ShouldBe(30);
        var receipt = world.Receipts.Add(world.Collection.Number, number, "ann", DateTimeOffset.UnixEpoch, new RankedList("personal", null, false, []));
        world.Receipts.Find(world.Collection.Number, receipt).ShouldNotBeNull();

        (await world.ForgetAsync("ann")).ShouldBeTrue();

        (await world.AskAsync("ann")).Source.ShouldBe("cold");
        world.Receipts.Find(world.Collection.Number, receipt).ShouldBeNull();
    }

    [Fact]
    public async Task An_item_first_seen_in_an_event_can_be_evidence_and_answer()
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2, 77);
        await world.LikeAsync("bob", 0, 77);
        await world.TrainAsync("2");
        await world.RefreshAsync();
        (await world.AskAsync("carl", new ListQuery { N = 200 })).Data.ShouldContain(slot => slot.Item == "f77" && slot.Title == null);
        (await world.Recommendations.SimilarAsync("films", "f77", ListQuery.Default, ServingWorld.Now))!.Data.ShouldContain(slot => slot.Item == "f0");
    }
}
