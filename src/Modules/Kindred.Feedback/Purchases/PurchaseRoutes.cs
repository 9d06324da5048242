using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Purchases;

/// <summary>What was bought together.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Products">What; a product counts once a purchase.</param>
public sealed record PurchaseRequest(string UserId, IReadOnlyList<string> Products);

/// <summary>The answer to a purchase that is stored.</summary>
public sealed record StatusResponse(string Status);

/// <summary>The purchases of system A: <c>/purchases</c>, and the same under <c>/api</c>.</summary>
internal static class PurchaseRoutes
{
    /// <summary>Most products of one purchase.</summary>
    public const int MaxProducts = 10_000;

    /// <summary>Most purchases of one answer.</summary>
    private const int MaxListed = 1000;

    /// <summary>Most ids that one refusal names.</summary>
    private const int MaxNamed = 100;

    private static readonly StatusResponse s_added = new("purchases_added");

    public static async Task<IResult> Add(
        PurchaseRequest request, Collection collection, OnlyUser only, EventLog log, Numbers numbers, TimeProvider clock, CancellationToken cancellation)
    {
        if (Check(request, only) is { } fault)
        {
            return Problems.Unprocessable(fault.Detail, fault);
        }

        if (collection.FindEventType(NewPurchase.EventType) is not { } type)
        {
            return Problems.NotFound($"Collection {collection.Name} has no event type {NewPurchase.EventType}.");
        }

        string[] products = [.. request.Products.Distinct(StringComparer.Ordinal)];
        if (await UnknownAsync(request.UserId, products, collection, numbers, cancellation) is { } unknown)
        {
            return unknown;
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString();
        var at = (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        var events = new NewEvent[products.Length];
        for (var k = 0; k < products.Length; k++)
        {
            events[k] = new NewEvent(NewPurchase.EventId(id, k), request.UserId, products[k], type, Value: null, at, Context: null);
        }

        return await log.RecordAsync(collection, events, cancellation, new NewPurchase(id, request.UserId, at)) is null
            ? Problems.TooMany("More events are waiting for the disk than the queue holds.", TimeSpan.FromSeconds(1))
            : TypedResults.Created($"/purchases/{id}", s_added);
    }

    public static async Task<IResult> List(
        HttpContext context, Collection collection, OnlyUser only, PurchaseStore store, CancellationToken cancellation, string? user_id = null, int limit = MaxListed, string? after = null)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Problems.Unprocessable($"limit is 1 to {MaxListed}.", new FieldError("limit", "range", $"1 to {MaxListed}"));
        }

        if (!only.Allows(user_id ?? only.Id))
        {
            return TypedResults.Ok<IReadOnlyList<PurchaseResponse>>([]);
        }

        var rows = await store.ListAsync(collection, user_id ?? only.Id, after, limit, cancellation);
        if (rows.Count == limit)
        {
            var user = user_id is null ? "" : $"&user_id={Uri.EscapeDataString(user_id)}";
            context.Response.Headers.Link = $"<{context.Request.Path}?limit={limit}&after={rows[^1].Id}{user}>; rel=\"next\"";
        }

        return TypedResults.Ok(rows);
    }

    public static async Task<Results<Ok<PurchaseResponse>, ProblemHttpResult>> Get(string id, Collection collection, OnlyUser only, PurchaseStore store, Numbers numbers, CancellationToken cancellation) =>
        await store.FindAsync(collection, id, await OnlyUserNumber.OfAsync(only, collection, numbers, cancellation), cancellation) is { } purchase
            ? TypedResults.Ok(purchase)
            : Problems.NotFound($"There is no purchase with id {id}.");

    public static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, Collection collection, OnlyUser only, PurchaseStore store, Numbers numbers, CancellationToken cancellation) =>
        await store.DeleteAsync(collection, id, await OnlyUserNumber.OfAsync(only, collection, numbers, cancellation), cancellation)
            ? TypedResults.NoContent()
            : Problems.NotFound($"There is no purchase with id {id}.");

    private static FieldError? Check(PurchaseRequest request, OnlyUser only)
    {
        if (Ids.Check(request.UserId) is { } badUser)
        {
            return new FieldError("/user_id", "id", $"user_id {badUser}");
        }

        if (!only.Allows(request.UserId))
        {
            return new FieldError("/user_id", "forbidden", "user_id is not you");
        }

        if (request.Products.Count > MaxProducts)
        {
            return new FieldError("/products", "length", $"products holds {request.Products.Count} ids; at most {MaxProducts} are one purchase");
        }

        for (var k = 0; k < request.Products.Count; k++)
        {
            if (Ids.Check(request.Products[k]) is { } bad)
            {
                return new FieldError($"/products/{k}", "id", $"products[{k}] {bad}");
            }
        }

        return null;
    }

    private static async Task<ProblemHttpResult?> UnknownAsync(string user, string[] products, Collection collection, Numbers numbers, CancellationToken cancellation)
    {
        if (!collection.Settings.UnknownUsers && await numbers.FindUserAsync(collection.Number, user, cancellation) is null)
        {
            return Problems.Invalid($"Could not create the purchase: user {user} is not known.", new FieldError("/user_id", "unknown", $"user {user} is not known"));
        }

        List<string> unknown = [];
        for (var k = 0; !collection.Settings.UnknownItems && k < products.Length; k++)
        {
            if (await numbers.FindItemAsync(collection.Number, products[k], cancellation) is null)
            {
                unknown.Add(products[k]);
            }
        }

        return unknown.Count == 0
            ? null
            : Problems.Invalid(
                $"Could not create the purchase: not in the catalogue: {string.Join(", ", unknown.Take(MaxNamed))}{(unknown.Count > MaxNamed ? ", ..." : "")}.",
                [.. unknown.Take(MaxNamed).Select(product => new FieldError("/products", "unknown", $"product {product} is not in the catalogue"))]);
    }
}
