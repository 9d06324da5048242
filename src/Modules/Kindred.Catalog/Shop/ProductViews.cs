using System.Globalization;
using Kindred.Contracts;

namespace Kindred.Catalog.Shop;

/// <summary>A product.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ConvertedPrice">The price in the currency asked for, two decimals.</param>
/// <param name="Owner">Who sells it: the name; for themselves and for admins <c>name |address</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Description">Free text.</param>
/// <param name="Price">Two decimals.</param>
/// <param name="Quantity">How many there are.</param>
/// <param name="Category">Free text.</param>
/// <param name="ViewsCount">How often it was looked at.</param>
/// <param name="Store">Number of its store.</param>
public sealed record ProductResponse(
    long Id,
    string ConvertedPrice,
    string Owner,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string Name,
    string Description,
    string Price,
    long Quantity,
    string Category,
    long ViewsCount,
    long Store);

/// <summary>Products as callers see them.</summary>
internal sealed class ProductViews(IPeopleReader people)
{
    /// <summary>One product; the seller's address is shown to the seller and to admins.</summary>
    public async Task<ProductResponse> ResponseAsync(ProductRow product, decimal rate, Seller seller, CancellationToken cancellation) =>
        (await ResponsesAsync([product], rate, seller.IsAdmin || seller.Person == product.Owner, cancellation))[0];

    /// <summary>Products with or without the addresses of their sellers.</summary>
    public async Task<IReadOnlyList<ProductResponse>> ResponsesAsync(IReadOnlyList<ProductRow> products, decimal rate, bool addresses, CancellationToken cancellation)
    {
        var owners = await people.FindAsync([.. products.Select(product => product.Owner).Distinct()], cancellation);
        return [.. products.Select(product => Response(product, rate, Owner(owners.GetValueOrDefault(product.Owner), addresses)))];
    }

    private static string Owner(PersonRecord? person, bool address) => person is null ? "" : address ? $"{person.Name} |{person.Email}" : person.Name;

    private static ProductResponse Response(ProductRow product, decimal rate, string owner) => new(
        product.Id,
        Money(Currency.Rates.Convert(product.Price, rate)),
        owner,
        DateTimeOffset.FromUnixTimeMilliseconds(product.CreatedAt),
        DateTimeOffset.FromUnixTimeMilliseconds(product.UpdatedAt),
        product.Name,
        product.Description,
        Money(product.Price),
        product.Quantity,
        product.Category,
        product.ViewsCount,
        product.Store);

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}
