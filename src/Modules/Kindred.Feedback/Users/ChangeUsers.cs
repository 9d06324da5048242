using System.Text.Json;
using System.Text.Json.Nodes;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Users;

/// <summary>What a caller says about a user; it replaces what was there.</summary>
public sealed record UserRequest
{
    /// <summary>Text id; in the body only where the route does not carry it.</summary>
    public string? Id { get; init; }

    /// <summary>Text, finite number, boolean or array of texts by name.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }
}

/// <summary>What became of a batch of users.</summary>
public sealed record UserBatchResponse(int Accepted, IReadOnlyList<RejectedRow> Rejected);

/// <summary><c>PUT PATCH GET DELETE /users/{id}</c>, <c>GET /users</c>, <c>POST /users:batch</c>.</summary>
internal static class ChangeUsers
{
    /// <summary>Most users of one batch.</summary>
    public const int MaxBatch = 10_000;

    private static readonly Dictionary<string, JsonElement> s_none = [];

    public static async Task<IResult> Put(string id, UserRequest request, Collection collection, FeedbackStore store, CancellationToken cancellation)
    {
        if (Check(id, request) is { } fault)
        {
            return Problems.Invalid(fault.Detail, fault);
        }

        await store.PutUsersAsync(collection, [(id, JsonSerializer.Serialize(request.Attributes ?? s_none))], cancellation);
        return await Get(id, collection, store, cancellation);
    }

    public static async Task<IResult> Get(string id, Collection collection, FeedbackStore store, CancellationToken cancellation) =>
        await store.FindUserAsync(collection, id, cancellation) is { } user ? TypedResults.Ok(user) : Missing(collection);

    public static async Task<IResult> Patch(string id, JsonElement patch, Collection collection, FeedbackStore store, CancellationToken cancellation)
    {
        if (patch.ValueKind != JsonValueKind.Object || patch.EnumerateObject().Any(member => !string.Equals(member.Name, "attributes", StringComparison.Ordinal)))
        {
            return Problems.Invalid("A user is patched by an object with attributes.", new FieldError("", "unknown", "the only member is attributes"));
        }

        FieldError? fault = null;
        var user = await store.PatchUserAsync(
            collection,
            id,
            attributes =>
            {
                var merged = MergePatch.Apply(JsonNode.Parse(attributes), patch.TryGetProperty("attributes", out var changes) ? changes : default) ?? new JsonObject();
                fault = merged is JsonObject ? Attributes.Check(merged.Deserialize<Dictionary<string, JsonElement>>()!) : new FieldError("/attributes", "type", "attributes is an object");
                return fault is null ? merged.ToJsonString() : attributes;
            },
            cancellation);
        return fault is not null ? Problems.Invalid(fault.Detail, fault) : user is null ? Missing(collection) : TypedResults.Ok(user);
    }

    public static async Task<IResult> Delete(string id, Collection collection, FeedbackStore store, CancellationToken cancellation) =>
        await store.ForgetUserAsync(collection, id, cancellation) ? TypedResults.NoContent() : Missing(collection);

    public static async Task<IResult> List(Collection collection, FeedbackStore store, CancellationToken cancellation, string? cursor = null, int limit = 100)
    {
        if (Cursor.Read(cursor, limit, out var after) is { } fault)
        {
            return Problems.Invalid(fault.Detail, fault);
        }

        return TypedResults.Ok(Page.Of(await store.ListUsersAsync(collection, after, limit + 1, cancellation), limit, user => user.Id));
    }

    public static async Task<IResult> Batch(IReadOnlyList<UserRequest> users, Collection collection, FeedbackStore store, CancellationToken cancellation)
    {
        if (users.Count is 0 or > MaxBatch)
        {
            return Problems.Invalid($"A batch holds 1 to {MaxBatch} users.", new FieldError("", "length", $"{users.Count} users were sent"));
        }

        List<(string Id, string Attributes)> good = [];
        List<RejectedRow> rejected = [];
        for (var k = 0; k < users.Count; k++)
        {
            if (Check(users[k]?.Id, users[k]) is { } fault)
            {
                rejected.Add(new RejectedRow(k, fault.Pointer, fault.Code, fault.Detail));
            }
            else
            {
                good.Add((users[k].Id!, JsonSerializer.Serialize(users[k].Attributes ?? s_none)));
            }
        }

        if (good.Count > 0)
        {
            await store.PutUsersAsync(collection, good, cancellation);
        }

        return TypedResults.Ok(new UserBatchResponse(good.Count, rejected));
    }

    private static FieldError? Check(string? id, UserRequest? request) =>
        request is null ? new FieldError("", "type", "a user is a JSON object")
        : Ids.Check(id) is { } badId ? new FieldError("/id", "id", $"id {badId}")
        : request.Id is { } inBody && !string.Equals(inBody, id, StringComparison.Ordinal) ? new FieldError("/id", "mismatch", "id in the body differs from the route's")
        : Attributes.Check(request.Attributes ?? s_none);

    private static ProblemHttpResult Missing(Collection collection) => Problems.NotFound($"No user of collection {collection.Name} has this id.");
}
