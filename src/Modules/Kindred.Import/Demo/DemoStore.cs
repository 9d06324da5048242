using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Import.Writing;
using Kindred.Platform.Collections;

namespace Kindred.Import.Demo;

/// <summary>What the demo stored.</summary>
/// <param name="Films">Events and items of the cinema.</param>
/// <param name="Shop">Events and items of the shop.</param>
/// <param name="Seconds">Time taken.</param>
public sealed record DemoSummary((ImportCounts Events, ImportCounts Items) Films, (ImportCounts Events, ImportCounts Items) Shop, double Seconds);

/// <summary>Puts a demo world into the collections <c>films</c> and <c>shop</c>. Done twice, the second time adds nothing.</summary>
public sealed class DemoStore(CollectionRegistry collections, IEventImport events, IItemImport items, TimeProvider time)
{
    private const int BatchRows = 5_000;

    /// <summary>Stores the world; event types a collection does not know are left out.</summary>
    /// <exception cref="ImportRefusedException">One of the collections is missing.</exception>
    public async Task<DemoSummary> FillAsync(DemoWorld world, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var films = await FillAsync(Find("films"), world.Films, world.FilmEvents(), cancellation);
        var shop = await FillAsync(Find("shop"), world.Products, world.ShopEvents(), cancellation);
        return new DemoSummary(films, shop, time.GetElapsedTime(began).TotalSeconds);
    }

    private Collection Find(string name) => collections.Find(name) ?? throw new ImportRefusedException($"The demo needs a collection \"{name}\".");

    private async Task<(ImportCounts Events, ImportCounts Items)> FillAsync(
        Collection collection, IReadOnlyList<ImportedItem> catalogue, IEnumerable<ImportedEvent> history, CancellationToken cancellation)
    {
        // The demo's own rows are never at fault; if the store refuses one, that is a bug and stops the demo with its reason.
        using var rejections = new Rejections(path: null, most: 0);
        var start = new Checkpoint("", 0, 0, 0);
        var known = collection.EventTypes.Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        var stored = await new Pump<ImportedItem>(BatchRows, rejections, (batch, stop) => items.WriteAsync(collection.Number, batch, stop))
            .RunAsync(catalogue.Select(item => new Row<ImportedItem>(0, item, null)), start, static _ => { }, cancellation);
        var written = await new Pump<ImportedEvent>(BatchRows, rejections, (batch, stop) => events.WriteAsync(collection.Number, batch, stop))
            .RunAsync(history.Where(one => known.Contains(one.Type)).Select(one => new Row<ImportedEvent>(0, one, null)), start, static _ => { }, cancellation);
        return (written, stored);
    }
}
