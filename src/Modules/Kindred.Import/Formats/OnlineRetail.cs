using System.Globalization;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Platform.Collections;

namespace Kindred.Import.Formats;

/// <summary>
/// UCI Online Retail (I and II): a line of an invoice is a purchase, its quantity the value. Cancellations and lines without a customer are left out
/// with the reason. Products are gathered on the way: title and price of the latest line that has them; memory grows with the number of products only.
/// </summary>
internal sealed class OnlineRetail(ImportFile file, Collection collection, string type)
{
    private static readonly string[] s_invoice = ["InvoiceNo", "Invoice"];
    private static readonly string[] s_price = ["UnitPrice", "Price"];
    private static readonly string[] s_customer = ["CustomerID", "Customer ID"];
    private readonly Dictionary<string, Product> _products = new(StringComparer.Ordinal);

    public static bool Fits(Header header) =>
        header.Find(s_invoice) >= 0 && header.Find("StockCode") >= 0 && header.Find("Quantity") >= 0 && header.Find(s_customer) >= 0;

    public IEnumerable<Row<ImportedEvent>> ReadPurchases()
    {
        var header = Header.Of(file).Checked();
        var invoice = header.Require(s_invoice);
        var stock = header.Require("StockCode");
        var description = header.Require("Description");
        var quantity = header.Require("Quantity");
        var date = header.Require("InvoiceDate");
        var price = header.Require(s_price);
        var customer = header.Require(s_customer);
        var events = new EventRows(collection, new EventColumns(header.Names[customer], "StockCode", "Quantity", "InvoiceDate", "type", "id"), 1)
        {
            ReadTime = Times.TryReadMonthFirst,
        };

        using var rows = header.OpenRows(file);
        while (rows.Read())
        {
            if (header.Check(rows) is { } fault)
            {
                yield return new(rows.Line, default, fault);
                continue;
            }

            if (rows[invoice].StartsWith("C", StringComparison.OrdinalIgnoreCase))
            {
                yield return new(rows.Line, default, Fault.Of(header.Names[invoice], rows[invoice], "is a cancellation"));
                continue;
            }

            if (rows[quantity].StartsWith("-"))
            {
                yield return new(rows.Line, default, Fault.Of("Quantity", rows[quantity], "is negative"));
                continue;
            }

            var row = events.Make(rows.Line, WithoutFraction(rows[customer]), rows[stock], type, rows[quantity], rows[date], default);
            if (row.Fault is null)
            {
                Keep(row.Value, rows[description].Trim(), rows[price]);
            }

            yield return row;
        }
    }

    /// <summary>The products of all lines read, in the order of their first line.</summary>
    public IEnumerable<Row<ImportedItem>> Products()
    {
        foreach (var (id, product) in _products)
        {
            Dictionary<string, JsonElement> attributes = [];
            if (product.Price is { } price)
            {
                attributes["price"] = JsonSerializer.SerializeToElement(price);
            }

            yield return new(0, new ImportedItem(id, product.Title, [], attributes, Timestamp: null, Hidden: false), null);
        }
    }

    private void Keep(ImportedEvent purchase, ReadOnlySpan<char> title, ReadOnlySpan<char> price)
    {
        if (!_products.TryGetValue(purchase.Item, out var product))
        {
            _products.Add(purchase.Item, product = new Product());
        }

        if (!title.IsEmpty && purchase.At >= product.TitleAt)
        {
            product.TitleAt = purchase.At;
            product.Title = title.SequenceEqual(product.Title) ? product.Title : title.ToString();
        }

        if (purchase.At >= product.PriceAt && decimal.TryParse(price, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var read))
        {
            product.PriceAt = purchase.At;
            product.Price = read;
        }
    }

    // Spreadsheets write customer 17850 as 17850.0.
    private static ReadOnlySpan<char> WithoutFraction(ReadOnlySpan<char> customer) => customer.EndsWith(".0") ? customer[..^2] : customer;

    private sealed class Product
    {
        public string? Title { get; set; }

        public long TitleAt { get; set; } = long.MinValue;

        public decimal? Price { get; set; }

        public long PriceAt { get; set; } = long.MinValue;
    }
}
