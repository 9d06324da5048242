using System.Text.Json;
using System.Text.Json.Serialization;
using Kindred.Contracts;
using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Filters;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Routes;

/// <summary>A list for a history sent along.</summary>
public sealed record SessionRequest
{
    // Nullable, not with defaults: generated readers do not run the initialisers of init-only properties.

    /// <summary>What the visitor did, newest first, at most 1000 entries.</summary>
    public IReadOnlyList<SessionEvent>? History { get; init; }

    /// <summary>As in <see cref="ListQuery.N"/>.</summary>
    public int? N { get; init; }

    /// <summary>As in <see cref="ListQuery.Category"/>.</summary>
    public string? Category { get; init; }

    /// <summary>As in <see cref="ListQuery.Filter"/>.</summary>
    public string? Filter { get; init; }

    /// <summary>As in <see cref="ListQuery.ExcludeSeen"/>.</summary>
    public bool? ExcludeSeen { get; init; }

    /// <summary>As in <see cref="ListQuery.Explain"/>.</summary>
    public bool Explain { get; init; }
}

/// <summary>One thing a visitor did: an item with a weight, or an event of the collection's types.</summary>
public sealed record SessionEvent
{
    /// <summary>Id of the item.</summary>
    public string? Item { get; init; }

    /// <summary>Weight of a positive, above 0; 1 without one.</summary>
    public float? Weight { get; init; }

    /// <summary>Name of an event type.</summary>
    public string? Type { get; init; }

    /// <summary>The event's value.</summary>
    public float? Value { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(WhyAnswer))]
[JsonSerializable(typeof(WhyNotAnswer))]
internal sealed partial class RecommendationsJson : JsonSerializerContext;

/// <summary>POST /recommendations: the history comes along, and nothing of it is stored.</summary>
internal static class PostRecommendations
{
    private const int MostEntries = 1000;

    public static async Task Handle(HttpContext context, string collection, LocalRecommendations recommendations, Receipts receipts, TimeProvider clock)
    {
        if (await recommendations.FindAsync(collection, context.RequestAborted) is not { } served)
        {
            await Refusals.NoCollection(collection).ExecuteAsync(context);
            return;
        }

        SessionRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, RecommendationsJson.Default.SessionRequest, context.RequestAborted);
        }
        catch (JsonException malformed)
        {
            await Refusals.Invalid(new FieldError(malformed.Path ?? "", "json", "The body is not JSON of the expected form.")).ExecuteAsync(context);
            return;
        }

        if (Check(served, request) is { } fault)
        {
            await Refusals.Invalid(fault).ExecuteAsync(context);
            return;
        }

        var unknown = new List<string>();
        var now = clock.GetUtcNow();
        var profile = await ReadAsync(served, recommendations, request!.History!, unknown, now, context.RequestAborted);
        var query = new ListQuery
        {
            N = request.N ?? ListQuery.Default.N,
            Category = request.Category,
            Filter = string.IsNullOrWhiteSpace(request.Filter) ? null : request.Filter,
            ExcludeSeen = request.ExcludeSeen ?? ListQuery.Default.ExcludeSeen,
            Explain = request.Explain,
        };
        try
        {
            var answer = PersonalLists.Rank(served, profile, query);
            context.Response.Headers.CacheControl = "no-store";
            await ListWriter.SendAsync(context, receipts.Add(served.Collection.Number, -1, null, now, answer), answer, unknown: unknown);
        }
        catch (FilterException refused)
        {
            await Refusals.Filter(refused).ExecuteAsync(context);
        }
    }

    private static FieldError? Check(ServedCollection served, SessionRequest? request)
    {
        if (request?.History is not { } history)
        {
            return new FieldError("/history", "required", "history is an array of {\"item\", ...}.");
        }

        if (history.Count > MostEntries)
        {
            return new FieldError("/history", "range", $"A history has at most {MostEntries} entries; this one has {history.Count}.");
        }

        if (request.N is < 1 or > ListQuery.MaxN)
        {
            return new FieldError("/n", "range", $"n is a whole number from 1 to {ListQuery.MaxN}.");
        }

        for (var k = 0; k < history.Count; k++)
        {
            switch (history[k])
            {
                case null or { Item: null or "" }:
                    return new FieldError($"/history/{k}/item", "required", "Each entry names an item.");
                case { Weight: { } weight } when !(weight > 0 && float.IsFinite(weight)):
                    return new FieldError($"/history/{k}/weight", "range", "A weight is a number above 0.");
                case { Type: { } type } when served.Collection.FindEventType(type) is null:
                    return new FieldError($"/history/{k}/type", "unknown", $"This collection has no event type '{type}'.");
                default:
                    break;
            }
        }

        return null;
    }

    private static async Task<Profile> ReadAsync(
        ServedCollection served, LocalRecommendations recommendations, IReadOnlyList<SessionEvent> history, List<string> unknown, DateTimeOffset now, CancellationToken cancellation)
    {
        var micros = (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        var events = new List<EventRecord>();
        var weighed = new Dictionary<int, float>();
        foreach (var entry in history)
        {
            if (await recommendations.ItemAsync(served, entry.Item!, cancellation) is not { } row)
            {
                unknown.Add(entry.Item!);
            }
            else if (entry.Type is null)
            {
                weighed.TryAdd(row.Number, entry.Weight ?? 1);
            }
            else
            {
                events.Add(new EventRecord(0, 0, row.Number, served.Collection.FindEventType(entry.Type)!.Number, entry.Value, micros));
            }
        }

        var read = HistoryRules.Read(served.Collection, events, null, micros);
        foreach (var item in read.Items)
        {
            weighed.Remove(item);
        }

        // Entries with a weight only; their type is one no collection has, so the reason says "chose".
        return new Profile(
            [.. weighed.Keys, .. read.Items],
            [.. weighed.Values, .. read.Weights],
            null,
            [.. weighed.Keys.Select(_ => byte.MaxValue), .. read.Types],
            [.. read.Seen.Union(weighed.Keys).Union(events.Select(record => record.Item))]);
    }
}
