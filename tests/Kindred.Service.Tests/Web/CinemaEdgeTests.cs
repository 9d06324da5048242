using System.Net;
using System.Net.Http;
using System.Text.Json;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Systems;

namespace Kindred.Service.Tests.Web;

/// <summary>What the cinema's gateway did for its paths, and for no others.</summary>
public sealed class CinemaEdgeTests
{
    private static readonly string[] s_paths = ["/auth/v1/roles/all", "/recom/v1/general", "/social/v1/likes/", "/ws/v1/chat/rooms", "/api/v1/films/", "/api/v1/genres/", "/api/v1/persons/search/"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task C1_a_request_of_the_cinema_names_itself_and_the_answer_repeats_it()
    {
        await using var world = await ProgramWorld.StartAsync();
        using var client = new HttpClient { BaseAddress = world.Addresses[0] };
        foreach (var path in s_paths)
        {
            using var without = await client.GetAsync(path, Cancellation);
            without.StatusCode.ShouldBe(HttpStatusCode.BadRequest, path);
            JsonElement.Parse(await without.Content.ReadAsStringAsync(Cancellation)).GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("X-Request-Id is required");
            without.Headers.Contains("X-Request-Id").ShouldBeTrue("one is made for whoever asks about it");

            using var named = await SendAsync(client, path, ("X-Request-Id", "mine-7"));
            named.Headers.GetValues("X-Request-Id").ShouldBe(["mine-7"]);
            (await named.Content.ReadAsStringAsync(Cancellation)).ShouldNotContain("X-Request-Id is required", Case.Insensitive, path);
            using var bad = await SendAsync(client, path, ("X-Request-Id", new string('x', 129)));
            bad.StatusCode.ShouldBe(HttpStatusCode.BadRequest, path);

            // A browser that follows a link cannot set a header.
            using var page = await SendAsync(client, path, ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
            (await page.Content.ReadAsStringAsync(Cancellation)).ShouldNotContain("X-Request-Id is required", Case.Insensitive, path);
        }

        foreach (var path in new[] { "/purchases", "/api/health-check/", "/api/v1/store/", "/authors", "/api/v1/filmsets", "/health/live" })
        {
            using var elsewhere = await client.GetAsync(path, Cancellation);
            (await elsewhere.Content.ReadAsStringAsync(Cancellation)).ShouldNotContain("X-Request-Id", Case.Sensitive, path);
            elsewhere.Headers.GetValues("X-Request-Id").ShouldHaveSingleItem().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task C1_the_header_can_be_left_to_a_gateway()
    {
        await using var world = await ProgramWorld.StartAsync(change: settings => settings with { Web = new WebSettings { RequestIdRequired = false } });
        using var client = new HttpClient { BaseAddress = world.Addresses[0] };
        using var answer = await client.GetAsync("/auth/v1/roles/all", Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.GetValues("X-Request-Id").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task C33_an_address_has_so_many_requests_of_the_cinema_a_second_and_others_are_not_counted()
    {
        var clock = new StoppedClock();
        await using var world = await ProgramWorld.StartAsync(change: settings => settings with { Web = new WebSettings { CinemaRequestsPerSecond = 2, CinemaBurst = 3 } }, clock: clock);
        for (var k = 0; k < 3; k++)
        {
            (await world.GetAsync("/auth/v1/roles/all")).Status.ShouldBe(401);
        }

        var refused = await world.GetAsync("/recom/v1/general");
        refused.Status.ShouldBe(429);
        refused["type"].ShouldBe("/problems/too-many-requests");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await world.GetAsync("/purchases")).Status.ShouldBe(200, "the limit is the cinema's");
        clock.Advance(TimeSpan.FromMilliseconds(500));
        (await world.GetAsync("/auth/v1/roles/all")).Status.ShouldBe(401);
        (await world.GetAsync("/auth/v1/roles/all")).Status.ShouldBe(429);
    }

    [Fact]
    public async Task C33_the_limit_is_on_in_production_and_off_in_development()
    {
        foreach (var (environment, most) in new[] { ("production", 100), ("development", 130) })
        {
            var clock = new StoppedClock();
            await using var world = await ProgramWorld.StartAsync(change: settings => settings with { Environment = environment }, clock: clock);
            var passed = 0;
            for (var k = 0; k < 130; k++)
            {
                passed += (await world.GetAsync("/auth/v1/roles/all")).Status == 401 ? 1 : 0;
            }

            passed.ShouldBe(most, environment);
        }
    }

    [Fact]
    public void C33_what_is_kept_of_addresses_is_bounded_and_an_ipv6_network_is_one()
    {
        var clock = new StoppedClock();
        var shares = new AddressShares(1, 2, clock);
        for (var k = 0; k < AddressShares.Most; k++)
        {
            shares.Take(new IPAddress([10, (byte)(k >> 16), (byte)(k >> 8), (byte)k])).ShouldBeNull();
        }

        // The rest share one place, which is used up soon; who is known is not held up by them.
        shares.Take(IPAddress.Parse("192.0.2.1")).ShouldBeNull();
        shares.Take(IPAddress.Parse("192.0.2.2")).ShouldBeNull();
        shares.Take(IPAddress.Parse("192.0.2.3")).ShouldNotBeNull();
        shares.Take(new IPAddress([10, 0, 0, 1])).ShouldBeNull();
        shares.Count.ShouldBe(AddressShares.Most + 1);
        clock.Advance(TimeSpan.FromSeconds(10));
        shares.Take(IPAddress.Parse("192.0.2.3")).ShouldBeNull();
        shares.Count.ShouldBe(1, "whoever is past their share is forgotten when room is wanted");

        shares.Take(IPAddress.Parse("2001:db8::1")).ShouldBeNull();
        shares.Take(IPAddress.Parse("2001:db8::2")).ShouldBeNull();
        shares.Take(IPAddress.Parse("2001:db8::3")).ShouldNotBeNull("one household");
        shares.Take(IPAddress.Parse("2001:db8:0:1::1")).ShouldBeNull();
        shares.Take(IPAddress.Parse("::ffff:192.0.2.3")).ShouldBeNull();
        shares.Take(IPAddress.Parse("192.0.2.3")).ShouldNotBeNull("the same address, written otherwise");
    }

    [Fact]
    public async Task Each_service_of_the_cinema_describes_its_own_routes_on_a_page_that_loads_nothing_from_elsewhere()
    {
        await using var world = await ProgramWorld.StartAsync();
        using var client = new HttpClient { BaseAddress = world.Addresses[0] };
        foreach (var (service, prefix) in new[] { ("auth", "/auth/"), ("recom", "/recom/"), ("social", "/social/"), ("ws", "/ws/"), ("api", "/api/v1/") })
        {
            var document = JsonElement.Parse(await client.GetStringAsync($"/{service}/openapi.json", Cancellation));
            var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToArray();
            paths.ShouldAllBe(path => path.StartsWith(prefix, StringComparison.Ordinal));
            paths.ShouldAllBe(path => prefix != "/api/v1/" || path.StartsWith("/api/v1/films", StringComparison.Ordinal) || path.StartsWith("/api/v1/genres", StringComparison.Ordinal) || path.StartsWith("/api/v1/persons", StringComparison.Ordinal));
            if (service == "auth")
            {
                paths.ShouldContain("/auth/v1/register");
                document.GetRawText().ShouldContain("X-Request-Id");
            }

            var page = await client.GetStringAsync($"/{service}/openapi", Cancellation);
            page.ShouldContain("swagger-ui");
            page.ShouldNotContain("http");
            (await client.GetStringAsync($"/{service}/openapi/index.js", Cancellation)).ShouldContain($"/{service}/openapi.json");
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return await client.SendAsync(request, Cancellation);
    }

    // Real in everything but the stamps that limits are counted by.
    private sealed class StoppedClock : TimeProvider
    {
        private long _stamp = 1;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Volatile.Read(ref _stamp);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _stamp, (long)time.TotalMicroseconds);
    }
}
