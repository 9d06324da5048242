using System.Globalization;
using System.Text.Json;

namespace Kindred.Catalog.Shop.Currency;

/// <summary>
/// Rates of a service: <c>GET URL/currencies?apikey=</c> answers an object <c>data</c> with a member a code, <c>GET
/// URL/latest?apikey=&amp;base_currency=USD&amp;currencies=EUR</c> a number <c>data.EUR</c>. It is asked only where the settings name it, waited for no longer than
/// they say, not followed elsewhere and not read beyond 64 KiB.
/// </summary>
internal sealed class RateService : IRateSource, IDisposable
{
    /// <summary>Highest rate that is believed: a price times it still fits a decimal.</summary>
    public const decimal Highest = 1_000_000_000;

    private const int MostBytes = 64 * 1024;
    private const int MostCodes = 500;

    private readonly ShopOptions _options;
    private readonly HttpClient _client;

    public RateService(ShopOptions options)
    {
        _options = options;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
        {
            Timeout = options.RatesTimeout,
            MaxResponseContentBufferSize = MostBytes,
        };
    }

    public async Task<IReadOnlyList<string>> CodesAsync(CancellationToken cancellation)
    {
        using var answer = await AskAsync("currencies", "", cancellation);
        string[] codes = [.. Data(answer).EnumerateObject().Select(member => member.Name).Where(IsCode).Take(MostCodes)];
        return codes.Length > 0 ? codes : throw new RatesAwayException("the service named no codes");
    }

    public async Task<decimal> RateAsync(string code, CancellationToken cancellation)
    {
        using var answer = await AskAsync("latest", $"&base_currency=USD&currencies={code}", cancellation);
        return Data(answer).TryGetProperty(code, out var number) && number.ValueKind == JsonValueKind.Number
            && decimal.TryParse(number.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= Highest
            ? rate
            : throw new RatesAwayException("the service's answer has no such rate");
    }

    public void Dispose() => _client.Dispose();

    private static bool IsCode(string name) => name.Length == 3 && !name.AsSpan().ContainsAnyExceptInRange('A', 'Z');

    private static JsonElement Data(JsonDocument answer) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            ? data
            : throw new RatesAwayException("the service's answer has no data");

    private async Task<JsonDocument> AskAsync(string what, string query, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri($"{_options.RatesUrl.TrimEnd('/')}/{what}?apikey={Uri.EscapeDataString(_options.RatesKey)}{query}"), cancellation);
            return answer.IsSuccessStatusCode
                ? JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation))
                : throw new RatesAwayException($"the service answered {(int)answer.StatusCode}");
        }
        catch (Exception away) when (away is HttpRequestException or IOException or JsonException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new RatesAwayException(away is JsonException ? "the service's answer is not JSON" : "the service does not answer", away);
        }
    }
}
