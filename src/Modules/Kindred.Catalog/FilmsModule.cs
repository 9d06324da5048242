using Kindred.Catalog.Films;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Catalog;

/// <summary>The cinema's films: items of one collection, with the people who made them.</summary>
public static class FilmsModule
{
    /// <summary>Makes the items of a collection films; its tables come with <see cref="CatalogModule.AddCatalog"/>.</summary>
    public static IServiceCollection AddFilms(this IServiceCollection services, string collection) => services.AddSingleton<IFilmReader>(provider =>
        new FilmReader(collection, provider.GetRequiredService<CollectionRegistry>(), provider.GetRequiredService<CatalogStore>()));
}
