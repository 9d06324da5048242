using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Catalog.Items;

/// <summary>Items from files and from the demo's maker: the same rules as items over the API.</summary>
internal sealed class ImportItems(CatalogStore store, CollectionRegistry collections) : IItemImport
{
    public async ValueTask<ImportedBatch> WriteAsync(int collection, IReadOnlyList<ImportedItem> items, CancellationToken cancellation)
    {
        var target = collections.Find(collection) ?? throw new ArgumentOutOfRangeException(nameof(collection), collection, "There is no such collection.");
        List<NewItem> good = new(items.Count);
        List<(int Index, string Reason)> rejected = [];
        for (var k = 0; k < items.Count; k++)
        {
            var item = new NewItem(items[k].Id, items[k].Title, items[k].Categories, items[k].Attributes, items[k].Timestamp, items[k].Hidden);
            if (ItemRules.Check(item) is { } fault)
            {
                rejected.Add((k, fault.Detail));
            }
            else
            {
                good.Add(item);
            }
        }

        if (good.Count > 0)
        {
            await store.PutAsync(target, good, cancellation);
        }

        return new ImportedBatch(good.Count, 0, rejected);
    }
}
