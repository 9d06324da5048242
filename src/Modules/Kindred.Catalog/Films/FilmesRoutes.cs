using System.Runtime.CompilerServices;
using System.Text.Json;
using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Catalog.Films;

/// <summary><c>/filmes</c>, as the film clusters' clients know it. Ids are whole numbers: the item's number plus one.</summary>
internal static class FilmesRoutes
{
    /// <summary>Most bytes of a film.</summary>
    public const int MaxBytes = 128 * 1024;

    private const int AtOnce = 1000;

    /// <summary>All films by id. Read in pieces while they are sent, so that neither memory nor a transaction grows with the catalogue.</summary>
    public static async Task<IResult> List(Collection collection, CatalogStore store, CancellationToken cancellation)
    {
        var first = await store.ListShownAsync(collection, after: -1, AtOnce, cancellation);
        return first.Count == 0 ? TypedResults.NoContent() : TypedResults.Ok(RestAsync(first, collection, store, cancellation));
    }

    public static async Task<IResult> Add(FilmeRequest request, Collection collection, CatalogStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(request.Titulo))
        {
            return Problems.Invalid("titulo is empty.", new FieldError("/titulo", "required", "titulo is a text of 1 to 500 characters"));
        }

        Dictionary<string, JsonElement> attributes = new(StringComparer.Ordinal);
        foreach (var (name, people) in new[] { (FilmAttributes.Directors, Names(request.Diretor)), (FilmAttributes.Actors, Names(request.Atores)) })
        {
            if (people.Length > 0)
            {
                attributes[name] = JsonSerializer.SerializeToElement(people);
            }
        }

        var now = clock.GetUtcNow();
        var item = new NewItem(Guid.CreateVersion7(now).ToString(), request.Titulo.Trim(), Names(request.Genero), attributes, now, Hidden: false);
        if (ItemRules.Check(item) is { } fault)
        {
            var field = fault.Pointer.StartsWith("/title", StringComparison.Ordinal) ? "/titulo"
                : fault.Pointer.StartsWith("/categories", StringComparison.Ordinal) ? "/genero"
                : fault.Pointer.EndsWith(FilmAttributes.Directors, StringComparison.Ordinal) ? "/diretor"
                : "/atores";
            return Problems.Invalid(fault.Detail, fault with { Pointer = field });
        }

        return TypedResults.Json(Response((await store.PutAsync(collection, [item], cancellation))[0]), statusCode: StatusCodes.Status201Created);
    }

    private static async IAsyncEnumerable<FilmeResponse> RestAsync(List<ItemRecord> items, Collection collection, CatalogStore store, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (items.Count > 0)
        {
            foreach (var item in items)
            {
                yield return Response(item);
            }

            items = items.Count < AtOnce ? [] : await store.ListShownAsync(collection, items[^1].Number, AtOnce, cancellation);
        }
    }

    private static FilmeResponse Response(ItemRecord item) => new(
        item.Number + 1,
        item.Title!,
        string.Join(", ", item.Categories),
        string.Join(", ", FilmAttributes.People(item.Attributes, FilmAttributes.Directors)),
        string.Join(", ", FilmAttributes.People(item.Attributes, FilmAttributes.Actors)));

    private static string[] Names(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
}
