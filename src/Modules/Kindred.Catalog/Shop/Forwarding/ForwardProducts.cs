using System.Globalization;
using Kindred.Catalog.Seeds;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Web;

namespace Kindred.Catalog.Shop.Forwarding;

/// <summary>Sends the shop's products to its recommender. What is true is read when the message is handled, so late and repeated messages do no harm.</summary>
internal sealed class ForwardProducts(ShopStore shop, AiService ai) : IMessageHandler
{
    public string Queue => "forward-products";

    public string Topic => ProductTopics.Changed;

    public Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation) => Parallel.ForEachAsync(
        messages.Select(message => message.Read<ProductChanged>().ProductId).Distinct(StringComparer.Ordinal),
        new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation },
        async (id, stop) => await SendAsync(id, stop));

    private async Task SendAsync(string id, CancellationToken cancellation)
    {
        if (await shop.FindProductAsync(long.Parse(id, CultureInfo.InvariantCulture), only: null, cancellation) is { } product)
        {
            await ai.PostAsync(
                "products",
                new SeedRequest(product.Name, new IdText(id), product.Category)
                {
                    Price = product.Price,
                    InStock = product.Quantity > 0,
                    CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(product.CreatedAt),
                },
                cancellation);
        }
        else
        {
            await ai.DeleteAsync($"products/{id}", cancellation);
        }
    }
}
