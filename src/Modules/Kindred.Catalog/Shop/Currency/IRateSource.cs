namespace Kindred.Catalog.Shop.Currency;

/// <summary>Where rates come from: a table of settings, or a service. Asked rarely: <see cref="Rates"/> remembers.</summary>
internal interface IRateSource
{
    /// <summary>The codes it knows, three capital letters each.</summary>
    /// <exception cref="RatesAwayException">It does not answer, or not as it should.</exception>
    Task<IReadOnlyList<string>> CodesAsync(CancellationToken cancellation);

    /// <summary>How much of this currency one US dollar is; above 0.</summary>
    /// <exception cref="RatesAwayException">It does not answer, or not as it should, or has no rate.</exception>
    Task<decimal> RateAsync(string code, CancellationToken cancellation);
}

/// <summary>A source of rates has none to give right now. The message names neither addresses nor keys.</summary>
internal sealed class RatesAwayException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Rates as the settings have them.</summary>
internal sealed class RateTable(ShopOptions options) : IRateSource
{
    private readonly Dictionary<string, decimal> _rates = new(options.Rates, StringComparer.OrdinalIgnoreCase);

    public Task<IReadOnlyList<string>> CodesAsync(CancellationToken cancellation) => Task.FromResult(Rates.Supported);

    public Task<decimal> RateAsync(string code, CancellationToken cancellation) =>
        _rates.TryGetValue(code, out var rate) ? Task.FromResult(rate) : throw new RatesAwayException($"The setting shop.rates has no {code}.");
}
