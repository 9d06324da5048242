namespace Kindred.Catalog.Films;

/// <summary>What somebody did in a film; how rows and answers call it.</summary>
internal static class FilmRoles
{
    public const string Actor = "actor";
    public const string Director = "director";
    public const string Writer = "writer";

    /// <summary>Each role with the item's attribute that names its people.</summary>
    public static IReadOnlyList<(string Role, string Attribute)> All { get; } =
        [(Director, FilmAttributes.Directors), (Actor, FilmAttributes.Actors), (Writer, FilmAttributes.Writers)];
}

/// <summary>A genre by name; without an id, it is that of the film's genre of this name, of any genre of this name, or a new one made from the name.</summary>
internal readonly record struct NamedGenre(string? Id, string Name);

/// <summary>Somebody in a role; ids as of <see cref="NamedGenre"/>.</summary>
internal readonly record struct Credit(string Role, string? Id, string Name);

/// <summary>A film on its way into the tables, beside the item it is.</summary>
internal sealed record FilmRow
{
    public required int Number { get; init; }

    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>Null keeps what is there.</summary>
    public string? Description { get; init; }

    public double? Rating { get; init; }

    public bool Shown { get; init; } = true;

    /// <summary>The content database it comes from; null keeps what is there.</summary>
    public string? Source { get; init; }

    /// <summary>Digest of what the source said; null for what no source said.</summary>
    public string? Content { get; init; }

    public IReadOnlyList<NamedGenre> Genres { get; init; } = [];

    public IReadOnlyList<Credit> People { get; init; } = [];
}
