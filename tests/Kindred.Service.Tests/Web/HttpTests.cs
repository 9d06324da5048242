using Shouldly;
using Xunit;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Kindred.Platform.Web;
using static Kindred.Service.Tests.Web.WebWorld;

namespace Kindred.Service.Tests.Web;

public sealed class HttpTests : IAsyncLifetime
{
    private WebWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Every_route_says_who_may_call_it()
    {
        _world.Endpoints.Count.ShouldBeGreaterThan(10);
        _world.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>() is null).Select(endpoint => endpoint.DisplayName).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("\"text\"")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"rating\",\"value\":\"5\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"rating\",\"value\":1e999}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"rating\",\"value\":NaN}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"rating\",\"value\":-1}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"rating\",\"value\":11}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"rating\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"Purchase\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\"}")]
    [InlineData("{\"user\":\"\",\"item\":\"i\",\"type\":\"purchase\"}")]
    [InlineData("{\"user\":\"a\\u0000b\",\"item\":\"i\",\"type\":\"purchase\"}")]
    [InlineData("{\"user\":\"\\ud800\",\"item\":\"i\",\"type\":\"purchase\"}")]
    [InlineData("{\"user\":\"u\",\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\",\"extra\":1}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\",\"at\":\"2026-01-01T00:00:00\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\",\"at\":\"2026-12-31T23:59:60Z\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\",\"at\":\"0001-01-01T00:00:00Z\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\",\"at\":\"9999-01-01T00:00:00Z\"}")]
    [InlineData("{\"user\":\"u\",\"item\":\"i\",\"type\":\"purchase\"} {}")]
    public async Task Hostile_events_are_refused_and_nothing_is_stored(string json)
    {
        var (status, problem) = await _world.SendAsync("POST", Shop + "/events", json);
        status.ShouldBe(400);
        problem.GetProperty("type").GetString().ShouldBe("/problems/invalid-request");
        problem.GetProperty("errors").GetArrayLength().ShouldBeGreaterThan(0);
        (await _world.CountAsync("/events")).ShouldBe(0);
        (await _world.CountAsync("/users")).ShouldBe(0);
    }

    [Theory]
    [InlineData("PUT", "/items/i", "{\"title\":1}", "/title")]
    [InlineData("PUT", "/items/i", "{\"title\":\"a\",\"title\":\"b\"}", null)]
    [InlineData("PUT", "/items/i", "{\"titel\":\"a\"}", null)]
    [InlineData("PUT", "/items/i", "{\"timestamp\":\"2026-01-01T00:00:00\"}", "/timestamp")]
    [InlineData("PUT", "/items/i", "{\"attributes\":{\"price\":1e999}}", null)]
    [InlineData("PUT", "/items/i", "{\"categories\":[\"\"]}", "/categories/0")]
    [InlineData("PUT", "/items/i", "[", null)]
    [InlineData("PATCH", "/items/i", "[]", null)]
    [InlineData("POST", "/items:batch", "{}", null)]
    [InlineData("POST", "/items:batch", "[]", null)]
    [InlineData("PUT", "/users/u", "{\"nobody\":1}", null)]
    [InlineData("PATCH", "/users/u", "[]", null)]
    [InlineData("POST", "/users:batch", "{}", null)]
    public async Task Invalid_bodies_are_refused_by_every_route_that_takes_one(string method, string path, string json, string? pointer)
    {
        var (status, problem) = await _world.SendAsync(method, Shop + path, json);
        status.ShouldBe(400, problem.ToString());
        problem.GetProperty("request_id").GetString().ShouldNotBeNullOrEmpty();
        if (pointer is not null)
        {
            problem.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe(pointer);
        }

        (await _world.CountAsync("/items")).ShouldBe(0);
        (await _world.CountAsync("/users")).ShouldBe(0);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a b?c#d")]
    [InlineData("é")]
    [InlineData("e\u0301")]
    [InlineData("İı")]
    [InlineData("\U0001F469\u200D\U0001F52C")]
    [InlineData("'; drop table items; --")]
    [InlineData("null")]
    [InlineData("a\nb")]
    [InlineData("a+b")]
    [InlineData("...")]
    public async Task Ids_come_back_byte_for_byte(string id)
    {
        var path = $"{Shop}/items/{Uri.EscapeDataString(id)}";
        (await _world.SendAsync("PUT", path, "{\"title\":\"t\"}")).Status.ShouldBe(200);
        var (status, item) = await _world.SendAsync("GET", path);
        status.ShouldBe(200);
        item.GetProperty("id").GetString().ShouldBe(id);
        (await _world.SendAsync("GET", Shop + "/items")).Body.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe(id);
    }

    [Fact]
    public async Task A_slash_and_its_escape_are_two_ids()
    {
        await _world.SendAsync("PUT", Shop + "/items/a%2Fb", "{\"title\":\"slash\"}");
        await _world.SendAsync("PUT", Shop + "/items/a%252Fb", "{\"title\":\"escape\"}");
        (await _world.CountAsync("/items")).ShouldBe(2);
        (await _world.SendAsync("GET", Shop + "/items/a%2Fb")).Body.GetProperty("title").GetString().ShouldBe("slash");
    }

    [Fact]
    public async Task A_batch_stores_the_good_rows_and_names_the_bad_ones()
    {
        var (status, answer) = await _world.SendAsync(
            "POST", Shop + "/events",
            """[{"id":"1","user":"u","item":"i","type":"purchase"},{"user":"u","item":"i","type":"nothing"},{"id":"3","user":"u","item":"j","type":"purchase"}]""");
        status.ShouldBe(202);
        answer.GetProperty("accepted").GetInt32().ShouldBe(2);
        answer.GetProperty("rejected")[0].GetProperty("index").GetInt32().ShouldBe(1);
        (await _world.CountAsync("/events")).ShouldBe(2);
    }

    [Fact]
    public async Task The_same_event_counts_once_and_other_content_is_a_conflict()
    {
        const string sent = """{"id":"e","user":"u","item":"i","type":"purchase","at":"2026-01-01T00:00:00.123456+02:00"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _world.SendAsync("POST", Shop + "/events", sent)));
        answers.Sum(answer => answer.Body.GetProperty("accepted").GetInt32()).ShouldBe(1);
        answers.Sum(answer => answer.Body.GetProperty("duplicates").GetInt32()).ShouldBe(49);
        var (status, problem) = await _world.SendAsync("POST", Shop + "/events", sent.Replace("\"i\"", "\"other\"", StringComparison.Ordinal));
        status.ShouldBe(409);
        problem.GetProperty("type").GetString().ShouldBe("/problems/conflict");
        var stored = (await _world.SendAsync("GET", Shop + "/users/u/events")).Body.GetProperty("data")[0];
        stored.GetProperty("at").GetDateTimeOffset().ShouldBe(DateTimeOffset.Parse("2025-12-31T22:00:00.123456Z", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Forgetting_a_user_leaves_nothing()
    {
        await _world.SendAsync("POST", Shop + "/events", """{"user":"u","item":"i","type":"purchase"}""");
        (await _world.SendAsync("DELETE", Shop + "/users/u")).Status.ShouldBe(204);
        (await _world.SendAsync("GET", Shop + "/users/u")).Status.ShouldBe(404);
        (await _world.CountAsync("/events")).ShouldBe(0);
    }

    [Fact]
    public async Task Pages_follow_their_cursor_and_a_changed_cursor_is_refused()
    {
        foreach (var id in "abcde")
        {
            await _world.SendAsync("PUT", $"{Shop}/items/{id}", "{}");
        }

        List<string> seen = [];
        string? cursor = null;
        do
        {
            var (_, page) = await _world.SendAsync("GET", $"{Shop}/items?limit=2{(cursor is null ? "" : "&cursor=" + cursor)}");
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        seen.ShouldBe(["a", "b", "c", "d", "e"]);
        foreach (var (query, field) in new[] { ("cursor=AAAA", "cursor"), ("cursor=%00", "cursor"), ("limit=0", "limit"), ("limit=1001", "limit") })
        {
            var (status, problem) = await _world.SendAsync("GET", $"{Shop}/items?{query}");
            status.ShouldBe(400);
            problem.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe(field);
        }
    }

    [Fact]
    public async Task A_patch_replaces_what_it_names_and_null_removes()
    {
        await _world.SendAsync("PUT", Shop + "/items/i", """{"title":"t","attributes":{"price":1,"colour":"red"}}""");
        var (status, item) = await _world.SendAsync("PATCH", Shop + "/items/i", """{"title":null,"attributes":{"price":2,"colour":null}}""");
        status.ShouldBe(200);
        (item.TryGetProperty("title", out var title) && title.ValueKind != JsonValueKind.Null).ShouldBeFalse();
        item.GetProperty("attributes").ToString().ShouldBe("{\"price\":2}");
    }

    [Theory]
    [InlineData("GET", "/nowhere", null, "application/json", 404)]
    [InlineData("GET", "/api/v1/collections/none/items", null, "application/json", 404)]
    [InlineData("GET", Shop + "/items/none", null, "application/json", 404)]
    [InlineData("POST", Shop + "/items/i", "{}", "application/json", 405)]
    [InlineData("POST", Shop + "/events", "{}", "text/plain", 415)]
    [InlineData("PUT", Shop + "/items/i", "{}", "text/plain", 415)]
    public async Task Refusals_are_problems(string method, string path, string? json, string type, int expected)
    {
        var (status, problem) = await _world.SendAsync(method, path, json, type);
        status.ShouldBe(expected);
        problem.GetProperty("status").GetInt32().ShouldBe(expected);
    }

    [Fact]
    public async Task Keys_are_held_to_their_scope_and_collection_and_end_when_revoked()
    {
        var (key, secret) = await _world.Keys.CreateAsync("reader", [Scopes.ItemsRead], ["shop"], expiresAt: null, CancellationToken.None);
        _world.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        (await _world.SendAsync("GET", Shop + "/items")).Status.ShouldBe(200);
        (await _world.SendAsync("PUT", Shop + "/items/i", "{}")).Status.ShouldBe(403);
        (await _world.SendAsync("GET", "/api/v1/collections/films/items")).Status.ShouldBe(404);
        await _world.Keys.RevokeAsync(key.Id, CancellationToken.None);
        (await _world.SendAsync("GET", Shop + "/items")).Status.ShouldBe(401);
        _world.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret[..^1] + (secret[^1] == 'A' ? 'B' : 'A'));
        (await _world.SendAsync("GET", Shop + "/items")).Status.ShouldBe(401);
        _world.Client.DefaultRequestHeaders.Authorization = null;
        (await _world.SendAsync("GET", Shop + "/items")).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/health/ready", HttpStatusCode.OK)]
    public async Task Answers_carry_their_id_and_the_headers_that_guard(string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Request-Id", "mine-1");
        using var response = await _world.Client.SendAsync(request);
        response.StatusCode.ShouldBe(expected);
        response.Headers.GetValues("X-Request-Id").ShouldBe(["mine-1"]);
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
    }

    [Fact]
    public async Task A_body_above_the_limit_is_too_large()
    {
        var (status, _) = await _world.SendAsync("PUT", Shop + "/items/i", "{\"title\":\"" + new string('x', 2_000_000) + "\"}");
        status.ShouldBe(413);
    }

    [Fact]
    public async Task The_description_names_every_route()
    {
        var (status, document) = await _world.SendAsync("GET", "/openapi/v1.json");
        status.ShouldBe(200);
        document.GetProperty("openapi").GetString()!.ShouldStartWith("3.1");
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        foreach (var path in new[] { "/events", "/items", "/items/{id}", "/items:batch", "/users", "/users/{id}", "/users/{id}/events", "/users:batch" })
        {
            paths.ShouldContain("/api/v1/collections/{collection}" + path);
        }
    }

    [Fact]
    public async Task Broken_JSON_is_a_bad_request_in_development_too()
    {
        await using var development = await StartAsync("Development");
        (await development.SendAsync("PUT", Shop + "/items/i", "{")).Status.ShouldBe(400);
    }
}
