namespace Kindred.Contracts;

/// <summary>A genre or a person of a content database.</summary>
/// <param name="Id">Its id there and here.</param>
/// <param name="Name">Name, 1-255 characters.</param>
public readonly record struct ContentName(Guid Id, string Name);

/// <summary>A film of a content database, with its genres and people.</summary>
/// <param name="Id">Its id there and, as lower-case text, of the item here.</param>
/// <param name="Title">Title.</param>
/// <param name="Description">What it is about; null where unknown.</param>
/// <param name="CreationDate">When it was first shown; null where unknown.</param>
/// <param name="Rating">IMDb rating, finite; null where unknown.</param>
/// <param name="Type">Such as <c>movie</c> or <c>tv_show</c>; null where unknown.</param>
/// <param name="Created">When the source first had it; null where unknown.</param>
/// <param name="Genres">Genres in the order shown.</param>
/// <param name="Directors">Directors in the order shown.</param>
/// <param name="Actors">Actors in the order shown.</param>
/// <param name="Writers">Writers in the order shown.</param>
public sealed record ContentFilm(
    Guid Id,
    string Title,
    string? Description,
    DateOnly? CreationDate,
    double? Rating,
    string? Type,
    DateTimeOffset? Created,
    IReadOnlyList<ContentName> Genres,
    IReadOnlyList<ContentName> Directors,
    IReadOnlyList<ContentName> Actors,
    IReadOnlyList<ContentName> Writers);

/// <summary>What a row of a content database is.</summary>
public enum ContentKind
{
    /// <summary>A film.</summary>
    Film,

    /// <summary>A genre.</summary>
    Genre,

    /// <summary>A person.</summary>
    Person,
}

/// <summary>All that a source has of a kind within a range of ids: what came from it, lies in the range and is not there any more is deleted.</summary>
/// <param name="Kind">Films, genres or people.</param>
/// <param name="After">Ids after this one; null from the first.</param>
/// <param name="Through">Up to and with this one; null to the last.</param>
/// <param name="Present">Every id of the range, also of rows that were refused.</param>
public sealed record ContentSweep(ContentKind Kind, Guid? After, Guid? Through, IReadOnlySet<Guid> Present);

/// <summary>A batch of a content database.</summary>
public sealed record ContentBatch
{
    /// <summary>Names the database; films of another one are left alone.</summary>
    public required string Source { get; init; }

    /// <summary>The position the reader went on from; null at the beginning.</summary>
    public required string? From { get; init; }

    /// <summary>The position after this batch, told which of its genres and people are called differently now; those of the films they are in are to be sent again.</summary>
    public required Func<IReadOnlyList<Guid>, string> To { get; init; }

    /// <summary>Films, each id once.</summary>
    public IReadOnlyList<ContentFilm> Films { get; init; } = [];

    /// <summary>Genres, each id once.</summary>
    public IReadOnlyList<ContentName> Genres { get; init; } = [];

    /// <summary>People, each id once.</summary>
    public IReadOnlyList<ContentName> People { get; init; } = [];

    /// <summary>What else is gone; null where nothing is known of that.</summary>
    public ContentSweep? Sweep { get; init; }
}

/// <summary>What became of a batch.</summary>
/// <param name="Changed">Rows that are new or differ from what was there.</param>
/// <param name="Deleted">Rows that are gone.</param>
/// <param name="Rejected">Films that were refused, with the reason for people.</param>
/// <param name="Position">The position that is stored now.</param>
public sealed record ContentWritten(int Changed, int Deleted, IReadOnlyList<(Guid Id, string Reason)> Rejected, string Position);

/// <summary>Writing films with their genres and people from another module; Catalog implements it.</summary>
public interface IContentImport
{
    /// <summary>The position of a source; null when nothing was read from it yet.</summary>
    Task<string?> ReadPositionAsync(string source, CancellationToken cancellation);

    /// <summary>How many films came from a source.</summary>
    Task<long> CountFilmsAsync(string source, CancellationToken cancellation);

    /// <summary>
    /// Stores a batch and its position in one transaction, durable when this returns; what is there already is not written again. Null, and nothing
    /// stored, when the position is not <see cref="ContentBatch.From"/>: somebody else reads the same source.
    /// </summary>
    Task<ContentWritten?> WriteAsync(ContentBatch batch, CancellationToken cancellation);
}
