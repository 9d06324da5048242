using System.Globalization;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Feedback.Events;

/// <summary><c>GET /events</c> in the order of the log, and <c>GET /users/{id}/events</c> newest first.</summary>
internal static class ListEvents
{
    public static async Task<IResult> All(Collection collection, FeedbackStore store, CancellationToken cancellation, string? cursor = null, int limit = 100)
    {
        if (Cursor.Read(cursor, limit, out var position) is { } fault)
        {
            return Problems.Invalid(fault.Detail, fault);
        }

        var after = long.TryParse(position, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;
        var rows = await store.ReadEventsAsync(collection, after, limit + 1, cancellation);
        return TypedResults.Ok(Page.Of(rows, limit, row => row.Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    public static async Task<IResult> OfUser(
        string id, Collection collection, FeedbackStore store, Numbers numbers, CancellationToken cancellation, string? cursor = null, int limit = 100)
    {
        if (Cursor.Read(cursor, limit, out var position) is { } fault)
        {
            return Problems.Invalid(fault.Detail, fault);
        }

        if (await numbers.FindUserAsync(collection.Number, id, cancellation) is not { } user)
        {
            return Problems.NotFound($"No user of collection {collection.Name} has this id.");
        }

        var parts = position.Split(' ');
        var before = parts.Length == 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var at) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var sequence)
            ? (at, sequence)
            : (long.MaxValue, long.MaxValue);
        var rows = await store.ReadUserEventsAsync(collection, user, before, limit + 1, cancellation);
        return TypedResults.Ok(Page.Of(
            rows, limit, row => string.Create(CultureInfo.InvariantCulture, $"{(row.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond} {row.Sequence}")));
    }
}
