using Kindred.Platform.Collections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Catalog.Films;

/// <summary>Before the server answers: makes films of items that were written before there were films, or while another collection was the cinema's.</summary>
internal sealed partial class CatchUpFilms(FilmCollection films, CollectionRegistry collections, CatalogStore store, ILogger<CatchUpFilms> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (collections.Find(films.Name) is { } collection && await store.CatchUpAsync(collection, cancellationToken) is > 0 and var taken)
        {
            Taken(log, taken, films.Name);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "{Count} items of collection {Collection} became films")]
    private static partial void Taken(ILogger log, long count, string collection);
}
