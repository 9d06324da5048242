using System.Diagnostics;
using Kindred.Catalog;
using Kindred.Service.Tests.Accounts;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.VendorShop;

/// <summary>Rates of a service that answers, fails, hangs and lies.</summary>
public sealed class RateServiceTests : IAsyncLifetime
{
    private const string Products = "/api/v1/store/products/";

    private RateServer _server = null!;
    private AccountsWorld _world = null!;
    private string _anna = "";

    public async ValueTask InitializeAsync()
    {
        _server = await RateServer.StartAsync();
        _world = await StartAsync(shop: new ShopOptions { RatesUrl = _server.Address, RatesKey = "k&y", RatesTimeout = TimeSpan.FromMilliseconds(500) });
        await _world.PostAsync("/api/v1/auth/register/", new { first_name = "Anna", last_name = "K", email = "anna@example.org", password = Password });
        _anna = (await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org", password = Password }))["access"]!;
        (await _world.PostAsync(Products, new { name = "Tea", description = "", price = 10, quantity = 1, category = "drinks" }, _anna)).Status.ShouldBe(201);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task D13_Codes_are_asked_for_once_in_24_hours_and_a_rate_once_in_6()
    {
        await RenewAsync();
        _server.Asked.ShouldBeEmpty("dollars ask nobody");
        for (var k = 0; k < 5; k++)
        {
            (await PriceAsync("eur")).ShouldBe("5.00");
        }

        _server.Asked.ShouldBe(["/v1/currencies?apikey=k%26y", "/v1/latest?apikey=k%26y&base_currency=USD&currencies=EUR"]);
        _server.Latest = RateServer.Say("""{"data":{"EUR":0.6}}""");
        await PassAsync(TimeSpan.FromHours(6) - TimeSpan.FromMinutes(1));
        (await PriceAsync("EUR")).ShouldBe("5.00");
        await PassAsync(TimeSpan.FromMinutes(2));
        (await PriceAsync("EUR")).ShouldBe("6.00");
        (_server.Count("latest"), _server.Count("currencies")).ShouldBe((2, 1));
        await PassAsync(TimeSpan.FromHours(18));
        (await PriceAsync("EUR")).ShouldBe("6.00");
        (_server.Count("latest"), _server.Count("currencies")).ShouldBe((3, 2));
    }

    [Fact]
    public async Task D13_Many_who_ask_at_once_are_one_call()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Latest = async context =>
        {
            await open.Task;
            await RateServer.Say("""{"data":{"EUR":0.5}}""")(context);
        };
        (await _world.GetAsync(Products + "?currency=XXX", _anna)).Status.ShouldBe(400);
        var asking = Enumerable.Range(0, 32).Select(_ => PriceAsync("EUR")).ToArray();
        for (var k = 0; k < 200 && _server.Count("latest") == 0; k++)
        {
            await Task.Delay(1);
        }

        await Task.Delay(50);
        open.SetResult();
        (await Task.WhenAll(asking)).ShouldAllBe(price => price == "5.00");
        (_server.Count("latest"), _server.Count("currencies")).ShouldBe((1, 1));
    }

    [Fact]
    public async Task D13_The_rate_known_last_goes_on_while_the_service_fails_and_no_failure_is_taken_for_truth()
    {
        (await PriceAsync("EUR")).ShouldBe("5.00");
        _server.Latest = _server.Currencies = RateServer.Say("no", 500);
        await PassAsync(TimeSpan.FromDays(30));
        (await PriceAsync("EUR")).ShouldBe("5.00", "a month old, and the last known");
        (await PriceAsync("EUR")).ShouldBe("5.00");
        (_server.Count("latest"), _server.Count("currencies")).ShouldBe((2, 2), "a service that failed is left alone for a while");
        var never = await _world.GetAsync(Products + "1/?currency=GBP", _anna);
        (never.Status, never["type"]).ShouldBe((503, "server_error"), "no rate was ever known, which is not a rate of 1 and no invalid code");
        (await _world.GetAsync(Products + "1/?currency=JPY", _anna)).Status.ShouldBe(400, "the codes known last are the service's");

        _server.Latest = RateServer.Say("""{"data":{"EUR":0.7,"GBP":0.8}}""");
        await PassAsync(TimeSpan.FromSeconds(31));
        (await PriceAsync("EUR")).ShouldBe("7.00");
        (await PriceAsync("GBP")).ShouldBe("8.00");
    }

    [Fact]
    public async Task D13_Without_any_answer_yet_the_33_codes_count_and_rates_are_503()
    {
        _server.Latest = _server.Currencies = RateServer.Hang;
        var watch = Stopwatch.StartNew();
        var refused = await _world.GetAsync(Products + "1/?currency=ZAR", _anna);
        refused.Status.ShouldBe(503);
        refused.Headers.RetryAfter!.ToString().ShouldBe("30");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10), "two calls of half a second, on a busy machine");
        watch.Restart();
        (await _world.GetAsync(Products + "1/?currency=ZAR", _anna)).Status.ShouldBe(503);
        var unknown = await _world.GetAsync(Products + "1/?currency=XXX", _anna);
        (unknown.Status, unknown["detail"]!.Contains("ZAR", StringComparison.Ordinal)).ShouldBe((400, true));
        _server.Asked.Count.ShouldBe(2, "nobody waits for it a second time");
        (await _world.ScalarAsync<long>("select views_count from products")).ShouldBe(0);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":{"EUR":"0.5"}}""")]
    [InlineData("""{"data":{"EUR":0}}""")]
    [InlineData("""{"data":{"EUR":-1}}""")]
    [InlineData("""{"data":{"EUR":1e999}}""")]
    [InlineData("""{"data":{"EUR":2000000000}}""")]
    public async Task D13_An_answer_that_is_no_rate_is_none(string answer)
    {
        _server.Latest = RateServer.Say(answer);
        (await _world.GetAsync(Products + "?currency=EUR", _anna)).Status.ShouldBe(503);
    }

    [Fact]
    public async Task D13_A_service_is_not_followed_elsewhere_and_not_read_for_ever()
    {
        _server.Latest = context =>
        {
            context.Response.Redirect("/v1/elsewhere");
            return Task.CompletedTask;
        };
        (await _world.GetAsync(Products + "?currency=EUR", _anna)).Status.ShouldBe(503);
        _server.Asked.ShouldNotContain(asked => asked.Contains("elsewhere", StringComparison.Ordinal));
        _server.Latest = RateServer.Say($$"""{"data":{"EUR":0.5},"more":"{{new string('x', 100_000)}}"}""");
        await PassAsync(TimeSpan.FromSeconds(31));
        (await _world.GetAsync(Products + "?currency=EUR", _anna)).Status.ShouldBe(503);
        _server.Latest = RateServer.Say("""{"data":{"EUR":0.5}}""");
        await PassAsync(TimeSpan.FromSeconds(31));
        (await PriceAsync("EUR")).ShouldBe("5.00");
    }

    [Fact]
    public async Task D13_A_cached_page_follows_a_new_rate()
    {
        (await ListedAsync("EUR")).ShouldBe("5.00");
        _server.Latest = RateServer.Say("""{"data":{"EUR":0.6}}""");
        await PassAsync(TimeSpan.FromHours(7));
        (await ListedAsync("EUR")).ShouldBe("6.00");
    }

    private async Task<string> PriceAsync(string currency) => (await _world.GetAsync($"{Products}1/?currency={currency}", _anna))["converted_price"]!;

    private async Task<string> ListedAsync(string currency) => (await _world.GetAsync($"{Products}?currency={currency}", _anna)).Body[0].GetProperty("converted_price").GetString()!;

    // Tokens end meanwhile.
    private async Task PassAsync(TimeSpan time)
    {
        _world.Clock.Advance(time);
        await RenewAsync();
    }

    private async Task RenewAsync()
    {
        _anna = (await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org", password = Password }))["access"]!;
        (await _world.GetAsync(Products + "1/?currency=USD", _anna)).Status.ShouldBe(200);
    }
}
