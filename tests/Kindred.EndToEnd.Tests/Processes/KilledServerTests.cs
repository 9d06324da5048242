using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>Accepted means kept and counted once, whatever dies: the set checker over real SIGKILLs.</summary>
public sealed class KilledServerTests(ITestOutputHelper output)
{
    private const string Events = "/api/v1/collections/shop/events";
    private const int Kills = 20;
    private const int Writers = 8;

    [Fact]
    public async Task Every_acknowledged_event_is_there_once_after_twenty_kills()
    {
        using var data = new TemporaryFolder();
        var key = KindredServer.CreateKey(data.Path);
        var acknowledged = new ConcurrentDictionary<string, bool>();
        var attempted = new ConcurrentDictionary<string, bool>();
        var random = new Random(42);

        for (var round = 0; round < Kills; round++)
        {
            await using var server = await KindredServer.StartAsync(data.Path, key);
            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(server.Client, round, writer, attempted, acknowledged, stop.Token)).ToArray();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(150, 900)), TestContext.Current.CancellationToken);
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        await using var last = await KindredServer.StartAsync(data.Path, key);
        var read = await ReadAllAsync(last.Client);
        (await last.StopAsync()).ShouldBe(0);

        output.WriteLine($"{acknowledged.Count} acknowledged, {attempted.Count} attempted, {read.Count} read back, {Kills} kills");
        acknowledged.Count.ShouldBeGreaterThan(200, "the kills met a server that was writing");
        read.Count.ShouldBe(read.Distinct(StringComparer.Ordinal).Count(), "an event was counted twice");
        acknowledged.Keys.Except(read, StringComparer.Ordinal).ShouldBeEmpty("acknowledged events were lost");
        read.Except(attempted.Keys, StringComparer.Ordinal).ShouldBeEmpty("events appeared that nobody sent");
        Sqlite.IntegrityCheck(data["kindred.db"]).ShouldBe("ok");
    }

    // Half the requests are batches; every second id is sent twice on purpose, as a client that saw no answer would.
    private static async Task WriteAsync(
        HttpClient client, int round, int writer, ConcurrentDictionary<string, bool> attempted, ConcurrentDictionary<string, bool> acknowledged, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var ids = Enumerable.Range(0, writer % 2 == 0 ? 1 : 50).Select(k => $"r{round}-w{writer}-{n / 2}-{k}").ToArray();
            foreach (var id in ids)
            {
                attempted[id] = true;
            }

            var body = ids.Select(id => new { id, user = $"u{writer}-{n % 20}", item = $"i{n % 100}", type = "purchase", at = "2026-01-01T00:00:00Z" }).ToArray();
            try
            {
                using var answer = ids.Length == 1
                    ? await client.PostAsJsonAsync(Events, body[0] with { user = $"u{writer}-{n / 2 % 20}", item = $"i{n / 2 % 100}" }, CancellationToken.None)
                    : await client.PostAsJsonAsync(Events, body.Select(e => e with { user = $"u{writer}-{n / 2 % 20}", item = $"i{n / 2 % 100}" }), CancellationToken.None);
                if (answer.StatusCode == HttpStatusCode.Accepted)
                {
                    foreach (var id in ids)
                    {
                        acknowledged[id] = true;
                    }
                }
                else
                {
                    answer.StatusCode.ShouldBeOneOf(HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable);
                }
            }
            catch (HttpRequestException)
            {
                return; // killed: the outcome of this request is unknown, and either is right
            }
        }
    }

    private static async Task<List<string>> ReadAllAsync(HttpClient client)
    {
        List<string> ids = [];
        for (string? cursor = null; ;)
        {
            using var page = await client.GetFromJsonAsync<JsonDocument>($"{Events}?limit=1000{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}");
            ids.AddRange(page!.RootElement.GetProperty("data").EnumerateArray().Select(e => e.GetProperty("id").GetString()!));
            if (!page.RootElement.GetProperty("has_more").GetBoolean())
            {
                return ids;
            }

            cursor = page.RootElement.GetProperty("next").GetString();
        }
    }
}
