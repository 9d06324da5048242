using Kindred.Catalog.Shop.Currency;

namespace Kindred.Catalog;

/// <summary>Section <c>shop</c>: rates for <c>?currency=</c>, from a table or from a service. By default there are none, and nobody is called.</summary>
public sealed record ShopOptions
{
    /// <summary>How much of a currency one US dollar is, by code: <c>"EUR": 0.92</c>. Not looked at where <see cref="RatesUrl"/> is set.</summary>
    public Dictionary<string, decimal> Rates { get; init; } = [];

    /// <summary>A service that answers <c>/currencies</c> and <c>/latest</c> below this address.</summary>
    public string RatesUrl { get; init; } = "";

    /// <summary>What it knows us by, sent as <c>apikey</c>.</summary>
    public string RatesKey { get; init; } = "";

    /// <summary>Longest time it is waited for. 50 milliseconds to 30 seconds.</summary>
    public TimeSpan RatesTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What is wrong with these settings, by their names.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        foreach (var (code, rate) in Rates)
        {
            if (!Shop.Currency.Rates.Supported.Contains(code, StringComparer.OrdinalIgnoreCase))
            {
                yield return ($"rates.{code}", $"there is no currency \"{code}\"; known are {string.Join(' ', Shop.Currency.Rates.Supported)}");
            }
            else if (rate is <= 0 or > RateService.Highest)
            {
                yield return ($"rates.{code}", $"{rate} is not above 0 and at most {RateService.Highest}");
            }
        }

        if (Rates.Keys.GroupBy(code => code, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            yield return ("rates", $"{twice.Key} stands there twice");
        }

        if (RatesUrl.Length > 0 && !(Uri.TryCreate(RatesUrl, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.Query.Length == 0 && parsed.Fragment.Length == 0))
        {
            yield return ("rates_url", "an address such as https://rates.example.com/v1 is wanted");
        }

        if (RatesTimeout < TimeSpan.FromMilliseconds(50) || RatesTimeout > TimeSpan.FromSeconds(30))
        {
            yield return ("rates_timeout", "a wait of 50 milliseconds to 30 seconds is wanted");
        }
    }
}
