using System.Globalization;
using System.Text.Json;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Interactions;

/// <summary>Somebody looked at a product.</summary>
public sealed record InteractionRequest(IdText UserId, IdText ProductId, string Category)
{
    /// <summary>An id of the sender's: the same view sent twice counts once.</summary>
    public string? EventId { get; init; }

    /// <summary>When; now where it is not said.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>What was done, in words.</summary>
public sealed record InteractionSavedResponse(string Message);

/// <summary>The newest views.</summary>
public sealed record InteractionsResponse(IReadOnlyList<InteractionResponse> Interactions);

/// <summary>A view; its time is written as RFC 1123 does.</summary>
public sealed record InteractionResponse(string UserId, string ProductId, string Category, string CreatedAt);

/// <summary>System D's recommender: views of products, sent by the shop and read back.</summary>
internal static class InteractionRoutes
{
    /// <summary>Name of the event type.</summary>
    public const string EventType = "view";

    /// <summary>Longest category.</summary>
    public const int MaxCategory = 255;

    private const int MaxListed = 1000;

    public static async Task<Results<Created<InteractionSavedResponse>, ProblemHttpResult>> Add(
        InteractionRequest request, Collection collection, EventLog log, FeedbackStore store, TimeProvider clock, CancellationToken cancellation)
    {
        foreach (var (name, id) in new[] { ("user_id", request.UserId.Text), ("product_id", request.ProductId.Text) })
        {
            if (Ids.Check(id) is { } bad)
            {
                return Problems.Invalid($"{name} {bad}.", new FieldError("/" + name, "id", $"{name} {bad}"));
            }
        }

        if (request.EventId is { } given && Ids.Check(given) is { } badEvent)
        {
            return Problems.Invalid($"event_id {badEvent}.", new FieldError("/event_id", "id", $"event_id {badEvent}"));
        }

        if (request.Category.Length is 0 or > MaxCategory)
        {
            return Problems.Invalid($"category has 1 to {MaxCategory} characters.", new FieldError("/category", "length", $"1 to {MaxCategory} characters"));
        }

        if (collection.FindEventType(EventType) is not { } type)
        {
            return Problems.NotFound($"Collection {collection.Name} has no event type {EventType}.");
        }

        var now = clock.GetUtcNow();
        var one = new NewEvent(
            request.EventId ?? Guid.CreateVersion7(now).ToString(), request.UserId.Text!, request.ProductId.Text!, type, Value: null, Micros(request.CreatedAt ?? now), Context(request.Category));
        if (await log.RecordAsync(collection, [one], cancellation) is null)
        {
            return Problems.TooMany("More events are waiting for the disk than the queue holds.", TimeSpan.FromSeconds(1));
        }

        // A shop of ours sends its own ids, and tells of deleted accounts, perhaps before the last of their views.
        if (request.EventId is not null && await store.FindDeletedAsync([one.User], cancellation) is [var gone])
        {
            await store.ForgetUserAsync(collection, gone, cancellation);
        }

        return TypedResults.Created((string?)null, new InteractionSavedResponse("Interaction saved."));
    }

    /// <summary>The shop's account of this user is gone.</summary>
    public static async Task<NoContent> Forget(string id, Collection collection, FeedbackStore store, CancellationToken cancellation)
    {
        await store.DeletePeopleAsync([id], cancellation);
        await store.ForgetUserAsync(collection, id, cancellation);
        return TypedResults.NoContent();
    }

    public static async Task<Results<Ok<InteractionsResponse>, ProblemHttpResult>> List(Collection collection, FeedbackStore store, CancellationToken cancellation)
    {
        var type = collection.FindEventType(EventType)?.Number ?? -1;
        var views = await store.ReadNewestAsync(collection, type, MaxListed, cancellation);
        return views.Count == 0
            ? Problems.NotFound("There are no interactions yet.")
            : TypedResults.Ok(new InteractionsResponse([.. views.Select(view => new InteractionResponse(
                view.User, view.Item, CategoryOf(view.Context), view.At.UtcDateTime.ToString("R", CultureInfo.InvariantCulture)))]));
    }

    /// <summary>The event's context as it is stored.</summary>
    public static string Context(string category) => JsonSerializer.Serialize(new { category }, StrictJson.Options);

    public static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    private static string CategoryOf(JsonElement? context) =>
        context is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty("category", out var category) && category.ValueKind == JsonValueKind.String ? category.GetString()! : "";
}
