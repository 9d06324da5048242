using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Filters;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Serving;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Routes;

/// <summary>The lists that belong to no user: similar, bought together, popular, trending, latest; and a receipt read back.</summary>
internal static class GetLists
{
    public static Task Similar(HttpContext context, string collection, string id, LocalRecommendations recommendations, Receipts receipts, TimeProvider clock) =>
        OfItem(context, collection, id, recommendations, receipts, clock, ItemLists.Similar);

    public static Task BoughtTogether(HttpContext context, string collection, string id, LocalRecommendations recommendations, Receipts receipts, TimeProvider clock) =>
        OfItem(context, collection, id, recommendations, receipts, clock, ItemLists.BoughtTogether);

    public static Task Popular(HttpContext context, string collection, LocalRecommendations recommendations, Receipts receipts, TimeProvider clock) =>
        Send(context, collection, recommendations, receipts, clock, (served, query) => new ValueTask<RankedList?>(PersonalLists.Popular(served, query)));

    public static Task Trending(HttpContext context, string collection, LocalRecommendations recommendations, Receipts receipts, TimeProvider clock) =>
        Send(context, collection, recommendations, receipts, clock, (served, query) => new ValueTask<RankedList?>(ItemLists.Trending(served, query, clock.GetUtcNow())));

    public static Task Latest(HttpContext context, string collection, LocalRecommendations recommendations, Receipts receipts, TimeProvider clock) =>
        Send(context, collection, recommendations, receipts, clock, (served, query) => new ValueTask<RankedList?>(ItemLists.Latest(served, query)));

    public static async Task Receipt(HttpContext context, string collection, string id, OnlyUser only, LocalRecommendations recommendations, Receipts receipts)
    {
        if (await recommendations.FindAsync(collection, context.RequestAborted) is not { } served)
        {
            await Refusals.NoCollection(collection).ExecuteAsync(context);
        }
        else if (receipts.Find(served.Collection.Number, id) is not { } receipt || (receipt.UserId is { } owner && !only.Allows(owner)))
        {
            await Problems.NotFound("No such receipt: only recent answers of this process are kept.").ExecuteAsync(context);
        }
        else
        {
            context.Response.Headers.CacheControl = "no-store";
            await ListWriter.SendAsync(context, id, receipt.List, receipt.UserId, receipt.At);
        }
    }

    private static Task OfItem(
        HttpContext context,
        string collection,
        string id,
        LocalRecommendations recommendations,
        Receipts receipts,
        TimeProvider clock,
        Func<ServedCollection, ItemRow, ListQuery, RankedList> list) =>
        Send(
            context,
            collection,
            recommendations,
            receipts,
            clock,
            async (served, query) => await recommendations.ItemAsync(served, id, context.RequestAborted) is { Answerable: true } row ? list(served, row, query) : null,
            id);

    private static async Task Send(
        HttpContext context,
        string collection,
        LocalRecommendations recommendations,
        Receipts receipts,
        TimeProvider clock,
        Func<ServedCollection, ListQuery, ValueTask<RankedList?>> list,
        string item = "")
    {
        if (await recommendations.FindAsync(collection, context.RequestAborted) is not { } served)
        {
            await Refusals.NoCollection(collection).ExecuteAsync(context);
            return;
        }

        if (!QueryReader.TryRead(context.Request.QueryString, out var query, out var error))
        {
            await Refusals.Invalid(error!).ExecuteAsync(context);
            return;
        }

        try
        {
            if (await list(served, query) is not { } answer)
            {
                await Refusals.NoItem(item).ExecuteAsync(context);
                return;
            }

            await ListWriter.SendAsync(context, receipts.Add(served.Collection.Number, -1, null, clock.GetUtcNow(), answer), answer);
        }
        catch (FilterException refused)
        {
            await Refusals.Filter(refused).ExecuteAsync(context);
        }
    }
}
