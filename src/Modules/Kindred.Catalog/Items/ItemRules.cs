using System.Text;
using System.Text.Json;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;

namespace Kindred.Catalog.Items;

/// <summary>What an item must be: the same for the API and for imports.</summary>
internal static class ItemRules
{
    private const int MaxTitle = 500;
    private const int MaxCategories = 50;
    private const int MaxCategory = 255;

    /// <summary>The first fault, or null; pointers are relative to the item.</summary>
    public static FieldError? Check(NewItem item) =>
        Ids.Check(item.Id) is { } badId ? new FieldError("/id", "id", $"id {badId}")
        : item.Title is { } title && BadText(title, MaxTitle) is { } badTitle ? new FieldError("/title", "text", $"title {badTitle}")
        : CheckCategories(item.Categories)
        ?? Attributes.Check(item.Attributes);

    private static FieldError? CheckCategories(IReadOnlyList<string> categories)
    {
        if (categories.Count > MaxCategories)
        {
            return new FieldError("/categories", "length", $"{categories.Count} categories; at most {MaxCategories} are allowed");
        }

        for (var k = 0; k < categories.Count; k++)
        {
            if (categories[k] is not { Length: > 0 } category || BadText(category, MaxCategory) is not null)
            {
                return new FieldError($"/categories/{k}", "text", "a category is a text of 1 to 255 characters without U+0000");
            }
        }

        return categories.Distinct(StringComparer.Ordinal).Count() == categories.Count ? null : new FieldError("/categories", "duplicate", "categories are distinct");
    }

    private static string? BadText(string text, int most) =>
        text.Length > most ? $"has {text.Length} characters; at most {most} are allowed"
        : text.Contains('\0', StringComparison.Ordinal) ? "holds U+0000"
        : null;
}
