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
        KeptList list;
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
        var model = list.Bundle?.Named;
        var receipt = receipts.Add(served.Collection.Number, user, id, clock.GetUtcNow(), list.Source, model, list.Degraded, list.Data);
        await ListWriter.SendAsync(context, receipt, list.Source, model, list.Degraded, list.Data);
    }

    // The version is read before the masks: a change in between makes the kept list stale, never falsely fresh.
    private static KeptList Answer(ServedCollection served, int user, Profile profile, ListQuery query, bool keep)
    {
        var version = served.Items.Version;
        var bundle = served.Shelf.Live;
        if (profile.List is { } kept && kept.Bundle == bundle && bundle is not null && kept.ItemsVersion == version
            && kept.Degraded == PersonalLists.IsDegraded(served, bundle) && kept.Query == query)
        {
            return kept;
        }

        var answer = PersonalLists.Rank(served, profile, query);
        var list = new KeptList(query, bundle, version, answer.Source, answer.Degraded, ListWriter.Slots(answer.Data));
        if (keep && user >= 0 && bundle is not null && answer.Model == bundle.Named)
        {
            served.Profiles.Keep(profile, list);
        }

        return list;
    }
}
