using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Catalog.Films;

/// <summary>Films for other modules, read from the items they are.</summary>
internal sealed class FilmReader(FilmCollection films, CollectionRegistry collections, CatalogStore store) : IFilmReader
{
    public async Task<IReadOnlyDictionary<int, FilmRecord>> FindAsync(IReadOnlyCollection<int> numbers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        Dictionary<int, FilmRecord> found = new(numbers.Count);
        if (numbers.Count > 0 && collections.Find(films.Name) is { } collection)
        {
            foreach (var item in await store.ReadNumbersAsync(collection, numbers, cancellation))
            {
                if (item is { Title: { } title, Hidden: false, Deleted: false })
                {
                    found[item.Number] = new FilmRecord(
                        item.Number,
                        item.Id,
                        title,
                        item.Categories,
                        FilmAttributes.People(item.Attributes, FilmAttributes.Directors),
                        FilmAttributes.People(item.Attributes, FilmAttributes.Actors));
                }
            }
        }

        return found;
    }
}
