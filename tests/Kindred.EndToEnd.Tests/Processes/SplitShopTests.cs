using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>The shop and its recommender as two processes with nothing in common but HTTP.</summary>
public sealed class SplitShopTests
{
    private const string Secret = "a secret of two processes";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task D14_D15_products_and_views_reach_a_recommender_in_another_process_once_also_after_it_was_killed()
    {
        using var shopData = new TemporaryFolder();
        using var aiData = new TemporaryFolder();
        var aiKey = KindredServer.CreateKey(aiData.Path);
        var shopKey = KindredServer.CreateKey(shopData.Path);
        var ai = await StartAiAsync(aiData, aiKey, "http://127.0.0.1:0");
        try
        {
            var address = ai.Client.BaseAddress!;
            await using var shop = await KindredServer.StartAsync(
                shopData.Path, shopKey, ["--roles", "shop", "--set", $"systems.ai_url={address}", "--set", $"web.client_secret={Secret}", "--set", "messaging.away_retry=500ms"]);
            (await shop.Client.GetAsync("/purchases", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "that is the other process's");
            (await ai.Client.GetAsync("/api/v1/store/", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

            var anna = await VendorAsync(shop, "anna@example.org");
            var ben = await VendorAsync(shop, "ben@example.org");
            var tea = await ProductAsync(shop, anna, "Green tea");
            var mate = await ProductAsync(shop, anna, "Mate");
            foreach (var person in new[] { anna, ben })
            {
                await ViewAsync(shop, person, tea);
                await ViewAsync(shop, person, mate);
            }

            // What was viewed by the same people is recommended by the other process.
            await UntilAsync(async () => await TextAsync(ai, $"/ai/interaction-recommendations?product_id={tea}&category=drinks&format=ids") == $"[\"{mate}\"]");
            (await TextAsync(ai, $"/api/v1/collections/shop/items/{tea}")).ShouldContain("\"price\":4.5");

            // Killed, it misses nothing: the shop's messages wait, and the shop answers all the while.
            await ai.KillAsync();
            List<long> made = [];
            for (var k = 0; k < 20; k++)
            {
                made.Add(await ProductAsync(shop, anna, $"Tea {k}"));
                await ViewAsync(shop, ben, made[^1]);
            }

            await ai.DisposeAsync();
            ai = await StartAiAsync(aiData, aiKey, address.ToString().TrimEnd('/'));
            await UntilAsync(async () => (await ViewsAsync(ai)).Count >= 24 && (await ProductsAsync(ai)).Count >= 22);
            (await ProductsAsync(ai)).Order().ShouldBe(made.Append(tea).Append(mate).Order(), "every product, once");
            (await ViewsAsync(ai)).CountBy(product => product).OrderBy(pair => pair.Key).ShouldBe(
                made.Select(product => KeyValuePair.Create(product, 1)).Append(KeyValuePair.Create(tea, 2)).Append(KeyValuePair.Create(mate, 2)).OrderBy(pair => pair.Key), "every view, once");

            // A product that is gone, and an account that is gone with what it looked at.
            (await SendAsync(shop, HttpMethod.Delete, $"/api/v1/store/products/{mate}/", anna)).ShouldBe(HttpStatusCode.NoContent);
            await UntilAsync(async () => (await ai.Client.GetAsync($"/api/v1/collections/shop/items/{mate}", Cancellation)).StatusCode == HttpStatusCode.NotFound);
            (await shop.Client.DeleteAsync("/api/v1/users/2/", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
            await UntilAsync(async () => (await TextAsync(ai, "/api/v1/collections/shop/events?limit=100")).Split("\"type\"").Length - 1 == 2);
        }
        finally
        {
            await ai.DisposeAsync();
        }
    }

    [Fact]
    public async Task D14_a_message_the_recommender_refuses_is_parked_with_its_reason()
    {
        using var shopData = new TemporaryFolder();
        using var aiData = new TemporaryFolder();
        await using var ai = await StartAiAsync(aiData, KindredServer.CreateKey(aiData.Path), "http://127.0.0.1:0");
        await using var shop = await KindredServer.StartAsync(
            shopData.Path, KindredServer.CreateKey(shopData.Path),
            ["--roles", "shop", "--set", $"systems.ai_url={ai.Client.BaseAddress}", "--set", "web.client_secret=another", "--set", "messaging.retry_after=50ms"]);
        await ProductAsync(shop, await VendorAsync(shop, "anna@example.org"), "Green tea");
        await UntilAsync(() => Task.FromResult(Programs.Run(KindredServer.Executable, ["dlq", "list", "--json", "--data", shopData.Path]).Output is { } list
            && list.Contains("\"forward-products\"", StringComparison.Ordinal) && list.Contains("answered 401", StringComparison.Ordinal)));
    }

    [Fact]
    public void Roles_that_are_none_and_a_shop_without_its_recommender_are_refused()
    {
        using var data = new TemporaryFolder();
        var unknown = Programs.Run(KindredServer.Executable, ["serve", "--roles", "shoop,ai", "--data", data.Path]);
        unknown.ExitCode.ShouldBe(2);
        unknown.Error.ShouldContain("there is no role \"shoop\"");
        unknown.Error.ShouldContain("Did you mean \"shop\"?");
        var alone = Programs.Run(KindredServer.Executable, ["serve", "--roles", "shop", "--data", data.Path]);
        alone.ExitCode.ShouldBe(2);
        alone.Error.ShouldContain("systems.ai_url");
        var shown = Programs.Run(KindredServer.Executable, ["config", "show", "--data", data.Path, "--set", "systems.ai_url=http://127.0.0.1:1", "--set", $"web.client_secret={Secret}"]);
        shown.ExitCode.ShouldBe(0, shown.Error);
        shown.Output.ShouldContain("systems.ai_url");
        shown.Output.ShouldNotContain(Secret);
    }

    private static Task<KindredServer> StartAiAsync(TemporaryFolder data, string key, string urls) => KindredServer.StartAsync(
        data.Path, key, ["--roles", "ai", "--set", $"web.client_secret={Secret}", "--set", "shop_models.interactions_every=200ms"], urls: urls);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var k = 0; !await holds(); k++)
        {
            k.ShouldBeLessThan(300, "what was waited for did not come");
            await Task.Delay(200, Cancellation);
        }
    }

    private static async Task<string> VendorAsync(KindredServer shop, string email)
    {
        var person = new { first_name = "Anna", last_name = "K", email, password = "correct horse battery" };
        using var registered = await shop.Client.PostAsJsonAsync("/api/v1/auth/register/", person, Cancellation);
        registered.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var login = await shop.Client.PostAsJsonAsync("/api/v1/auth/login/", new { email, person.password }, Cancellation);
        return (await login.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("access").GetString()!;
    }

    private static async Task<long> ProductAsync(KindredServer shop, string vendor, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/store/products/") { Content = JsonContent.Create(new { name, description = "", price = "4.50", quantity = 3, category = "drinks" }) };
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", vendor);
        using var answer = await shop.Client.SendAsync(request, Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetInt64();
    }

    private static async Task ViewAsync(KindredServer shop, string person, long product) =>
        (await SendAsync(shop, HttpMethod.Get, $"/api/v1/store/products/{product}/", person)).ShouldBe(HttpStatusCode.OK);

    private static async Task<HttpStatusCode> SendAsync(KindredServer shop, HttpMethod method, string path, string person)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", person);
        using var answer = await shop.Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    private static async Task<string> TextAsync(KindredServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Client-Header-Secret", Secret);
        using var answer = await server.Client.SendAsync(request, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<List<long>> ProductsAsync(KindredServer ai) => Ids(await TextAsync(ai, "/ai/products"), "products");

    private static async Task<List<long>> ViewsAsync(KindredServer ai) => Ids(await TextAsync(ai, "/ai/interactions"), "interactions");

    private static List<long> Ids(string text, string member) =>
        JsonElement.Parse(text).TryGetProperty(member, out var list) ? [.. list.EnumerateArray().Select(one => long.Parse(one.GetProperty("product_id").GetString()!, System.Globalization.CultureInfo.InvariantCulture))] : [];
}
