using System.Data.Common;
using Kindred.Contracts;
using Kindred.Platform.Messaging;

namespace Kindred.Catalog.Shop;

/// <summary>What the shop tells the other parts of the program, written down in the transaction of its cause.</summary>
internal sealed class ShopMessages(Outbox outbox)
{
    /// <summary>A product is as this row says, or is deleted.</summary>
    public Task<Guid> ChangedAsync(ProductRow product, bool deleted, DbTransaction transaction, CancellationToken cancellation) =>
        outbox.AddAsync(
            ProductTopics.Changed,
            new ProductChanged(
                product.Id.ToString(), product.Name, product.Category, product.Price, product.Quantity > 0, DateTimeOffset.FromUnixTimeMilliseconds(product.CreatedAt), product.Version, deleted),
            transaction,
            cancellation);

    /// <summary>People looked at products.</summary>
    public Task ViewedAsync(IReadOnlyList<ProductViewed> views, DbTransaction transaction) => outbox.AddAllAsync(ProductTopics.Viewed, views, transaction, CancellationToken.None);

    /// <summary>After the commit: the parts in this process that follow products have seen the change, or take too long to wait for.</summary>
    public Task SettledAsync(Guid? message, CancellationToken cancellation) => message is { } id ? outbox.SettledAsync(id, cancellation) : Task.CompletedTask;
}
