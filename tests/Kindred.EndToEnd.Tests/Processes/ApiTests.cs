using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>The program's whole API over HTTP, and its description.</summary>
public sealed class ApiTests(TrainedShop shop)
{
    private const string Collection = TrainedShop.Collection;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    [Fact]
    public async Task The_description_in_the_repository_is_the_programs()
    {
        var path = Path.Combine(Repository.Root, "docs", "openapi.json");
        var described = JsonNode.Parse(await shop.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.ToJsonString(s_indented) + "\n";
        if (Environment.GetEnvironmentVariable("KINDRED_WRITE_OPENAPI") is not null)
        {
            await File.WriteAllTextAsync(path, described, TestContext.Current.CancellationToken);
        }

        described.ShouldBe(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), "KINDRED_WRITE_OPENAPI=1 ./test --quick writes docs/openapi.json anew");
    }

    [Fact]
    public async Task Every_described_route_refuses_a_stranger_unless_it_says_it_is_open()
    {
        using var stranger = new HttpClient { BaseAddress = shop.Client.BaseAddress };
        using var weak = new HttpClient { BaseAddress = shop.Client.BaseAddress };
        stranger.DefaultRequestHeaders.Add("X-Request-Id", "a-walk");
        weak.DefaultRequestHeaders.Add("X-Request-Id", "a-walk");
        weak.DefaultRequestHeaders.Authorization = new("Bearer", Key("items:read"));
        var walked = 0;
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            var filled = path.Replace("{collection}", "shop", StringComparison.Ordinal).Replace("{id}", "none", StringComparison.Ordinal).Replace("{item}", "none", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(method), filled);
            using var answer = await stranger.SendAsync(request, TestContext.Current.CancellationToken);
            var open = operation.TryGetProperty("security", out var security) && security.GetArrayLength() == 0;
            if (!open)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
                new[] { "/api/", "/auth/v1/", "/logout", "/whoami", "/purchases", "/recommendations", "/products", "/interaction", "/category-recommendations", "/ai/", "/social/", "/recom/", "/ws/", "/v1/", "/rec_", "/filmes", "/usuarios", "/avaliacoes", "/ratings" }.ShouldContain(start => path.StartsWith(start, StringComparison.Ordinal), $"{method} {path} is guarded by a rule nobody expects there");
            }

            if (operation.TryGetProperty("description", out var text) && !open && text.GetString()!.Contains("Scope `", StringComparison.Ordinal) && !text.GetString()!.Contains("`items:read`", StringComparison.Ordinal))
            {
                using var again = new HttpRequestMessage(new HttpMethod(method), filled);
                using var refused = await weak.SendAsync(again, TestContext.Current.CancellationToken);
                refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path} with a key that reads items only");
            }

            walked++;
        }

        walked.ShouldBeGreaterThan(25);
    }

    [Fact]
    public async Task Every_described_operation_names_its_parameters_and_answers()
    {
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            var named = operation.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateArray().Where(one => one.GetProperty("in").GetString() is "path").Select(one => one.GetProperty("name").GetString()!).Order(StringComparer.Ordinal).ToArray()
                : [];
            named.ShouldBe([.. path.Split('/', '.', ':').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}')).Order(StringComparer.Ordinal)], $"{method} {path}");
            operation.GetProperty("responses").EnumerateObject().ShouldContain(answer => answer.Name[0] == '2' || answer.Name[0] == '3', $"{method} {path}");
        }
    }

    [Fact]
    public async Task A_run_asked_for_over_HTTP_trains_in_its_own_process_and_its_model_answers()
    {
        shop.Run.GetProperty("state").GetString().ShouldBe("succeeded", shop.Run.GetRawText());
        shop.Run.GetProperty("progress").GetDouble().ShouldBe(1);
        var list = await shop.GetAsync($"{Collection}/users/u3/recommendations?n=10");
        list.GetProperty("source").GetString().ShouldBe("personal");
        list.GetProperty("model").GetProperty("run").GetString().ShouldBe(shop.Run.GetProperty("id").GetString());
        TrainedShop.Items(list).Length.ShouldBe(10);
        TrainedShop.Items(list).Count(item => int.Parse(item[1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 1).ShouldBeGreaterThanOrEqualTo(8, "u3 likes the odd ones");
        var live = await shop.GetAsync($"{Collection}/models");
        live.GetRawText().ShouldContain(shop.Run.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task Filters_and_categories_are_kept_by_every_list()
    {
        foreach (var path in new[] { "users/u4/recommendations", "users/stranger/recommendations", "items/p8/similar", "items/p8/bought-together", "popular", "trending", "latest" })
        {
            var list = await shop.GetAsync($"{Collection}/{path}?n=6&category=tools&filter={Uri.EscapeDataString("price < 20")}");
            foreach (var slot in list.GetProperty("data").EnumerateArray())
            {
                slot.GetProperty("categories")[0].GetString().ShouldBe("tools", path);
                (1 + (int.Parse(slot.GetProperty("item").GetString()![1..], System.Globalization.CultureInfo.InvariantCulture) % 30)).ShouldBeLessThan(20, path);
            }

            if (!path.StartsWith("items/", StringComparison.Ordinal))
            {
                list.GetProperty("data").GetArrayLength().ShouldBe(6, path);
            }
        }
    }

    [Fact]
    public async Task An_item_first_seen_in_an_event_is_in_the_very_next_list()
    {
        const string films = "/api/v1/collections/films";
        for (var k = 0; k < 5; k++)
        {
            using var sent = await shop.Client.PostAsJsonAsync($"{films}/events", new { user = $"v{k}", item = $"new{k}", type = "rating", value = 9 }, TestContext.Current.CancellationToken);
            sent.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            TrainedShop.Items(await shop.GetAsync($"{films}/popular?n=10")).ShouldContain($"new{k}");
        }
    }

    [Theory]
    [InlineData("users/u1/recommendations?n=0", "n")]
    [InlineData("users/u1/recommendations?n=ten", "n")]
    [InlineData("users/u1/recommendations?exclude_seen=maybe", "exclude_seen")]
    [InlineData("popular?filter=price%20%3C", "filter")]
    [InlineData("popular?filter=colour%20%3D%20%22red%22%20and", "filter")]
    public async Task A_bad_query_names_its_parameter(string path, string parameter)
    {
        using var answer = await shop.Client.GetAsync(new Uri($"{Collection}/{path}", UriKind.Relative), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        problem.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe(parameter);
        using var page = await shop.Client.GetAsync(new Uri(problem.GetProperty("type").GetString()!, UriKind.Relative), TestContext.Current.CancellationToken);
        page.StatusCode.ShouldBe(HttpStatusCode.OK, "the type's address answers");
    }

    [Fact]
    public async Task A_session_is_answered_like_the_user_who_did_the_same_and_nothing_is_stored()
    {
        var history = (await shop.GetAsync($"{Collection}/users/u5/events?limit=100")).GetProperty("data").EnumerateArray()
            .Select(one => new { item = one.GetProperty("item").GetString(), type = "purchase", value = 1 }).ToArray();
        using var asked = await shop.Client.PostAsJsonAsync($"{Collection}/recommendations", new { history }, TestContext.Current.CancellationToken);
        asked.StatusCode.ShouldBe(HttpStatusCode.OK, await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var session = JsonElement.Parse(await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        TrainedShop.Items(session).ShouldBe(TrainedShop.Items(await shop.GetAsync($"{Collection}/users/u5/recommendations?n=10")));
        var receipt = await shop.GetAsync($"{Collection}/receipts/{session.GetProperty("receipt").GetString()}");
        TrainedShop.Items(receipt).ShouldBe(TrainedShop.Items(session));
    }

    [Fact]
    public async Task Why_and_why_not_tell_what_was_done_and_what_was_not()
    {
        var list = await shop.GetAsync($"{Collection}/users/u6/recommendations?n=5");
        var why = await shop.GetAsync($"{Collection}/users/u6/why/{TrainedShop.Items(list)[0]}");
        why.GetProperty("rank").GetInt32().ShouldBe(1);
        why.GetProperty("evidence").GetArrayLength().ShouldBeGreaterThan(0);
        var seen = (await shop.GetAsync($"{Collection}/users/u6/events?limit=1")).GetProperty("data")[0].GetProperty("item").GetString();
        (await shop.GetAsync($"{Collection}/users/u6/why-not/{seen}")).GetProperty("stage").GetString().ShouldBe("seen");
        using var missing = await shop.Client.GetAsync(new Uri($"{Collection}/users/u6/why/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_command_line_answers_as_the_routes_do()
    {
        var list = await shop.GetAsync($"{Collection}/users/u7/recommendations?n=5");
        var ran = Cli("recommend", "u7", "-c", "shop", "-n", "5", "--json");
        ran.ExitCode.ShouldBe(0, ran.Error);
        TrainedShop.Items(JsonElement.Parse(ran.Output)).ShouldBe(TrainedShop.Items(list), ran.Error);
        var similar = Cli("similar", "p8", "-c", "shop", "-n", "5", "--json");
        TrainedShop.Items(JsonElement.Parse(similar.Output)).ShouldBe(TrainedShop.Items(await shop.GetAsync($"{Collection}/items/p8/similar?n=5")));
        var why = Cli("why", "u7", TrainedShop.Items(list)[0], "-c", "shop");
        why.ExitCode.ShouldBe(0, why.Error);
        why.Output.ShouldContain("Product ");
        Cli("similar", "nothing", "-c", "shop").ExitCode.ShouldBe(3);
        Cli("why", "u7", "nothing", "-c", "shop").ExitCode.ShouldBe(3);
        Cli("recommend", "u7", "-c", "shop", "--filter", "price <").ExitCode.ShouldBe(2);
        Cli("keys", "list", "--json").Output.ShouldContain("test");
    }

    private string Key(string scope)
    {
        var made = Cli("keys", "create", "--name", "weak", "--scope", scope, "--quiet");
        made.ExitCode.ShouldBe(0, made.Error);
        return made.Output.Trim();
    }

    private Ran Cli(params string[] arguments) => Programs.Run(KindredServer.Executable, [.. arguments, "--data", shop.Data]);

    private async Task<List<(string Path, string Method, JsonElement Operation)>> OperationsAsync()
    {
        var document = await shop.GetAsync("/openapi/v1.json");
        return [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, operation.Name.ToUpperInvariant(), operation.Value)))];
    }
}
