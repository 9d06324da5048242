using System.Text.Json.Serialization;
using Kindred.Feedback.Social;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Ratings;

/// <summary>A rating of a film, 1 to 10.</summary>
/// <param name="MovieId">The film.</param>
/// <param name="UserId">Whose rating it is.</param>
/// <param name="Rating">1 to 10, whole.</param>
/// <param name="LikedAt">When, not in the future; now where missing.</param>
public sealed record LikeRequest(Guid MovieId, Guid UserId, int Rating, DateTimeOffset? LikedAt = null);

/// <summary>A rating as it was stored.</summary>
public sealed record LikeDocumentResponse([property: JsonPropertyName("_id")] string Id, string MovieId, string UserId, int Rating, DateTimeOffset LikedAt);

/// <summary>A rating as it is read.</summary>
public sealed record LikeResponse(string Id, string MovieId, string UserId, DateTimeOffset LikedAt, int Rating);

/// <summary>System C's ratings, <c>/social/v1/likes/</c>.</summary>
internal static class LikeRoutes
{
    private const string Changed = "The like is updated.";
    private const string Deleted = "The like is deleted.";

    public static async Task<IResult> List(Collection collection, OnlyUser only, RatingStore store, CancellationToken cancellation, string? user_id = null, int page_number = 0, int page_size = SocialRules.PageSize)
    {
        if (SocialRules.CheckPage(user_id, page_number, page_size, only) is { } refusal)
        {
            return refusal;
        }

        var likes = await store.ListAsync(collection, TasteKind.Rating, SocialRules.Id(user_id!), (long)page_number * page_size, page_size, cancellation);
        return TypedResults.Ok<IReadOnlyList<LikeResponse>>([.. likes.Select(Response)]);
    }

    public static async Task<IResult> Get(string like_id, Collection collection, OnlyUser only, RatingStore store, CancellationToken cancellation) =>
        await store.FindAsync(collection, TasteKind.Rating, like_id, cancellation) is not { } like ? SocialRules.Missing("like")
        : only.Allows(like.User) ? TypedResults.Ok(Response(like))
        : SocialRules.Foreign();

    public static async Task<IResult> Add(LikeRequest request, Collection collection, OnlyUser only, RateItem rate, CancellationToken cancellation)
    {
        var now = rate.Now;
        if (Scale.Cinema.Has(request.Rating) is false)
        {
            return Range();
        }

        if (SocialRules.CheckNew(request.UserId, request.LikedAt, now, "liked_at", only) is { } refusal)
        {
            return refusal;
        }

        var change = new RatingChange(RatingVerb.Add, now)
        {
            User = request.UserId.ToString(),
            Item = request.MovieId.ToString(),
            Value = request.Rating,
            At = request.LikedAt is { } at ? RateItem.Micros(at) : null,
            Only = only.Id,
        };
        return await rate.AskAsync(collection, change, cancellation) is { } refused ? refused
            : change.Outcome == RatingOutcome.Exists ? SocialRules.Twice("like")
            : TypedResults.Ok(new LikeDocumentResponse(change.Row!.Id, change.Row.Item, change.Row.User, request.Rating, DateTimeOffset.UnixEpoch.AddMicroseconds(change.Row.At)));
    }

    public static async Task<IResult> Change(string like_id, int rating, Collection collection, OnlyUser only, RateItem rate, CancellationToken cancellation)
    {
        if (Scale.Cinema.Has(rating) is false)
        {
            return Range();
        }

        var change = new RatingChange(RatingVerb.Change, rate.Now) { Id = like_id, Value = rating, Only = only.Id };
        return await rate.AskAsync(collection, change, cancellation) ?? Answer(change, Changed);
    }

    public static async Task<IResult> Delete(string like_id, Collection collection, OnlyUser only, RateItem rate, CancellationToken cancellation)
    {
        var change = new RatingChange(RatingVerb.Remove, rate.Now) { Id = like_id, Only = only.Id };
        return await rate.AskAsync(collection, change, cancellation) ?? Answer(change, Deleted);
    }

    private static IResult Answer(RatingChange change, string done) => change.Outcome switch
    {
        RatingOutcome.Missing => SocialRules.Missing("like"),
        RatingOutcome.Foreign => SocialRules.Foreign(),
        RatingOutcome.Same => Problems.Invalid("The rating is that already.", new FieldError("rating", "same", "another rating than the present one")),
        _ => TypedResults.Ok(new MessageResponse(done)),
    };

    private static ProblemHttpResult Range() => Problems.Unprocessable("rating is a whole number from 1 to 10.", new FieldError("rating", "range", "1 to 10"));

    private static LikeResponse Response(GivenRating like) => new(like.Id, like.Item, like.User, like.Time, (int)Scale.Cinema.FromProfile((float)like.Value));
}
