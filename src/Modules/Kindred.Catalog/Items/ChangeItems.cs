using System.Text.Json;
using System.Text.Json.Nodes;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Catalog.Items;

/// <summary>An item of a batch that was not taken.</summary>
public readonly record struct RejectedItemRow(int Index, string Pointer, string Code, string Reason);

/// <summary>What became of a batch of items.</summary>
public sealed record ItemBatchResponse(int Accepted, IReadOnlyList<RejectedItemRow> Rejected);

/// <summary><c>PUT PATCH DELETE /items/{id}</c> and <c>POST /items:batch</c>.</summary>
internal static class ChangeItems
{
    /// <summary>Most items of one batch.</summary>
    public const int MaxBatch = 10_000;

    /// <summary>Most bytes of a batch.</summary>
    public const long MaxBatchBytes = 16 * 1024 * 1024;

    private static readonly string[] s_members = ["title", "categories", "attributes", "timestamp", "hidden"];

    public static async Task<IResult> Put(string id, ItemRequest request, Collection collection, CatalogStore store, CancellationToken cancellation)
    {
        if (request.Id is { } inBody && !string.Equals(inBody, id, StringComparison.Ordinal))
        {
            return Problems.Invalid("The id in the body differs from the route's.", new FieldError("/id", "mismatch", $"\"{inBody}\" is not the id of the route"));
        }

        var item = ReadItems.New(id, request);
        return ItemRules.Check(item) is { } fault
            ? Problems.Invalid(fault.Detail, fault)
            : TypedResults.Ok(ReadItems.Response((await store.PutAsync(collection, [item], cancellation))[0]));
    }

    public static async Task<IResult> Patch(string id, JsonElement patch, Collection collection, CatalogStore store, CancellationToken cancellation)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            return Problems.Invalid("An item is patched by a JSON object.", new FieldError("", "type", "the body is a JSON object"));
        }

        if (patch.EnumerateObject().FirstOrDefault(member => !s_members.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } stranger)
        {
            return Problems.Invalid(
                $"\"{stranger.Name}\" is not a member of an item that can change.",
                new FieldError("/" + stranger.Name, "unknown", "known are " + string.Join(", ", s_members)));
        }

        FieldError? fault = null;
        var item = await store.ChangeAsync(
            collection,
            id,
            stored =>
            {
                (var next, fault) = Merge(stored, patch);
                return next;
            },
            cancellation);
        return fault is not null ? Problems.Invalid(fault.Detail, fault)
            : item is null ? ReadItems.Missing(collection)
            : TypedResults.Ok(ReadItems.Response(item));
    }

    public static async Task<IResult> Delete(string id, Collection collection, CatalogStore store, CancellationToken cancellation) =>
        await store.DeleteAsync(collection, id, cancellation) ? TypedResults.NoContent() : ReadItems.Missing(collection);

    public static async Task<IResult> Batch(IReadOnlyList<ItemRequest> items, Collection collection, CatalogStore store, CancellationToken cancellation)
    {
        if (items.Count is 0 or > MaxBatch)
        {
            return Problems.Invalid($"A batch holds 1 to {MaxBatch} items.", new FieldError("", "length", $"{items.Count} items were sent"));
        }

        List<NewItem> good = [];
        List<RejectedItemRow> rejected = [];
        for (var k = 0; k < items.Count; k++)
        {
            var item = items[k] is { } request ? ReadItems.New(request.Id ?? "", request) : null;
            var fault = item is null ? new FieldError("", "type", "an item is a JSON object") : ItemRules.Check(item);
            if (fault is not null)
            {
                rejected.Add(new RejectedItemRow(k, fault.Pointer, fault.Code, fault.Detail));
            }
            else
            {
                good.Add(item!);
            }
        }

        if (good.Count > 0)
        {
            await store.PutAsync(collection, good, cancellation);
        }

        return TypedResults.Ok(new ItemBatchResponse(good.Count, rejected));
    }

    private static (ItemRecord? Next, FieldError? Fault) Merge(ItemRecord stored, JsonElement patch)
    {
        var before = new JsonObject
        {
            ["title"] = stored.Title,
            ["categories"] = JsonSerializer.SerializeToNode(stored.Categories),
            ["attributes"] = JsonSerializer.SerializeToNode(stored.Attributes),
            ["timestamp"] = stored.Timestamp is { } at ? JsonSerializer.SerializeToNode(at) : null,
            ["hidden"] = stored.Hidden,
        };
        var after = (JsonObject)MergePatch.Apply(before, patch)!;
        ItemRequest request;
        try
        {
            request = after.Deserialize<ItemRequest>(StrictJson.Options)!;
        }
        catch (JsonException wrong)
        {
            return (null, new FieldError(StrictJson.Pointer(wrong.Path), "type", "this member has another type"));
        }

        var item = ReadItems.New(stored.Id, request);
        return ItemRules.Check(item) is { } fault
            ? (null, fault)
            : (stored with { Title = item.Title, Categories = item.Categories, Attributes = item.Attributes, Timestamp = item.Timestamp, Hidden = item.Hidden }, null);
    }
}
