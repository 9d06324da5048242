using System.Text.Json;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Catalog.Items;

/// <summary><c>GET /items/{id}</c> and <c>GET /items</c>.</summary>
internal static class ReadItems
{
    private const int MaxText = 200;

    private static readonly Dictionary<string, JsonElement> s_none = [];

    public static async Task<IResult> Get(string id, Collection collection, CatalogStore store, CancellationToken cancellation) =>
        await store.FindAsync(collection, id, cancellation) is { } item ? TypedResults.Ok(Response(item)) : Missing(collection);

    public static async Task<IResult> List(
        Collection collection, CatalogStore store, CancellationToken cancellation, string? cursor = null, int limit = 100, string? q = null, string? category = null)
    {
        if (Cursor.Read(cursor, limit, out var after) is { } fault)
        {
            return Problems.Invalid(fault.Detail, fault);
        }

        if (q?.Length > MaxText || category?.Length > MaxText || Bad(q) || Bad(category))
        {
            return Problems.Invalid("q and category are short texts.", new FieldError(Bad(q) || q?.Length > MaxText ? "q" : "category", "text", $"at most {MaxText} characters, without U+0000"));
        }

        var items = await store.ListAsync(collection, after, q, category, limit + 1, cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(Response)], limit, item => item.Id));

        static bool Bad(string? text) => text?.Contains('\0', StringComparison.Ordinal) ?? false;
    }

    public static NewItem New(string id, ItemRequest request) =>
        new(id, request.Title, request.Categories ?? [], request.Attributes ?? s_none, request.Timestamp, request.Hidden);

    public static ItemResponse Response(ItemRecord item) =>
        new(item.Id, item.Title, item.Categories, item.Attributes, item.Timestamp, item.Hidden, item.Version);

    public static IResult Missing(Collection collection) => Problems.NotFound($"Collection {collection.Name} has no item with this id.");
}
