using System.Text.Json;

namespace Kindred.Import.Content;

/// <summary>A place in a table by <c>(modified, id)</c>.</summary>
/// <param name="Modified">Microseconds since 1970 (UTC).</param>
/// <param name="Id">Of rows modified at once, the last read.</param>
internal readonly record struct Place(long Modified, Guid Id);

/// <summary>Genres or people that are called differently now, and how far their films are written anew.</summary>
/// <param name="People">True for people, false for genres.</param>
/// <param name="Ids">Whose films.</param>
/// <param name="After">The last film that was written.</param>
internal sealed record Renaming(bool People, IReadOnlyList<Guid> Ids, Guid? After);

/// <summary>How far a content database is read; kept as text in the transactions that store what was read.</summary>
internal sealed record ContentPosition
{
    public Place? Films { get; init; }

    public Place? Genres { get; init; }

    public Place? People { get; init; }

    /// <summary>What is to be finished before anything else.</summary>
    public Renaming? Renaming { get; init; }

    public static ContentPosition Parse(string? text) => text is null ? new() : JsonSerializer.Deserialize<ContentPosition>(text)!;

    public override string ToString() => JsonSerializer.Serialize(this);
}
