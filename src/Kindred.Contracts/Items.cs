using System.Text.Json;

namespace Kindred.Contracts;

/// <summary>An item as it is stored.</summary>
/// <param name="Number">Number within the collection, from 0, never reused.</param>
/// <param name="Id">Text id, 1-256 UTF-8 bytes.</param>
/// <param name="Title">For people; null where the item is known from events only.</param>
/// <param name="Categories">In the order given, distinct.</param>
/// <param name="Attributes">Text, number, boolean or array of texts by name.</param>
/// <param name="Timestamp">When the item appeared, for "latest"; null where unknown.</param>
/// <param name="Hidden">Never recommended while true.</param>
/// <param name="Deleted">Deleted items keep their number and are never answered.</param>
/// <param name="Version">Grows with every change of the collection's catalogue; 0 for an item known from events only.</param>
public sealed record ItemRecord(
    int Number,
    string Id,
    string? Title,
    IReadOnlyList<string> Categories,
    IReadOnlyDictionary<string, JsonElement> Attributes,
    DateTimeOffset? Timestamp,
    bool Hidden,
    bool Deleted,
    long Version);

/// <summary>Reading the catalogue from another module; Catalog implements it.</summary>
public interface IItemReader
{
    /// <summary>
    /// Streams every numbered item of a collection by number, including those known from events only (id and number, nothing else) and deleted ones.
    /// </summary>
    IAsyncEnumerable<ItemRecord> ReadAllAsync(int collection, CancellationToken cancellation);

    /// <summary>Items changed after a version, by version ascending.</summary>
    ValueTask<IReadOnlyList<ItemRecord>> ReadChangesAsync(int collection, long afterVersion, int limit, CancellationToken cancellation);

    /// <summary>Items with numbers in [from, to), by number; as <see cref="ReadAllAsync"/>.</summary>
    ValueTask<IReadOnlyList<ItemRecord>> ReadRangeAsync(int collection, int from, int to, CancellationToken cancellation);
}

/// <summary>Told of catalogue changes between their commit and their acknowledgement, in this process. Must be quick and must not throw.</summary>
public interface IItemsChanged
{
    /// <summary>Items as they are now.</summary>
    void OnItemsChanged(int collection, IReadOnlyList<ItemRecord> items);
}
