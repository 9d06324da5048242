using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Catalog.Shop;

/// <summary>A store as it is to be.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record StoreRequest(string? Name = null);

/// <summary>A product as it is to be; in a PATCH what is missing stays.</summary>
/// <param name="Name">1 to 255 characters.</param>
/// <param name="Description">At most 10,000 characters.</param>
/// <param name="Price">0 to 99999999.99 with at most two decimals, as a number or as text.</param>
/// <param name="Quantity">0 to 2147483647.</param>
/// <param name="Category">1 to 255 characters.</param>
/// <param name="StoreId">Where it is sold; the seller's newest store where none is named.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ProductRequest(string? Name = null, string? Description = null, decimal? Price = null, long? Quantity = null, string? Category = null, long? StoreId = null)
{
    /// <summary>The row with what this names.</summary>
    internal ProductRow Over(ProductRow row) => row with
    {
        Name = Name ?? row.Name,
        Description = Description ?? row.Description,
        PriceCents = Price is { } price ? (long)(price * 100) : row.PriceCents,
        Quantity = Quantity ?? row.Quantity,
        Category = Category ?? row.Category,
    };
}

/// <summary>
/// Reads bodies member by member, so that one answer names every fault by the codes the shop's clients know, and so that prices are exact: what
/// is stored is what was written, or it is refused. Unknown members are passed over, also <c>views_count</c>, which nobody sets.
/// </summary>
internal sealed class ShopBody
{
    /// <summary>Most bytes of a body: a description of full length, escaped.</summary>
    public const long MaxBytes = 256 * 1024;

    private const int LongestName = 255;
    private const int LongestDescription = 10_000;
    private const int LongestNumber = 20;
    private const decimal HighestPrice = 99_999_999.99m;

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly JsonElement _body;
    private readonly bool _all;
    private readonly List<FieldError> _faults = [];

    private ShopBody(JsonElement body, bool all) => (_body, _all) = (body, all);

    /// <summary>A store; or the refusal. <paramref name="all"/>: nothing may be missing.</summary>
    public static Task<(StoreRequest? Request, IResult? Refusal)> ReadStoreAsync(HttpContext context, bool all, CancellationToken cancellation) =>
        ReadAsync(context, all, static body => new StoreRequest(body.Text("name", LongestName, mayBeBlank: false)), cancellation);

    /// <summary>A product; or the refusal. <paramref name="all"/>: nothing may be missing but the store.</summary>
    public static Task<(ProductRequest? Request, IResult? Refusal)> ReadProductAsync(HttpContext context, bool all, CancellationToken cancellation) =>
        ReadAsync(
            context,
            all,
            static body => new ProductRequest(
                body.Text("name", LongestName, mayBeBlank: false),
                body.Text("description", LongestDescription, mayBeBlank: true),
                body.Price("price"),
                body.Whole("quantity", least: 0, int.MaxValue, needed: true),
                body.Text("category", LongestName, mayBeBlank: false),
                body.Whole("store_id", least: 1, long.MaxValue, needed: false)),
            cancellation);

    private static async Task<(T? Request, IResult? Refusal)> ReadAsync<T>(HttpContext context, bool all, Func<ShopBody, T> read, CancellationToken cancellation)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            return (null, Problems.UnsupportedMediaType("Send application/json."));
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, s_strict, cancellation);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, Problems.Invalid("The body is a JSON object.", new FieldError("", "invalid", "Invalid data. Expected an object.")));
            }

            var body = new ShopBody(document.RootElement, all);
            var request = read(body);
            return body._faults.Count == 0 ? (request, null) : (null, Problems.Invalid("The body is not valid.", body._faults));
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is not Unicode.
            return (null, Problems.Invalid("The body is not JSON.", new FieldError("", "parse_error", "JSON in UTF-8 is wanted, no member twice, at most 16 deep.")));
        }
    }

    private JsonElement? Member(string name, bool needed)
    {
        if (!_body.TryGetProperty(name, out var value))
        {
            return _all && needed ? Fault<JsonElement>(name, "required", "This field is required.") : null;
        }

        return value.ValueKind == JsonValueKind.Null ? Fault<JsonElement>(name, "null", "This field may not be null.") : value;
    }

    private string? Text(string name, int longest, bool mayBeBlank)
    {
        if (Member(name, needed: true) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String || Unicode(value) is not { } text)
        {
            Fault<int>(name, "invalid", "Not a valid string.");
            return null;
        }

        // Counted as people count characters, and as PostgreSQL does.
        var fault = !mayBeBlank && string.IsNullOrWhiteSpace(text) ? ("blank", "This field may not be blank.")
            : text.Contains('\0', StringComparison.Ordinal) ? ("null_characters_not_allowed", "Null characters are not allowed.")
            : text.Length > longest && text.EnumerateRunes().Count() > longest ? ("max_length", $"Ensure this field has no more than {longest} characters.")
            : default((string Code, string Detail)?);
        if (fault is { } found)
        {
            Fault<int>(name, found.Code, found.Detail);
        }

        return text;
    }

    private decimal? Price(string name)
    {
        if (Member(name, needed: true) is not { } value)
        {
            return null;
        }

        // Prices leave as text, so they may come back as text. Without an exponent and with few digits the decimal is exactly what was written.
        var written = value.ValueKind switch { JsonValueKind.Number => value.GetRawText(), JsonValueKind.String => Unicode(value) ?? "", _ => "" };
        return written.Length is 0 or > LongestNumber
            || !decimal.TryParse(written, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var price)
            ? Fault<decimal>(name, "invalid", "A valid number is required, such as 12.50.")
            : price < 0 ? Fault<decimal>(name, "min_value", "Ensure this value is greater than or equal to 0.")
            : price > HighestPrice ? Fault<decimal>(name, "max_digits", "Ensure that there are no more than 10 digits in total.")
            : decimal.Round(price, 2) != price ? Fault<decimal>(name, "max_decimal_places", "Ensure that there are no more than 2 decimal places.")
            : price;
    }

    private long? Whole(string name, long least, long most, bool needed)
    {
        if (Member(name, needed) is not { } value)
        {
            return null;
        }

        return value.ValueKind != JsonValueKind.Number || !decimal.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? Fault<long>(name, "invalid", "A valid integer is required.")
            : number < least ? Fault<long>(name, "min_value", $"Ensure this value is greater than or equal to {least}.")
            : number > most ? Fault<long>(name, "max_value", $"Ensure this value is less than or equal to {most}.")
            : (long)number;
    }

    private T? Fault<T>(string name, string code, string detail)
        where T : struct
    {
        _faults.Add(new FieldError("/" + name, code, detail));
        return null;
    }

    // Null for text that is not Unicode: half a surrogate pair, bytes that are not UTF-8.
    private static string? Unicode(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
