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

/// <summary>
/// Products as callers see them. Sellers are remembered until the shop's next change, as which a changed name counts: a view of a product asks nobody
/// who sells it.
/// </summary>
internal sealed class ProductViews(IPeopleReader people, ShopVersion versions)
{
    private const int MostOwners = 10_000;

    private readonly Lock _lock = new();
    private Dictionary<long, PersonRecord> _owners = [];
    private long _version = -1;

    /// <summary>One product; the seller's address is shown to the seller and to admins.</summary>
    public async Task<ProductResponse> ResponseAsync(ProductRow product, decimal rate, Seller seller, CancellationToken cancellation) =>
        (await ResponsesAsync([product], rate, seller.IsAdmin || seller.Person == product.Owner, cancellation))[0];

    /// <summary>Products with or without the addresses of their sellers.</summary>
    public async Task<IReadOnlyList<ProductResponse>> ResponsesAsync(IReadOnlyList<ProductRow> products, decimal rate, bool addresses, CancellationToken cancellation)
    {
        var owners = await OwnersAsync([.. products.Select(product => product.Owner).Distinct()], cancellation);
        return [.. products.Select(product => Response(product, rate, Owner(owners.GetValueOrDefault(product.Owner), addresses)))];
    }

    private async Task<IReadOnlyDictionary<long, PersonRecord>> OwnersAsync(long[] numbers, CancellationToken cancellation)
    {
        var version = await versions.CurrentAsync(cancellation);
        Dictionary<long, PersonRecord> remembered;
        lock (_lock)
        {
            if (version > _version || _owners.Count > MostOwners)
            {
                (_owners, _version) = ([], Math.Max(version, _version));
            }

            remembered = _owners;
            if (Array.TrueForAll(numbers, remembered.ContainsKey))
            {
                return numbers.ToDictionary(number => number, number => remembered[number]);
            }
        }

        // What is read now belongs to this version or a later one, and goes with the dictionary of this one.
        var found = await people.FindAsync(numbers, cancellation);
        lock (_lock)
        {
            foreach (var (number, person) in found)
            {
                remembered[number] = person;
            }
        }

        return found;
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
