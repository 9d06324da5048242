namespace Kindred.Catalog.Films;

/// <summary>A film in a list.</summary>
public sealed record FilmBriefResponse(string Id, string Title, double? ImdbRating);

/// <summary>A genre.</summary>
public sealed record GenreResponse(string Id, string Name);

/// <summary>Somebody who made a film.</summary>
public sealed record FilmPersonResponse(string Id, string FullName);

/// <summary>A film with all that is known.</summary>
public sealed record FilmResponse(
    string Id,
    string Title,
    double? ImdbRating,
    string? Description,
    IReadOnlyList<GenreResponse> Genre,
    IReadOnlyList<FilmPersonResponse> Actors,
    IReadOnlyList<FilmPersonResponse> Writers,
    IReadOnlyList<FilmPersonResponse> Directors);

/// <summary>What somebody was in a film: <c>actor</c>, <c>director</c>, <c>writer</c>.</summary>
public sealed record FilmOfPersonResponse(string Id, IReadOnlyList<string> Roles);

/// <summary>Somebody with their films.</summary>
public sealed record PersonResponse(string Id, string FullName, IReadOnlyList<FilmOfPersonResponse> Films);

/// <summary>A film as the film clusters' clients read it; the id is the item's number plus one.</summary>
public sealed record FilmeResponse(int Id, string Titulo, string Genero, string Diretor, string Atores);

/// <summary>A film as the film clusters' clients write it: names with commas between.</summary>
/// <param name="Titulo">1 to 500 characters.</param>
/// <param name="Genero">Genres.</param>
/// <param name="Diretor">Directors.</param>
/// <param name="Atores">Actors.</param>
public sealed record FilmeRequest(string Titulo, string? Genero = null, string? Diretor = null, string? Atores = null);
