using System.Text.Json;

namespace Kindred.Contracts;

/// <summary>An event on its way in from a file or the demo world, in words.</summary>
/// <param name="Id">Id of the event, 1-256 UTF-8 bytes: the source's, or made from the row's content, so that a second import changes nothing.</param>
/// <param name="User">User id.</param>
/// <param name="Item">Item id.</param>
/// <param name="Type">Name of the event type.</param>
/// <param name="Value">The value sent along, finite; null without one.</param>
/// <param name="At">Microseconds since 1970 (UTC).</param>
public readonly record struct ImportedEvent(string Id, string User, string Item, string Type, float? Value, long At);

/// <summary>An item on its way in; it replaces what the catalogue holds under the id.</summary>
/// <param name="Id">Text id, 1-256 UTF-8 bytes.</param>
/// <param name="Title">For people, or null.</param>
/// <param name="Categories">In order, distinct.</param>
/// <param name="Attributes">Text, number, boolean or array of texts by name.</param>
/// <param name="Timestamp">When the item appeared, or null.</param>
/// <param name="Hidden">Never recommended while true.</param>
public sealed record ImportedItem(
    string Id,
    string? Title,
    IReadOnlyList<string> Categories,
    IReadOnlyDictionary<string, JsonElement> Attributes,
    DateTimeOffset? Timestamp,
    bool Hidden);

/// <summary>What became of a batch.</summary>
/// <param name="Accepted">Entries that changed something: new events, new or changed items.</param>
/// <param name="Repeated">Entries that were there already.</param>
/// <param name="Rejected">The others by their place in the batch, with the reason for people.</param>
public sealed record ImportedBatch(int Accepted, int Repeated, IReadOnlyList<(int Index, string Reason)> Rejected);

/// <summary>Writing many events from another module; Feedback implements it.</summary>
public interface IEventImport
{
    /// <summary>Stores a batch in one transaction, durable when this returns; the same rules as for events sent over the API. The list is the caller's again after that.</summary>
    ValueTask<ImportedBatch> WriteAsync(int collection, IReadOnlyList<ImportedEvent> events, CancellationToken cancellation);
}

/// <summary>Writing many items from another module; Catalog implements it.</summary>
public interface IItemImport
{
    /// <summary>Stores a batch in one transaction, durable when this returns; an id twice in a batch counts once, its last entry wins. The list is the caller's again after that.</summary>
    ValueTask<ImportedBatch> WriteAsync(int collection, IReadOnlyList<ImportedItem> items, CancellationToken cancellation);
}
