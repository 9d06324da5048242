using System.Globalization;
using System.Text.Json;
using Kindred.Catalog.Items;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Catalog.Seeds;

/// <summary>A product the shop has.</summary>
public sealed record SeedRequest(string ProductName, IdText ProductId, string Category)
{
    /// <summary>Becomes the attribute <c>price</c>; what is not sent stays as it is.</summary>
    public decimal? Price { get; init; }

    /// <summary>Becomes the attribute <c>in_stock</c>.</summary>
    public bool? InStock { get; init; }

    /// <summary>When the product was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>What was done, in words.</summary>
public sealed record SeedSavedResponse(string Message);

/// <summary>The newest products.</summary>
public sealed record SeedsResponse(IReadOnlyList<SeedResponse> Products);

/// <summary>A product; its time is written as RFC 1123 does.</summary>
public sealed record SeedResponse(string ProductId, string ProductName, string Category, string CreatedAt);

/// <summary>System D's recommender: the shop's products, which are items of its collection.</summary>
internal static class SeedRoutes
{
    private const int MaxListed = 1000;

    public static async Task<Results<Created<SeedSavedResponse>, ProblemHttpResult>> Put(SeedRequest request, Collection collection, CatalogStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (request.ProductName.Length == 0 || request.Category.Length == 0)
        {
            var field = request.ProductName.Length == 0 ? "product_name" : "category";
            return Problems.Invalid($"{field} is empty.", new FieldError("/" + field, "required", $"{field} is empty"));
        }

        // What else is known of it stays; a second delivery makes no second product.
        var known = Ids.Check(request.ProductId.Text) is null ? await store.FindAsync(collection, request.ProductId.Text!, cancellation) : null;
        var item = new NewItem(
            request.ProductId.Text ?? "",
            request.ProductName,
            [request.Category],
            Attributes(request, known?.Attributes),
            request.CreatedAt ?? known?.Timestamp ?? clock.GetUtcNow(),
            known?.Hidden ?? false);
        if (ItemRules.Check(item) is { } fault)
        {
            return Problems.Invalid(fault.Detail, fault);
        }

        await store.PutAsync(collection, [item], cancellation);
        return TypedResults.Created((string?)null, new SeedSavedResponse("Product saved."));
    }

    private static Dictionary<string, JsonElement> Attributes(SeedRequest request, IReadOnlyDictionary<string, JsonElement>? known)
    {
        var attributes = known is null ? new Dictionary<string, JsonElement>(StringComparer.Ordinal) : new Dictionary<string, JsonElement>(known, StringComparer.Ordinal);
        if (request.Price is { } price)
        {
            attributes["price"] = JsonSerializer.SerializeToElement(price);
        }

        if (request.InStock is { } inStock)
        {
            attributes["in_stock"] = JsonSerializer.SerializeToElement(inStock);
        }

        return attributes;
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, Collection collection, CatalogStore store, CancellationToken cancellation) =>
        await store.DeleteAsync(collection, id, cancellation) ? TypedResults.NoContent() : Problems.NotFound($"There is no product {id}.");

    public static async Task<Results<Ok<SeedsResponse>, ProblemHttpResult>> List(Collection collection, CatalogStore store, CancellationToken cancellation)
    {
        var items = await store.ListNewestAsync(collection, MaxListed, cancellation);
        return items.Count == 0
            ? Problems.NotFound("There are no products yet.")
            : TypedResults.Ok(new SeedsResponse([.. items.Select(item => new SeedResponse(
                item.Id, item.Title ?? item.Id, item.Categories is [var category, ..] ? category : "", (item.Timestamp ?? DateTimeOffset.UnixEpoch).UtcDateTime.ToString("R", CultureInfo.InvariantCulture)))]));
    }
}
