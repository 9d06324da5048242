using System.Text.Json;

namespace Kindred.Catalog.Items;

/// <summary>What a caller says about an item; it replaces what was there.</summary>
public sealed record ItemRequest
{
    /// <summary>Text id; in the body only where the route does not carry it.</summary>
    public string? Id { get; init; }

    /// <summary>For people, at most 500 characters.</summary>
    public string? Title { get; init; }

    /// <summary>At most 50 distinct texts of 1-255 characters.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Text, finite number, boolean or array of texts by name.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }

    /// <summary>When the item appeared.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Never recommended while true.</summary>
    public bool Hidden { get; init; }
}

/// <summary>An item as callers read it.</summary>
public sealed record ItemResponse(
    string Id,
    string? Title,
    IReadOnlyList<string> Categories,
    IReadOnlyDictionary<string, JsonElement> Attributes,
    DateTimeOffset? Timestamp,
    bool Hidden,
    long Version);

/// <summary>A checked item on its way to the store.</summary>
internal sealed record NewItem(
    string Id, string? Title, IReadOnlyList<string> Categories, IReadOnlyDictionary<string, JsonElement> Attributes, DateTimeOffset? Timestamp, bool Hidden);
