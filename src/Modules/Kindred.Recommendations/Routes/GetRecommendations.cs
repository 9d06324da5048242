using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Filters;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Routes;

/// <summary>
/// GET /users/{id}/recommendations: the hot path. For a warm user nothing is read from the database; while nothing has changed the list is the
/// one kept with the profile, under a receipt of its own.
/// </summary>
internal static class GetRecommendations
{
    public static async Task Handle(
        HttpContext context, string collection, string id, LocalRecommendations recommendations, Receipts receipts, RecommendationSettings settings, TimeProvider clock)
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

        var (user, profile) = await recommendations.ProfileAsync(served, id, context.RequestAborted);
        RankedList list;
        try
        {
            list = Answer(served, user, profile, query, settings.KeepLists);
        }
        catch (FilterException refused)
        {
            await Refusals.Filter(refused).ExecuteAsync(context);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await ListWriter.SendAsync(context, receipts.Add(served.Collection.Number, user, id, clock.GetUtcNow(), list), list);
    }

    // The version is read before the masks: a change in between makes the kept list stale, never falsely fresh.
    private static RankedList Answer(ServedCollection served, int user, Profile profile, ListQuery query, bool keep)
    {
        var version = served.Items.Version;
        var bundle = served.Shelf.Live;
        if (profile.List is { } kept && kept.Bundle == bundle && kept.ItemsVersion == version
            && kept.Ranked.Degraded == PersonalLists.IsDegraded(served, bundle) && kept.Query == query)
        {
            return kept.Ranked;
        }

        var list = PersonalLists.Rank(served, profile, query);

        // Every share of every item is asked for now and then, and is large.
        if (keep && user >= 0 && bundle is not null && list.Model == bundle.Named && !query.Explain)
        {
            served.Profiles.Keep(profile, new KeptList(query, bundle, version, list));
        }

        return list;
    }
}
