using System.Text.Json.Serialization;
using Kindred.Feedback.Ratings;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Feedback.Social;

/// <summary>A film to come back to.</summary>
/// <param name="MovieId">The film.</param>
/// <param name="UserId">Whose bookmark it is.</param>
/// <param name="BookmarkedAt">When, not in the future; now where missing.</param>
public sealed record BookmarkRequest(Guid MovieId, Guid UserId, DateTimeOffset? BookmarkedAt = null);

/// <summary>A bookmark as it was stored.</summary>
public sealed record BookmarkDocumentResponse([property: JsonPropertyName("_id")] string Id, string MovieId, string UserId, DateTimeOffset BookmarkedAt);

/// <summary>A bookmark as it is read.</summary>
public sealed record BookmarkResponse(string Id, string MovieId, string UserId, DateTimeOffset BookmarkedAt);

/// <summary>System C's bookmarks, <c>/social/v1/bookmarks/</c>.</summary>
internal static class BookmarkRoutes
{
    public static async Task<IResult> List(
        Collection collection, OnlyUser only, RatingStore store, CancellationToken cancellation, string? user_id = null, int page_number = 0, int page_size = SocialRules.PageSize)
    {
        if (SocialRules.CheckPage(user_id, page_number, page_size, only) is { } refusal)
        {
            return refusal;
        }

        var bookmarks = await store.ListAsync(collection, TasteKind.Bookmark, SocialRules.Id(user_id!), (long)page_number * page_size, page_size, cancellation);
        return TypedResults.Ok<IReadOnlyList<BookmarkResponse>>([.. bookmarks.Select(one => new BookmarkResponse(one.Id, one.Item, one.User, one.Time))]);
    }

    public static async Task<IResult> Add(BookmarkRequest request, Collection collection, OnlyUser only, RateItem rate, CancellationToken cancellation)
    {
        var now = rate.Now;
        if (SocialRules.CheckNew(request.UserId, request.BookmarkedAt, now, "bookmarked_at", only) is { } refusal)
        {
            return refusal;
        }

        var change = new RatingChange(RatingVerb.Add, now)
        {
            Kind = TasteKind.Bookmark,
            User = request.UserId.ToString(),
            Item = request.MovieId.ToString(),
            Value = 1,
            At = request.BookmarkedAt is { } at ? RateItem.Micros(at) : null,
            Only = only.Id,
        };
        return await rate.AskAsync(collection, change, cancellation) is { } refused ? refused
            : change.Outcome == RatingOutcome.Exists ? SocialRules.Twice("bookmark")
            : TypedResults.Ok(new BookmarkDocumentResponse(change.Row!.Id, change.Row.Item, change.Row.User, DateTimeOffset.UnixEpoch.AddMicroseconds(change.Row.At)));
    }

    public static async Task<IResult> Delete(string bookmark_id, Collection collection, OnlyUser only, RateItem rate, CancellationToken cancellation)
    {
        var change = new RatingChange(RatingVerb.Remove, rate.Now) { Kind = TasteKind.Bookmark, Id = bookmark_id, Only = only.Id };
        return await rate.AskAsync(collection, change, cancellation) is { } refused ? refused
            : change.Outcome switch
            {
                RatingOutcome.Missing => SocialRules.Missing("bookmark"),
                RatingOutcome.Foreign => SocialRules.Foreign(),
                _ => TypedResults.Ok(new MessageResponse("The bookmark is deleted.")),
            };
    }
}
