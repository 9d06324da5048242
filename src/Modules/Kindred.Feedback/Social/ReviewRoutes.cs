using System.Text.Json.Serialization;
using Kindred.Feedback.Ratings;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Social;

/// <summary>What somebody writes of a film.</summary>
/// <param name="MovieId">The film.</param>
/// <param name="UserId">Who writes.</param>
/// <param name="ReviewText">11 to 1,000 characters.</param>
/// <param name="ReviewedAt">When, not in the future; now where missing.</param>
public sealed record ReviewRequest(Guid MovieId, Guid UserId, string ReviewText, DateTimeOffset? ReviewedAt = null);

/// <summary>A review as it was stored.</summary>
public sealed record ReviewDocumentResponse([property: JsonPropertyName("_id")] string Id, string MovieId, string UserId, DateTimeOffset ReviewedAt, string ReviewText);

/// <summary>A review as it is read.</summary>
public sealed record ReviewResponse(string Id, string MovieId, string UserId, DateTimeOffset ReviewedAt, string ReviewText);

/// <summary>System C's reviews, <c>/social/v1/reviews/</c>: written by their owners, read by all.</summary>
internal static class ReviewRoutes
{
    private const int Shortest = 11;
    private const int Longest = 1000;

    public static async Task<IResult> List(Collection collection, ReviewStore store, CancellationToken cancellation, string? user_id = null, int page_number = 0, int page_size = SocialRules.PageSize)
    {
        if (SocialRules.CheckPage(user_id, page_number, page_size, default) is { } refusal)
        {
            return refusal;
        }

        var reviews = await store.ListAsync(collection, SocialRules.Id(user_id!), (long)page_number * page_size, page_size, cancellation);
        return TypedResults.Ok<IReadOnlyList<ReviewResponse>>([.. reviews.Select(Response)]);
    }

    public static async Task<IResult> Get(string review_id, Collection collection, ReviewStore store, CancellationToken cancellation) =>
        await store.FindAsync(collection, review_id, cancellation) is { } review ? TypedResults.Ok(Response(review)) : SocialRules.Missing("review");

    public static async Task<IResult> Add(ReviewRequest request, Collection collection, OnlyUser only, RateItem rate, ReviewStore store, CancellationToken cancellation)
    {
        var now = rate.Now;
        if (CheckText(request.ReviewText) is { } bad)
        {
            return bad;
        }

        if (SocialRules.CheckNew(request.UserId, request.ReviewedAt, now, "reviewed_at", only) is { } refusal)
        {
            return refusal;
        }

        var review = new Review
        {
            Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMicroseconds(now)).ToString(),
            User = request.UserId.ToString(),
            Item = request.MovieId.ToString(),
            Text = request.ReviewText,
            At = request.ReviewedAt is { } at ? RateItem.Micros(at) : now,
        };
        return await rate.UnknownAsync(collection, review.User, review.Item, only.Id, cancellation) is { } unknown ? unknown
            : await store.AddAsync(collection, review, cancellation) ? TypedResults.Ok(new ReviewDocumentResponse(review.Id, review.Item, review.User, review.Time, review.Text))
            : SocialRules.Twice("review");
    }

    public static async Task<IResult> Change(string review_id, string review_text, Collection collection, OnlyUser only, ReviewStore store, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(review_text))
        {
            return Problems.Invalid("review_text is blank.", new FieldError("review_text", "blank", "some text"));
        }

        return CheckText(review_text) is { } bad ? bad
            : await store.ChangeAsync(collection, review_id, review_text, only.Id, cancellation) ? TypedResults.Ok(new MessageResponse("The review is updated."))
            : await MissingAsync(review_id, collection, store, cancellation);
    }

    public static async Task<IResult> Delete(string review_id, Collection collection, OnlyUser only, ReviewStore store, CancellationToken cancellation) =>
        await store.DeleteAsync(collection, review_id, only.Id, cancellation)
            ? TypedResults.Ok(new MessageResponse("The review is deleted."))
            : await MissingAsync(review_id, collection, store, cancellation);

    // Reviews are read by all, so somebody else's may be told from none.
    private static async Task<IResult> MissingAsync(string id, Collection collection, ReviewStore store, CancellationToken cancellation) =>
        await store.FindAsync(collection, id, cancellation) is null ? SocialRules.Missing("review") : SocialRules.Foreign();

    // Characters as people count them, not halves of them.
    private static ProblemHttpResult? CheckText(string text) => text.EnumerateRunes().Count() is < Shortest or > Longest || text.Contains('\0', StringComparison.Ordinal) || string.IsNullOrWhiteSpace(text)
        ? Problems.Unprocessable($"review_text has {Shortest} to {Longest} characters.", new FieldError("/review_text", "length", $"{Shortest} to {Longest} characters"))
        : null;

    private static ReviewResponse Response(Review review) => new(review.Id, review.Item, review.User, review.Time, review.Text);
}
