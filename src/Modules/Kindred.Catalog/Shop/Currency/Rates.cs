using System.Collections.Concurrent;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Kindred.Catalog.Shop.Currency;

/// <summary>
/// Rates against the US dollar, in which the shop's prices are. The codes of the source are good for 24 hours and a rate for 6; when the source is
/// away the last known ones go on, and what it failed to say is no rate and no verdict on a code.
/// </summary>
internal sealed partial class Rates
{
    /// <summary>How long the list of codes is good.</summary>
    public static readonly TimeSpan CodesLifetime = TimeSpan.FromHours(24);

    /// <summary>How long a rate is good.</summary>
    public static readonly TimeSpan RateLifetime = TimeSpan.FromHours(6);

    /// <summary>How long a source that failed is left alone.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private const string Own = "USD";

    private readonly IRateSource _source;
    private readonly TimeProvider _clock;
    private readonly ILogger<Rates> _log;
    private readonly Remembered<IReadOnlyList<string>> _codes;
    private readonly ConcurrentDictionary<string, Remembered<BoxedRate>> _rates = new(StringComparer.Ordinal);

    public Rates(IRateSource source, TimeProvider clock, ILogger<Rates> log)
    {
        (_source, _clock, _log) = (source, clock, log);
        _codes = new(source.CodesAsync, CodesLifetime, Pause, clock, away => Away(log, "the list of codes", away.Message, away.InnerException?.GetType().Name));
    }

    /// <summary>The codes that count until a source has said its own.</summary>
    public static IReadOnlyList<string> Supported { get; } =
    [
        "EUR", "USD", "JPY", "BGN", "CZK", "DKK", "GBP", "HUF", "PLN", "RON", "SEK", "CHF", "ISK", "NOK", "HRK", "RUB", "TRY", "AUD", "BRL", "CAD", "CNY", "HKD", "IDR", "ILS", "INR",
        "KRW", "MXN", "MYR", "NZD", "PHP", "SGD", "THB", "ZAR",
    ];

    /// <summary>A price in another currency: two decimals, half to even as the original's <c>round</c>.</summary>
    public static decimal Convert(decimal price, decimal rate) => decimal.Round(price * rate, 2, MidpointRounding.ToEven);

    /// <summary>The rate for <c>?currency=</c>, 1 where nothing is asked; or the refusal: 400 for a code there is not, 503 for one without a rate.</summary>
    public ValueTask<(decimal Rate, IResult? Refusal)> AskedAsync(HttpContext context, CancellationToken cancellation) =>
        context.Request.Query.TryGetValue("currency", out var asked) ? FindAsync(asked.ToString(), cancellation) : ValueTask.FromResult<(decimal, IResult?)>((1, null));

    private async ValueTask<(decimal Rate, IResult? Refusal)> FindAsync(string asked, CancellationToken cancellation)
    {
        var code = asked.ToUpperInvariant();
        if (code == Own)
        {
            return (1, null);
        }

        // Only what looks like a code makes anybody ask the source.
        if (code.Length != 3 || code.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            return (0, Unknown(Supported));
        }

        var codes = await _codes.GetAsync(cancellation) ?? Supported;
        if (!codes.Contains(code, StringComparer.Ordinal))
        {
            return (0, Unknown(codes));
        }

        var rate = await _rates.GetOrAdd(code, Remember).GetAsync(cancellation);
        return rate is null
            ? (0, Problems.Unavailable($"There is no rate for {code} right now. Without ?currency= prices are in {Own}; whoever runs this server sets shop.rates or shop.rates_url.", Pause))
            : (rate.Value, null);
    }

    private Remembered<BoxedRate> Remember(string code) => new(
        async cancellation => new BoxedRate(await _source.RateAsync(code, cancellation)),
        RateLifetime,
        Pause,
        _clock,
        away => Away(_log, code, away.Message, away.InnerException?.GetType().Name));

    private static ProblemHttpResult Unknown(IReadOnlyList<string> codes)
    {
        var detail = $"Invalid currency. Supported currencies are {string.Join(' ', codes)}.";
        return Problems.Invalid(detail, new FieldError("", "invalid", detail));
    }

    // An address can hold the key, so what is logged is ours; the exception's own words are not.
    [LoggerMessage(LogLevel.Warning, "No rates for {What}: {Reason} ({Cause}). What was known last goes on")]
    private static partial void Away(ILogger log, string what, string reason, string? cause);

    private sealed record BoxedRate(decimal Value);
}
