using Kindred.Feedback.Social;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Ratings;

/// <summary>Stars for a film.</summary>
/// <param name="FilmId">The film; MovieLens' whole numbers and any other ids.</param>
/// <param name="Rating">Half a star to five, in halves.</param>
public sealed record ClubRatingRequest(IdText FilmId, double Rating);

/// <summary>A rating in stars.</summary>
public sealed record ClubRatingResponse(string FilmId, double Rating, DateTimeOffset RatedAt);

/// <summary>The film club's ratings, <c>/ratings</c>: one's own, by the cookie or a bearer.</summary>
internal static class ClubRatings
{
    private const int MaxPage = 100;

    public static async Task<IResult> Rate(ClubRatingRequest request, Collection collection, Caller caller, RateItem rate, CancellationToken cancellation)
    {
        if (!Scale.Club.Has(request.Rating))
        {
            return Problems.Unprocessable("rating is 0.5 to 5 in steps of 0.5.", new FieldError("/rating", "range", "0.5 to 5 in steps of 0.5"));
        }

        if (Ids.Check(request.FilmId.Text) is { } bad)
        {
            return Problems.Unprocessable($"film_id {bad}.", new FieldError("/film_id", "id", $"film_id {bad}"));
        }

        var user = caller.Person!.User;
        var change = new RatingChange(RatingVerb.Put, rate.Now) { User = user, Item = request.FilmId.Text!, Value = Scale.Club.ToProfile(request.Rating), Only = user };
        if (await rate.AskAsync(collection, change, cancellation) is { } refused)
        {
            return refused;
        }

        return TypedResults.Json(
            new ClubRatingResponse(change.Row!.Item, request.Rating, DateTimeOffset.UnixEpoch.AddMicroseconds(change.Row.At)),
            statusCode: change.Replaced ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    public static async Task<IResult> List(Collection collection, Caller caller, RatingStore store, CancellationToken cancellation, int page_number = 0, int page_size = SocialRules.PageSize)
    {
        if (page_number < 0 || page_size is < 1 or > MaxPage)
        {
            return Problems.Unprocessable($"page_number is 0 or more, page_size 1 to {MaxPage}.", new FieldError(page_number < 0 ? "page_number" : "page_size", "range", "out of range"));
        }

        var ratings = await store.ListAsync(collection, TasteKind.Rating, caller.Person!.User, (long)page_number * page_size, page_size, cancellation);
        return TypedResults.Ok<IReadOnlyList<ClubRatingResponse>>([.. ratings.Select(rating => new ClubRatingResponse(rating.Item, Scale.Club.FromProfile((float)rating.Value), rating.Time))]);
    }

    public static async Task<IResult> Delete(string film_id, Collection collection, Caller caller, RateItem rate, CancellationToken cancellation)
    {
        var user = caller.Person!.User;
        var change = new RatingChange(RatingVerb.Remove, rate.Now) { User = user, Item = film_id, Only = user };
        return await rate.AskAsync(collection, change, cancellation) is { } refused ? refused
            : change.Outcome == RatingOutcome.Missing ? Problems.NotFound("There is no rating of this film.")
            : TypedResults.NoContent();
    }
}
