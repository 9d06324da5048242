using System.Net;
using System.Net.Http.Json;
using Kindred.Platform.Web;

namespace Kindred.Catalog.Shop.Forwarding;

/// <summary>The recommender said no to what it was sent, and will say so again: the message is parked with this.</summary>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>
/// The shop's recommender where it is another process: products, views and deleted people are sent to it over HTTP with the shop's secret. What fails because
/// the recommender is away, busy or broken is an <see cref="HttpRequestException"/> and is tried until it is back.
/// </summary>
internal sealed class AiService(Uri address, string secret) : IDisposable
{
    private const int LongestReason = 300;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxConnectionsPerServer = 16 })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 64 * 1024,
    };

    /// <summary>Sends a body to a path below <c>/ai</c>.</summary>
    public Task PostAsync<T>(string path, T body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, JsonContent.Create(body, options: StrictJson.Options), cancellation);

    /// <summary>Deletes what is there; nothing there is as good.</summary>
    public Task DeleteAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, content: null, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{address.AbsoluteUri.TrimEnd('/')}/ai/{path}")) { Content = content };
        request.Headers.Add("Client-Header-Secret", secret);
        using var answer = await _client.SendAsync(request, cancellation);
        var status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode || (method == HttpMethod.Delete && answer.StatusCode == HttpStatusCode.NotFound))
        {
            return;
        }

        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || status >= 500)
        {
            throw new HttpRequestException($"The recommender answered {status}.", inner: null, answer.StatusCode);
        }

        var reason = await answer.Content.ReadAsStringAsync(cancellation);
        throw new RefusedException($"{method} {request.RequestUri} answered {status}: {(reason.Length > LongestReason ? reason[..LongestReason] : reason)}");
    }
}
