using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Catalog.Shop;

/// <summary>
/// All SQL of the shop. Whose a thing is stands in the condition of each statement. A change takes the shop's version first, so that changes
/// follow one another, and writes its messages in its own transaction.
/// </summary>
internal sealed class ShopStore(Database database, ShopVersion versions, ShopMessages messages, TimeProvider clock)
{
    private const int RowsAtOnce = 100;

    private const string StoreColumns = "s.id as Id, s.name as Name, s.owner as Owner";

    private const string ProductColumns =
        """
        p.id as Id, p.store as Store, s.owner as Owner, p.name as Name, p.description as Description, p.price_cents as PriceCents, p.quantity as Quantity,
        p.category as Category, p.views_count as ViewsCount, p.created_at as CreatedAt, p.updated_at as UpdatedAt, p.version as Version
        """;

    private const string Products = "from products p join stores s on s.id = p.store";

    // --- stores

    /// <summary>Stores, newest first, and how many there are.</summary>
    public async Task<(IReadOnlyList<StoreRow> Stores, long Count)> ListStoresAsync(long? only, int offset, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var values = new { only, offset, limit };
        var rows = await connection.QueryAsync<StoreRow>(new CommandDefinition(
            $"select {StoreColumns} from stores s where {Owned(only)} order by s.id desc limit @limit offset @offset", values, cancellationToken: cancellation));
        return (rows.AsList(), await connection.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) from stores s where {Owned(only)}", values, cancellationToken: cancellation)));
    }

    public async Task<StoreRow?> FindStoreAsync(long id, long? only, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<StoreRow>(new CommandDefinition(
            $"select {StoreColumns} from stores s where s.id = @id and {Owned(only)}", new { id, only }, cancellationToken: cancellation));
    }

    public Task<StoreRow> AddStoreAsync(string name, long owner, CancellationToken cancellation) =>
        database.WriteAsync(transaction => AddStoreAsync(name, owner, transaction, cancellation), cancellation);

    /// <summary>Opens a store in the caller's transaction.</summary>
    public async Task<StoreRow> AddStoreAsync(string name, long owner, DbTransaction transaction, CancellationToken cancellation)
    {
        await versions.NextAsync(transaction, cancellation);
        var id = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "insert into stores(name, owner) values (@name, @owner) returning id", new { name, owner }, transaction, cancellationToken: cancellation));
        return new StoreRow { Id = id, Name = name, Owner = owner };
    }

    /// <summary>Names a store anew; null when it is not there or not the owner's.</summary>
    public Task<StoreRow?> RenameStoreAsync(long id, long? only, string name, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                await versions.NextAsync(transaction, cancellation);
                return await transaction.Connection!.QuerySingleOrDefaultAsync<StoreRow>(new CommandDefinition(
                    $"update stores as s set name = @name where s.id = @id and {Owned(only)} returning id as Id, name as Name, owner as Owner",
                    new { id, only, name },
                    transaction,
                    cancellationToken: cancellation));
            },
            cancellation);

    /// <summary>Closes a store with all its products; false when it is not there or not the owner's.</summary>
    public async Task<bool> DeleteStoreAsync(long id, long? only, CancellationToken cancellation)
    {
        Guid? last = null;
        var deleted = await database.WriteAsync(
            async transaction =>
            {
                var version = await versions.NextAsync(transaction, cancellation);
                last = await RetireAsync($"p.store = @id and {Owned(only)}", new { id, only }, version, transaction, cancellation);
                return await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    $"delete from stores as s where s.id = @id and {Owned(only)}", new { id, only }, transaction, cancellationToken: cancellation)) == 1;
            },
            cancellation);
        await messages.SettledAsync(last, cancellation);
        return deleted;
    }

    /// <summary>Takes everything of a person out of the shop: their stores with their products, and that they looked at others'.</summary>
    public async Task ForgetAsync(long person, DbTransaction transaction, CancellationToken cancellation)
    {
        var version = await versions.NextAsync(transaction, cancellation);
        await RetireAsync("s.owner = @person", new { person }, version, transaction, cancellation);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from stores where owner = @person", new { person }, transaction, cancellationToken: cancellation));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from product_viewers where person = @person", new { person }, transaction, cancellationToken: cancellation));
    }

    /// <summary>The owner's name on their products has changed: no page made before counts.</summary>
    public async Task RenameOwnerAsync(DbTransaction transaction, CancellationToken cancellation) => await versions.NextAsync(transaction, cancellation);

    // --- products

    /// <summary>Products, newest first or most viewed first, and how many there are.</summary>
    public async Task<(IReadOnlyList<ProductRow> Products, long Count)> ListProductsAsync(long? only, bool popular, int offset, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var values = new { only, offset, limit };
        var order = popular ? "p.views_count desc, p.id" : "p.id desc";
        var rows = await connection.QueryAsync<ProductRow>(new CommandDefinition(
            $"select {ProductColumns} {Products} where {Owned(only)} order by {order} limit @limit offset @offset", values, cancellationToken: cancellation));
        return (rows.AsList(), await connection.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) {Products} where {Owned(only)}", values, cancellationToken: cancellation)));
    }

    public async Task<ProductRow?> FindProductAsync(long id, long? only, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await FindProductAsync(connection, null, id, only, cancellation);
    }

    /// <summary>Adds a product to the store it names, or to the newest of the seller's.</summary>
    public async Task<ProductChange> AddProductAsync(ProductRequest asked, Seller seller, CancellationToken cancellation)
    {
        Guid? message = null;
        var change = await database.WriteAsync<ProductChange>(
            async transaction =>
            {
                var version = await versions.NextAsync(transaction, cancellation);
                if (await StoreForAsync(asked.StoreId, seller, transaction, cancellation) is not { } store)
                {
                    return new(null, asked.StoreId is null ? StoreFault.NoStore : StoreFault.NotTheirs);
                }

                var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
                var product = asked.Over(new ProductRow { Store = store.Id, Owner = store.Owner, CreatedAt = now, UpdatedAt = now, Version = version });
                var id = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
                    """
                    insert into products(store, name, description, price_cents, quantity, category, created_at, updated_at, version)
                    values (@Store, @Name, @Description, @PriceCents, @Quantity, @Category, @CreatedAt, @UpdatedAt, @Version) returning id
                    """,
                    product,
                    transaction,
                    cancellationToken: cancellation));
                product = product with { Id = id };
                message = await messages.ChangedAsync(product, deleted: false, transaction, cancellation);
                return new(product);
            },
            cancellation);
        await messages.SettledAsync(message, cancellation);
        return change;
    }

    /// <summary>Changes what the request names; a named store is where the product moves to.</summary>
    public async Task<ProductChange> UpdateProductAsync(long id, ProductRequest asked, Seller seller, CancellationToken cancellation)
    {
        Guid? message = null;
        var change = await database.WriteAsync<ProductChange>(
            async transaction =>
            {
                var version = await versions.NextAsync(transaction, cancellation);
                if (await FindProductAsync(transaction.Connection!, transaction, id, seller.Only, cancellation) is not { } before)
                {
                    return new(null, StoreFault.NoProduct);
                }

                var store = new StoreRow { Id = before.Store, Owner = before.Owner };
                if (asked.StoreId is not null)
                {
                    if (await StoreForAsync(asked.StoreId, seller, transaction, cancellation) is not { } named)
                    {
                        return new(null, StoreFault.NotTheirs);
                    }

                    store = named;
                }

                var product = asked.Over(before with { Store = store.Id, Owner = store.Owner, UpdatedAt = clock.GetUtcNow().ToUnixTimeMilliseconds(), Version = version });

                // Views go on being counted meanwhile: their column is not written here.
                var views = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
                    """
                    update products set store = @Store, name = @Name, description = @Description, price_cents = @PriceCents, quantity = @Quantity, category = @Category,
                      updated_at = @UpdatedAt, version = @Version
                    where id = @Id returning views_count
                    """,
                    product,
                    transaction,
                    cancellationToken: cancellation));
                message = await messages.ChangedAsync(product, deleted: false, transaction, cancellation);
                return new(product with { ViewsCount = views });
            },
            cancellation);
        await messages.SettledAsync(message, cancellation);
        return change;
    }

    /// <summary>Deletes a product; false when it is not there or not the owner's.</summary>
    public async Task<bool> DeleteProductAsync(long id, long? only, CancellationToken cancellation)
    {
        var message = await database.WriteAsync(
            async transaction =>
            {
                var version = await versions.NextAsync(transaction, cancellation);
                var last = await RetireAsync($"p.id = @id and {Owned(only)}", new { id, only }, version, transaction, cancellation);
                if (last is not null)
                {
                    await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from products where id = @id", new { id }, transaction, cancellationToken: cancellation));
                }

                return last;
            },
            cancellation);
        await messages.SettledAsync(message, cancellation);
        return message is not null;
    }

    /// <summary>Counts so many views of a product and returns it with them; null when it is gone.</summary>
    public static Task<ProductRow?> AddViewsAsync(long id, int views, DbTransaction transaction) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<ProductRow>(
            $"""
             update products as p set views_count = views_count + @views where p.id = @id
             returning {ProductColumns.Replace("p.", "", StringComparison.Ordinal).Replace("s.owner", "(select s.owner from stores s where s.id = store)", StringComparison.Ordinal)}
             """,
            new { id, views },
            transaction);

    /// <summary>Notes who looked at which product; the first time counts.</summary>
    public static async Task AddViewersAsync(IEnumerable<(long Product, long Person)> views, DateTimeOffset at, DbTransaction transaction)
    {
        // In the order of the key, so that two processes never wait for one another. The values are numbers of ours.
        foreach (var chunk in views.Distinct().Order().Chunk(RowsAtOnce))
        {
            await transaction.Connection!.ExecuteAsync(
                $"insert into product_viewers(product, person, first_at) values {string.Join(", ", chunk.Select(view => $"({view.Product}, {view.Person}, @at)"))} on conflict do nothing",
                new { at = at.ToUnixTimeMilliseconds() },
                transaction);
        }
    }

    private static string Owned(long? only) => only is null ? "1 = 1" : "s.owner = @only";

    private static async Task<ProductRow?> FindProductAsync(DbConnection connection, DbTransaction? transaction, long id, long? only, CancellationToken cancellation) =>
        await connection.QuerySingleOrDefaultAsync<ProductRow>(new CommandDefinition(
            $"select {ProductColumns} {Products} where p.id = @id and {Owned(only)}", new { id, only }, transaction, cancellationToken: cancellation));

    private static async Task<StoreRow?> StoreForAsync(long? named, Seller seller, DbTransaction transaction, CancellationToken cancellation) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<StoreRow>(new CommandDefinition(
            named is null
                ? $"select {StoreColumns} from stores s where s.owner = @person order by s.id desc limit 1"
                : $"select {StoreColumns} from stores s where s.id = @named and {Owned(seller.Only)}",
            new { named, only = seller.Only, person = seller.Person ?? 0 },
            transaction,
            cancellationToken: cancellation));

    // Tells that the products of a condition are deleted, before they are; returns the last message.
    private async Task<Guid?> RetireAsync(string which, object values, long version, DbTransaction transaction, CancellationToken cancellation)
    {
        Guid? last = null;
        foreach (var product in await transaction.Connection!.QueryAsync<ProductRow>(new CommandDefinition(
            $"select {ProductColumns} {Products} where {which} order by p.id", values, transaction, cancellationToken: cancellation)))
        {
            last = await messages.ChangedAsync(product with { Version = version }, deleted: true, transaction, cancellation);
        }

        return last;
    }
}
