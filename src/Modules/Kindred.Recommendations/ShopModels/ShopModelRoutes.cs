using System.Buffers;
using System.Globalization;
using System.Text.Json.Serialization;
using Kindred.Algorithms.Ranking;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Recommendations.ShopModels;

/// <summary>A product as a document of the store the shop's clients know.</summary>
public sealed record ProductDocumentResponse([property: JsonPropertyName("_id")] DocumentIdResponse Id, string ProductId, string ProductName, string Category, DocumentTimeResponse CreatedAt);

/// <summary>Id of a document.</summary>
public sealed record DocumentIdResponse([property: JsonPropertyName("$oid")] string Oid);

/// <summary>Time in a document.</summary>
public sealed record DocumentTimeResponse([property: JsonPropertyName("$date")] DateTimeOffset Date);

/// <summary>System D's two public lists: products viewed by the same people, and products of like categories.</summary>
internal static class ShopModelRoutes
{
    private const int Neighbours = 5;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(5);

    public static async Task<IResult> ByInteraction(
        Collection collection, LocalRecommendations recommendations, ShopTrainer trainer, CancellationToken cancellation, string? product_id = null, string? category = null, string? format = null)
    {
        if (string.IsNullOrEmpty(product_id) || string.IsNullOrEmpty(category))
        {
            return Missing("product_id and category are needed.", string.IsNullOrEmpty(product_id) ? "product_id" : "category");
        }

        if (trainer.Interactions is not { } model)
        {
            return Problems.Unavailable("No views have been compared yet.", s_soon);
        }

        var served = (await recommendations.FindAsync(collection.Name, cancellation))!;
        return await recommendations.ItemAsync(served, product_id, cancellation) is { Answerable: true } item && item.Number < model.Items
            ? Answer(Nearest(served, model, item), format)
            : Answer([], format);
    }

    public static async Task<IResult> ByCategory(
        Collection collection, LocalRecommendations recommendations, ShopTrainer trainer, CancellationToken cancellation, string? category = null, int limit = DefaultLimit, string? format = null)
    {
        if (string.IsNullOrEmpty(category))
        {
            return Missing("category is needed.", "category");
        }

        if (limit is < 1 or > MaxLimit)
        {
            return Problems.Invalid($"limit is 1 to {MaxLimit}.", new FieldError("limit", "range", $"1 to {MaxLimit}"));
        }

        if (trainer.Categories is not { } model)
        {
            return Problems.Unavailable("No products have been clustered yet.", s_soon);
        }

        var served = (await recommendations.FindAsync(collection.Name, cancellation))!;
        var cluster = model.Cluster(category);
        List<ItemRow> rows = [];
        for (var number = 0; cluster >= 0 && number < served.Items.Count && rows.Count < limit; number++)
        {
            if (served.Items[number] is { Answerable: true, Categories: [var own, ..] } row && model.Cluster(own) == cluster)
            {
                rows.Add(row);
            }
        }

        return Answer(rows, format);
    }

    private static List<ItemRow> Nearest(ServedCollection served, Algorithms.Models.ItemKnn.ItemKnnModel model, ItemRow item)
    {
        var rented = ArrayPool<float>.Shared.Rent(model.Items);
        var scores = rented.AsSpan(0, model.Items);
        List<ItemRow> rows = [];
        using var allowed = Allowed.For(served.Items, new ListQuery { N = Neighbours }, profile: null);
        allowed.Remove(item.Number);
        if (model.Similar(item.Number, scores))
        {
            Span<ScoredItem> best = stackalloc ScoredItem[Neighbours];
            foreach (var (other, score) in best[..TopN.Select(scores, new Selection(allowed.Words, served.Items.TieOrder), best)])
            {
                // Distance 1: nobody viewed both.
                if (score > 0 && served.Items[other] is { } row)
                {
                    rows.Add(row);
                }
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        return rows;
    }

    private static IResult Answer(List<ItemRow> rows, string? format) => format switch
    {
        null or "documents" => TypedResults.Ok<IReadOnlyList<ProductDocumentResponse>>([.. rows.Select(Document)]),
        "ids" => TypedResults.Ok<IReadOnlyList<string>>([.. rows.Select(row => row.Id)]),
        _ => Problems.Invalid("format is documents or ids.", new FieldError("format", "unknown", "documents or ids")),
    };

    // An id of 24 hexadecimal digits: the second it was made in, then its number.
    private static ProductDocumentResponse Document(ItemRow row)
    {
        var micros = row.Timestamp == long.MinValue ? 0 : Math.Max(0, row.Timestamp);
        var id = string.Create(CultureInfo.InvariantCulture, $"{(uint)(micros / 1_000_000):x8}{row.Number:x16}");
        return new ProductDocumentResponse(new DocumentIdResponse(id), row.Id, row.Title ?? row.Id, row.Categories is [var category, ..] ? category : "", new DocumentTimeResponse(DateTimeOffset.UnixEpoch.AddMicroseconds(micros)));
    }

    private static ProblemHttpResult Missing(string text, string field) => Problems.Invalid(text, new FieldError(field, "required", $"{field} is missing"));
}
