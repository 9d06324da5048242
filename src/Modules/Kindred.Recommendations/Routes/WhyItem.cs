using System.Text.Json.Serialization.Metadata;
using Kindred.Recommendations.Filters;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Routes;

/// <summary>GET /users/{id}/why/{item} and /why-not/{item}.</summary>
internal static class WhyItem
{
    public static Task Why(HttpContext context, string collection, string id, string item, LocalRecommendations recommendations) =>
        Send(context, collection, item, recommendations, RecommendationsJson.Default.WhyAnswer, query => recommendations.WhyAsync(collection, id, item, query, context.RequestAborted));

    public static Task WhyNot(HttpContext context, string collection, string id, string item, LocalRecommendations recommendations) =>
        Send(context, collection, item, recommendations, RecommendationsJson.Default.WhyNotAnswer, query => recommendations.WhyNotAsync(collection, id, item, query, context.RequestAborted));

    private static async Task Send<T>(
        HttpContext context, string collection, string item, LocalRecommendations recommendations, JsonTypeInfo<T> json, Func<ListQuery, Task<T?>> ask)
        where T : class
    {
        if (await recommendations.FindAsync(collection, context.RequestAborted) is null)
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
            if (await ask(query) is { } answer)
            {
                context.Response.Headers.CacheControl = "no-store";
                await context.Response.WriteAsJsonAsync(answer, json, cancellationToken: context.RequestAborted);
            }
            else
            {
                await Refusals.NoItem(item).ExecuteAsync(context);
            }
        }
        catch (FilterException refused)
        {
            await Refusals.Filter(refused).ExecuteAsync(context);
        }
    }
}
