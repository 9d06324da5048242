using Kindred.Catalog.Films;
using Kindred.Contracts;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Catalog;

/// <summary>The cinema's films: items of one collection, with genres, people and search.</summary>
public static class FilmsModule
{
    /// <summary>Makes the items of a collection films; its tables come with <see cref="CatalogModule.AddCatalog"/>.</summary>
    public static IServiceCollection AddFilms(this IServiceCollection services, string collection)
    {
        services.AddSingleton(new FilmCollection(collection));
        services.AddSingleton<FilmTables>();
        services.AddSingleton<FilmQueries>();
        services.AddSingleton<FilmPages>();
        services.AddSingleton<IItemsChanged>(provider => provider.GetRequiredService<FilmPages>());
        services.AddSingleton<IFilmReader, FilmReader>();
        services.AddSingleton<IContentImport, ImportContent>();
        services.AddHostedService<CatchUpFilms>();
        return services;
    }

    /// <summary>Maps the cinema's catalogue and the film clusters' films, which name no collection.</summary>
    public static void MapFilms(this IEndpointRouteBuilder routes, string collection)
    {
        var cinema = routes.MapGroup("/api/v1").InCollection(collection).WithErrors(ErrorStyle.Cinema).WithTags("Cinema");
        cinema.MapGet("/films/", FilmRoutes.List).Reads().Produces<IReadOnlyList<FilmBriefResponse>>().WithSummary("Films, best rated first");
        cinema.MapGet("/films/search/", FilmRoutes.Search).Reads().Produces<IReadOnlyList<FilmBriefResponse>>().WithSummary("Films by words of their titles, people, genres and descriptions");
        cinema.MapGet("/films/{id}", FilmRoutes.Get).RequireBearer(Scopes.ItemsRead, PersonAccess.Any).Produces<FilmResponse>().WithSummary("A film");
        cinema.MapGet("/genres/", FilmRoutes.Genres).Reads().Produces<IReadOnlyList<GenreResponse>>().WithSummary("Genres by name");
        cinema.MapGet("/genres/{id}", FilmRoutes.Genre).Reads().Produces<GenreResponse>().WithSummary("A genre");
        cinema.MapGet("/persons/search/", FilmRoutes.SearchPersons).Reads().Produces<IReadOnlyList<PersonResponse>>().WithSummary("People by words of their names");
        cinema.MapGet("/persons/{id}", FilmRoutes.Person).Reads().Produces<PersonResponse>().WithSummary("Somebody who made films");
        cinema.MapGet("/persons/{id}/film", FilmRoutes.FilmsOfPerson).Reads().Produces<IReadOnlyList<FilmBriefResponse>>().WithSummary("Somebody's films, best rated first");

        var clusters = routes.MapGroup("/filmes").InCollection(collection).WithErrors(ErrorStyle.Clusters).WithBodyLimit(FilmesRoutes.MaxBytes).WithTags("Film clusters");
        clusters.MapGet("/", FilmesRoutes.List).Reads().Produces<IReadOnlyList<FilmeResponse>>().Produces(StatusCodes.Status204NoContent).WithSummary("All films by id");
        clusters.MapPost("/", FilmesRoutes.Add).RequireScope(Scopes.ItemsWrite).Produces<FilmeResponse>(StatusCodes.Status201Created).WithSummary("Add a film");
    }

    private static RouteHandlerBuilder Reads(this RouteHandlerBuilder route) => route.RequireScope(Scopes.ItemsRead, PersonAccess.Any);
}
