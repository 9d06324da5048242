using System.Text.Json;
using Kindred.Catalog.Items;
using Kindred.Catalog.Shop;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;

namespace Kindred.Catalog.Seeds;

/// <summary>
/// Makes the shop's products items of its collection. A message only says that a product has changed; what is true is read, so late and repeated messages
/// do no harm.
/// </summary>
internal sealed class TakeProducts(string collection, CollectionRegistry collections, ShopStore shop, CatalogStore catalog) : IMessageHandler
{
    public string Queue => "catalog-products";

    public string Topic => ProductTopics.Changed;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        if (collections.Find(collection) is not { } target)
        {
            return;
        }

        List<NewItem> there = [];
        foreach (var id in messages.Select(message => message.Read<ProductChanged>().ProductId).Distinct(StringComparer.Ordinal))
        {
            if (await shop.FindProductAsync(long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), only: null, cancellation) is { } product)
            {
                there.Add(new NewItem(
                    id,
                    product.Name,
                    product.Category.Length == 0 ? [] : [product.Category],
                    new Dictionary<string, JsonElement>(StringComparer.Ordinal)
                    {
                        ["price"] = JsonSerializer.SerializeToElement(product.Price),
                        ["in_stock"] = JsonSerializer.SerializeToElement(product.Quantity > 0),
                    },
                    DateTimeOffset.FromUnixTimeMilliseconds(product.CreatedAt),
                    Hidden: false));
            }
            else
            {
                await catalog.DeleteAsync(target, id, cancellation);
            }
        }

        if (there.Count > 0)
        {
            await catalog.PutAsync(target, there, cancellation);
        }
    }
}
