using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Ratings;

/// <summary>What every system's ratings have in common: the rules, and the way through the event log.</summary>
internal sealed class RateItem(EventLog log, Numbers numbers, TimeProvider clock)
{
    /// <summary>Microseconds since 1970, now.</summary>
    public long Now => Micros(clock.GetUtcNow());

    public static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Does what is wished; a refusal where the collection's rules or a full queue are against it.</summary>
    public async Task<ProblemHttpResult?> AskAsync(Collection collection, RatingChange change, CancellationToken cancellation)
    {
        var type = change.Kind.EventType;
        if (change.Kind.IsValued && collection.FindEventType(type) is null)
        {
            return Problems.NotFound($"Collection {collection.Name} has no event type {type}.");
        }

        if (change.Verb is RatingVerb.Add or RatingVerb.Put && collection.FindEventType(type) is not null
            && EventRules.Check(collection, type, change.User, change.Item, type, change.Kind.IsValued ? change.Value : null, change.At ?? change.Now, change.Now, out _) is { } fault)
        {
            return Problems.Unprocessable(fault.Detail, fault);
        }

        if (change.Verb is RatingVerb.Add or RatingVerb.Put && await UnknownAsync(collection, change.User, change.Item, change.Only, cancellation) is { } unknown)
        {
            return unknown;
        }

        return await log.RateAsync(collection, change, cancellation)
            ? null
            : Problems.TooMany("More events are waiting for the disk than the queue holds.", TimeSpan.FromSeconds(1));
    }

    /// <summary>400 where the collection wants known users and items and these are not; whoever signed in is known.</summary>
    public async Task<ProblemHttpResult?> UnknownAsync(Collection collection, string user, string item, string? only, CancellationToken cancellation) =>
        !collection.Settings.UnknownUsers && only is null && await numbers.FindUserAsync(collection.Number, user, cancellation) is null
            ? Problems.Invalid($"User {user} is not known.", new FieldError("/user_id", "unknown", $"user {user} is not known"))
        : !collection.Settings.UnknownItems && await numbers.FindItemAsync(collection.Number, item, cancellation) is null
            ? Problems.Invalid($"Film {item} is not in the catalogue.", new FieldError("/movie_id", "unknown", $"film {item} is not in the catalogue"))
        : null;
}
