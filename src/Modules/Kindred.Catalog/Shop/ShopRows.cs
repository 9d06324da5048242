namespace Kindred.Catalog.Shop;

/// <summary>A store.</summary>
internal sealed record StoreRow
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    /// <summary>Number of the person.</summary>
    public long Owner { get; init; }
}

/// <summary>A product with the owner of its store.</summary>
internal sealed record ProductRow
{
    public long Id { get; init; }

    public long Store { get; init; }

    /// <summary>Number of the person.</summary>
    public long Owner { get; init; }

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public long PriceCents { get; init; }

    public long Quantity { get; init; }

    public string Category { get; init; } = "";

    public long ViewsCount { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public long Version { get; init; }

    public decimal Price => PriceCents / 100m;
}

/// <summary>Whose things a caller may see and change.</summary>
/// <param name="Person">The caller's number; null for a key.</param>
/// <param name="IsAdmin">Everybody's.</param>
internal readonly record struct Seller(long? Person, bool IsAdmin)
{
    /// <summary>The owner that queries are kept to; null for none.</summary>
    public long? Only => IsAdmin ? null : Person ?? 0;

    public static Seller Of(Platform.Web.Caller caller) => new(caller.Person?.Number, caller.Scopes.Contains(Platform.Web.Scopes.Admin));
}

/// <summary>What became of a change: the product, or why not.</summary>
internal readonly record struct ProductChange(ProductRow? Product, StoreFault Fault = StoreFault.None);

internal enum StoreFault
{
    None,

    /// <summary>The product is not there, or not the caller's.</summary>
    NoProduct,

    /// <summary>The named store is not there, or not the caller's.</summary>
    NotTheirs,

    /// <summary>No store was named, and the caller has none.</summary>
    NoStore,
}
