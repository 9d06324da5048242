using System.Globalization;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Import.Formats;

namespace Kindred.Import.Demo;

/// <summary>
/// The shop. Products belong to sets (an espresso machine, beans, a jug, descaler) of one brand; customers have a few interests and brands they trust, a basket
/// begins with one thing and draws others of its set along, and what is used up is bought again. The lines of a basket share their time. Views come
/// shortly before.
/// </summary>
internal sealed class Shop
{
    private const int MostSets = 4_000;
    private const double MeanLines = 2.2;
    private const long Minute = 60_000_000;
    private const long Day = 1_440 * Minute;

    private readonly DemoOptions _options;
    private readonly long _from;
    private readonly long _to;
    private readonly Product[] _products;
    private readonly int[][] _sets;
    private readonly double[][] _setSums;
    private readonly double[] _setSizes;
    private readonly double[] _popularity;

    public Shop(DemoOptions options)
    {
        _options = options;
        _to = options.Now.ToUnixTimeMilliseconds() * 1000;
        _from = _to - (options.Days * Day);
        var draws = new Draws(options.Seed + 2);
        _products = MakeProducts(draws);
        _sets = [.. _products.Select((product, number) => (product.Set, number)).GroupBy(pair => pair.Set, pair => pair.number).OrderBy(set => set.Key).Select(set => set.ToArray())];
        _setSums = [.. _sets.Select(set => Draws.Sums(set.Select(product => _products[product].Popularity)))];
        _setSizes = Draws.Sums(_setSums.Select(sums => Math.Sqrt(sums[^1])));
        _popularity = Draws.Sums(_products.Select(product => product.Popularity));
        Items = [.. _products.Select(product => product.Item)];
    }

    public IReadOnlyList<ImportedItem> Items { get; }

    /// <summary>Purchases and views in time order; views of customers and of visitors who buy nothing then.</summary>
    public IEnumerable<ImportedEvent> Events()
    {
        var draws = new Draws(_options.Seed + 3);
        var customers = Enumerable.Range(0, _options.Customers).Select(number => new Customer(draws, this, number)).ToArray();
        var ids = new EventIds();

        // A view before one basket may come after another basket: what is drawn waits until nothing earlier can follow.
        var waiting = new PriorityQueue<(int User, int Product, bool Bought), (long At, long Turn)>();
        var turn = 0L;
        foreach (var (at, user) in Activity.Draw(draws, _options.Customers, (int)(_options.PurchaseLines / MeanLines), int.MaxValue, 1, _from + Day, _to))
        {
            var basket = Fill(draws, customers[user]);
            foreach (var product in basket)
            {
                waiting.Enqueue((user, product, true), (at, turn++));
                if (draws.Chance(0.6))
                {
                    waiting.Enqueue((user, product, false), (at - Minute - (long)(20 * Minute * draws.Unit()), turn++));
                }
            }

            if (draws.Chance(0.8))
            {
                waiting.Enqueue((user, Pick(draws, customers[user]), false), (at - Minute - (long)(25 * Minute * draws.Unit()), turn++));
            }

            while (waiting.TryPeek(out _, out var next) && next.At < at - (30 * Minute))
            {
                yield return Next();
            }
        }

        while (waiting.Count > 0)
        {
            yield return Next();
        }

        ImportedEvent Next()
        {
            waiting.TryDequeue(out var what, out var when);
            var type = what.Bought ? "purchase" : "view";
            var product = _products[what.Product];
            float? quantity = what.Bought ? (product.UsedUp && draws.Chance(0.4) ? 2 + draws.Below(3) : 1) : null;
            var customer = customers[what.User].Id;
            return new ImportedEvent(ids.Make(customer, product.Item.Id, type, quantity, when.At), customer, product.Item.Id, type, quantity, when.At);
        }
    }

    private List<int> Fill(Draws draws, Customer customer)
    {
        var again = customer.UsedUp.Count > 0 && draws.Chance(0.25);
        var first = again ? draws.Of(customer.UsedUp) : Pick(draws, customer);
        List<int> basket = [first];
        foreach (var other in _sets[_products[first].Set].Where(other => other != first && draws.Chance(again ? 0.15 : 0.34)))
        {
            basket.Add(other);
        }

        if (draws.Chance(0.3) && Pick(draws, customer) is var extra && !basket.Contains(extra))
        {
            basket.Add(extra);
        }

        // Lasting things are bought once.
        basket.RemoveAll(product => !_products[product].UsedUp && !customer.Owned.Add(product));
        foreach (var product in basket.Where(product => _products[product].UsedUp && !customer.UsedUp.Contains(product)))
        {
            customer.UsedUp.Add(product);
        }

        return basket;
    }

    private int Pick(Draws draws, Customer customer)
    {
        if (draws.Chance(0.25))
        {
            return draws.Weighted(_popularity);
        }

        var set = customer.Sets[draws.Weighted(customer.Sums)];
        return _sets[set][draws.Weighted(_setSums[set])];
    }

    private Product[] MakeProducts(Draws draws)
    {
        var products = new Product[_options.Products];
        var digits = Math.Max(4, _options.Products.ToString(CultureInfo.InvariantCulture).Length);
        HashSet<string> titles = new(StringComparer.Ordinal);
        var set = -1;
        var place = 0;
        ShopWords.Kit kit = ShopWords.Kits[0];
        var brand = "";
        var standing = 1.0;
        for (var number = 0; number < products.Length; number++)
        {
            if (set < 0 || (place == kit.Things.Length && set + 1 < MostSets))
            {
                set++;
                place = 0;
                kit = ShopWords.Kits[set % ShopWords.Kits.Length];
                brand = draws.Of(ShopWords.Brands);
                standing = Math.Pow(1 + draws.Below(40), -0.6);
            }

            var thing = kit.Things[place++ % kit.Things.Length];
            var price = Math.Round((decimal)(thing.Price * Math.Exp(draws.Normal(0, 0.2)))) + 0.95m - 1;
            Dictionary<string, JsonElement> attributes = new(StringComparer.Ordinal)
            {
                ["price"] = JsonSerializer.SerializeToElement(Math.Max(0.95m, price)),
                ["brand"] = JsonSerializer.SerializeToElement(brand),
                ["in_stock"] = JsonSerializer.SerializeToElement(draws.Chance(0.93)),
            };
            var appeared = draws.Chance(0.85) ? _from - (long)(draws.Unit() * 900 * Day) : _from;
            var id = "product-" + (number + 1).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
            products[number] = new Product(
                new ImportedItem(id, Title(draws, brand, thing.Name, titles), thing.Category == kit.Name ? [kit.Name] : [thing.Category, kit.Name], attributes, DateTimeOffset.UnixEpoch.AddTicks(appeared * 10), Hidden: false),
                Math.Min(set, MostSets - 1),
                standing * (thing.UsedUp ? 2 : 1) * Math.Exp(draws.Normal(0, 0.5)),
                thing.UsedUp);
        }

        return products;
    }

    private static string Title(Draws draws, string brand, string thing, HashSet<string> taken)
    {
        for (var tries = 0; ; tries++)
        {
            var title = $"{brand} {draws.Of(ShopWords.Variants)} {thing}" + (tries < 8 ? "" : string.Create(CultureInfo.InvariantCulture, $" {100 + draws.Below(1_000_000)}"));
            if (taken.Add(title))
            {
                return title;
            }
        }
    }

    private sealed record Product(ImportedItem Item, int Set, double Popularity, bool UsedUp);

    private sealed class Customer
    {
        public Customer(Draws draws, Shop shop, int number)
        {
            Id = "customer-" + (number + 1).ToString("D5", CultureInfo.InvariantCulture);
            Sets = [.. Enumerable.Range(0, 3 + draws.Below(4)).Select(_ => draws.Weighted(shop._setSizes))];
            Sums = Draws.Sums(Sets.Select(_ => 0.3 + draws.Unit()));
        }

        public string Id { get; }

        public int[] Sets { get; }

        public double[] Sums { get; }

        public HashSet<int> Owned { get; } = [];

        public List<int> UsedUp { get; } = [];
    }
}
