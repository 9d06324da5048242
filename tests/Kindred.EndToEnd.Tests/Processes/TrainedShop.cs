using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kindred.EndToEnd.Tests.Processes;

[assembly: AssemblyFixture(typeof(TrainedShop))]

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>
/// A server whose shop was filled and trained over HTTP alone: 240 people of two tastes, 60 products each, and a run asked for by POST /runs, which
/// trains in a process of its own. Read by several tests, changed by none; its films begin empty.
/// </summary>
public sealed class TrainedShop : IAsyncLifetime
{
    internal const string Collection = "/api/v1/collections/shop";

    private readonly TemporaryFolder _data = new();
    private KindredServer? _server;

    internal string Key { get; private set; } = "";

    internal string Data => _data.Path;

    internal KindredServer Server => _server ?? throw new InvalidOperationException("The server did not start.");

    internal HttpClient Client => Server.Client;

    /// <summary>The run that was asked for, as its last server-sent event told it.</summary>
    internal JsonElement Run { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Key = KindredServer.CreateKey(_data.Path);

        // On a slow machine the schedule would otherwise begin its own run between the events and the one asked for.
        _server = await KindredServer.StartAsync(_data.Path, Key, ["--set", "training.check_every=1h"]);
        var items = Enumerable.Range(0, 120).Select(item => new
        {
            id = $"p{item}", title = $"Product {item}", categories = new[] { item % 2 == 0 ? "tea" : "tools" }, attributes = new { price = 1 + (item % 30) },
        });
        using var stored = await Client.PostAsJsonAsync($"{Collection}/items:batch", items);
        stored.EnsureSuccessStatusCode();

        // Taste is parity; a square pulls towards the popular head.
        var random = new Random(7);
        var events = Enumerable.Range(0, 240).SelectMany(user => Enumerable.Range(0, 16).Select(k => new
        {
            id = $"{user}-{k}",
            user = $"u{user}",
            item = $"p{(2 * (int)(60 * random.NextDouble() * random.NextDouble())) + (user % 2)}",
            type = "purchase",
            value = 1,
            at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours((k * 100) + (user % 97)),
        }));
        using var accepted = await Client.PostAsJsonAsync($"{Collection}/events", events);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());

        using var asked = await Client.PostAsJsonAsync($"{Collection}/runs", new { recommenders = new[] { "popularity", "als", "itemknn" } });
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted, await asked.Content.ReadAsStringAsync());
        Run = await WatchAsync(asked.Headers.Location!);
        await TakenUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _data.Dispose();
    }

    internal async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
    }

    internal static string[] Items(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(slot => slot.GetProperty("item").GetString()!)];

    // Serving looks for a new model every second.
    private async Task TakenUpAsync()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var model = (await GetAsync($"{Collection}/users/u1/recommendations?n=1")).GetProperty("model");
            if (model.ValueKind == JsonValueKind.Object && model.GetProperty("run").ValueEquals(Run.GetProperty("id").GetString()))
            {
                return;
            }

            await Task.Delay(100);
        }
    }

    private async Task<JsonElement> WatchAsync(Uri run)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, run);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var answer = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        var last = default(JsonElement);
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                last = JsonElement.Parse(line["data: ".Length..]);
            }
        }

        return last;
    }
}
