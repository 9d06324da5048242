using System.Text.Json;

namespace Kindred.Catalog.Films;

/// <summary>
/// What an item's attributes say about the film it is. A film that came from elsewhere (an import, the native API) has no other source; films of the
/// cinema's own routes and of a content database are written with the same attributes.
/// </summary>
internal static class FilmAttributes
{
    public const string Rating = "imdb_rating";
    public const string Year = "year";
    public const string Type = "type";
    public const string Description = "description";
    public const string Directors = "directors";
    public const string Actors = "actors";
    public const string Writers = "writers";

    /// <summary>Names of people, in the order given, distinct: <c>directors</c> or, of a single one, <c>director</c>; an array of texts or one text.</summary>
    public static IReadOnlyList<string> People(IReadOnlyDictionary<string, JsonElement> attributes, string role) =>
        attributes.TryGetValue(role, out var value) || attributes.TryGetValue(role[..^1], out value) ? Names(value) : [];

    private static string[] Names(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { } name && !string.IsNullOrWhiteSpace(name) ? [name.Trim()] : [],
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(Names).Distinct(StringComparer.Ordinal)],
        _ => [],
    };
}
