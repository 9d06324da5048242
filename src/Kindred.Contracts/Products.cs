namespace Kindred.Contracts;

/// <summary>Topics about products.</summary>
public static class ProductTopics
{
    /// <summary>Bodies are <see cref="ProductChanged"/>.</summary>
    public const string Changed = "products.changed";

    /// <summary>Bodies are <see cref="ProductViewed"/>.</summary>
    public const string Viewed = "products.viewed";
}

/// <summary>A product of the shop was made, changed or deleted; this is what is true since.</summary>
/// <param name="ProductId">Its number as text.</param>
/// <param name="ProductName">What it is called.</param>
/// <param name="Category">Free text, at most 255 characters.</param>
/// <param name="Price">In the shop's currency, two decimals, 0 to 99,999,999.99.</param>
/// <param name="InStock">At least one can be bought.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Version">Grows with every change of any product: of two messages about one product the higher is the truth.</param>
/// <param name="Deleted">It is gone; the other members are what it was last.</param>
public sealed record ProductChanged(string ProductId, string ProductName, string Category, decimal Price, bool InStock, DateTimeOffset CreatedAt, long Version, bool Deleted);

/// <summary>Somebody looked at a product.</summary>
/// <param name="Id">Event id of the view, a UUIDv7: the same view delivered twice has the same id.</param>
/// <param name="ProductId">Number of the product as text.</param>
/// <param name="UserId">Who, by <see cref="PersonRecord.User"/>.</param>
/// <param name="Category">Of the product when it was looked at.</param>
/// <param name="At">When.</param>
public sealed record ProductViewed(string Id, string ProductId, string UserId, string Category, DateTimeOffset At);
