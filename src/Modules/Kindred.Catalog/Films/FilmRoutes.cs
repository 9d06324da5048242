using System.Globalization;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Catalog.Films;

/// <summary><c>/api/v1/films</c>, <c>/genres</c> and <c>/persons</c>, as the cinema's clients know them. Nothing found is 404 with words they compare.</summary>
internal static class FilmRoutes
{
    public const string NoFilms = "films not found";
    public const string NoMovies = "movies not found";
    public const string NoGenres = "genres not found";
    public const string NoPersons = "persons not found";

    private const int PageSize = 50;
    private const int MostPageSize = 500;

    public static async Task<IResult> List(
        Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation, string? genre = null, string sort = "imdb_rating", int page_size = PageSize, int page_number = 1) =>
        Check(page_size, page_number) is { } fault ? Refuse(fault)
        : sort is not ("imdb_rating" or "-imdb_rating") ? Refuse(new FieldError("sort", "unknown", "films are sorted by imdb_rating, the best first"))
        : await AnswerAsync(
            pages, Key("films", page_size, page_number, genre), NoFilms, stop => films.ListAsync(collection.Number, genre is { Length: > 0 } ? genre : null, new Slice(page_size, page_number), stop), cancellation);

    public static async Task<IResult> Search(
        string query, Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation, int page_size = PageSize, int page_number = 1) =>
        Check(page_size, page_number) is { } fault ? Refuse(fault) : await AnswerAsync(
            pages, Key("search", page_size, page_number, query), NoFilms, stop => films.SearchAsync(collection.Number, query, new Slice(page_size, page_number), stop), cancellation);

    public static Task<IResult> Get(string id, Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation) =>
        FindAsync(pages, "film|" + id, NoFilms, stop => films.FindAsync(collection.Number, id, stop), cancellation);

    public static Task<IResult> Genres(Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation) =>
        AnswerAsync(pages, "genres", NoGenres, stop => films.ListGenresAsync(collection.Number, stop), cancellation);

    public static Task<IResult> Genre(string id, Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation) =>
        FindAsync(pages, "genre|" + id, NoGenres, stop => films.FindGenreAsync(collection.Number, id, stop), cancellation);

    public static async Task<IResult> SearchPersons(
        string query, Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation, int page_size = PageSize, int page_number = 1) =>
        Check(page_size, page_number) is { } fault ? Refuse(fault) : await AnswerAsync(
            pages, Key("people", page_size, page_number, query), NoPersons, stop => films.SearchPeopleAsync(collection.Number, query, new Slice(page_size, page_number), stop), cancellation);

    public static Task<IResult> Person(string id, Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation) =>
        FindAsync(pages, "person|" + id, NoPersons, stop => films.FindPersonAsync(collection.Number, id, stop), cancellation);

    public static Task<IResult> FilmsOfPerson(string id, Collection collection, FilmQueries films, FilmPages pages, CancellationToken cancellation) =>
        AnswerAsync(pages, "films of|" + id, NoMovies, stop => films.ListFilmsOfAsync(collection.Number, id, stop), cancellation);

    // An empty list is nothing found.
    private static Task<IResult> AnswerAsync<T>(FilmPages pages, string key, string missing, Func<CancellationToken, Task<IReadOnlyList<T>>> read, CancellationToken cancellation) =>
        FindAsync(pages, key, missing, async stop => await read(stop) is { Count: > 0 } rows ? rows : null, cancellation);

    private static async Task<IResult> FindAsync<T>(FilmPages pages, string key, string missing, Func<CancellationToken, Task<T?>> read, CancellationToken cancellation)
        where T : class =>
        await pages.GetAsync(key, read, cancellation) is { } page ? TypedResults.Bytes(page, "application/json; charset=utf-8") : Problems.Coded(StatusCodes.Status404NotFound, missing);

    private static string Key(string list, int size, int number, string? words) => string.Create(CultureInfo.InvariantCulture, $"{list}|{size}|{number}|{words}");

    private static ProblemHttpResult Refuse(FieldError fault) => Problems.Unprocessable(fault.Detail, fault);

    private static FieldError? Check(int size, int number) =>
        size is < 1 or > MostPageSize ? new FieldError("page_size", "range", $"page_size is 1 to {MostPageSize}")
        : number < 1 ? new FieldError("page_number", "range", "page_number is 1 or more")
        : null;
}
