using System.Text.Json;
using Kindred.Catalog.Shop.Currency;
using Kindred.Service.Tests.Accounts;

namespace Kindred.Service.Tests.VendorShop;

/// <summary>Prices in other currencies, by the table of the settings.</summary>
public abstract partial class ShopContract
{
    [Theory]
    [InlineData("0.20", "0.18")] // 0.185: to the even cent
    [InlineData("0.60", "0.56")] // 0.555
    [InlineData("12.34", "11.41")]
    [InlineData("99999999.99", "92499999.99")]
    [InlineData("0", "0.00")]
    public async Task D13_A_converted_price_has_two_decimals_half_to_even(string price, string euros)
    {
        var anna = await VendorAsync("anna@example.org");
        var made = await _world.PostAsync(Products + "?currency=EUR", Product("Tea").Append(new("x", 1)).ToDictionary(pair => pair.Key, pair => pair.Key == "price" ? price : pair.Value, StringComparer.Ordinal), anna);
        (made.Status, made["converted_price"]).ShouldBe((201, euros));
    }

    [Fact]
    public async Task D13_Every_product_route_converts_in_any_case_and_dollars_are_the_price()
    {
        var anna = await VendorAsync("anna@example.org");
        var id = await AddAsync(anna, "Tea");
        (await _world.GetAsync(Products + id + "/?currency=eur", anna))["converted_price"].ShouldBe("11.41");
        (await _world.GetAsync(Products + id + "/?currency=JPY", anna))["converted_price"].ShouldBe("1843.44");
        (await _world.GetAsync(Products + id + "/?currency=usd", anna))["converted_price"].ShouldBe("12.34");
        (await _world.GetAsync(Products + "?currency=Eur", anna)).Body[0].GetProperty("converted_price").GetString().ShouldBe("11.41");
        (await _world.GetAsync(Products, anna)).Body[0].GetProperty("converted_price").GetString().ShouldBe("12.34");
        (await _world.GetAsync(Popular + "?page=1&currency=JPY", anna)).Body.GetProperty("results")[0].GetProperty("converted_price").GetString().ShouldBe("1843.44");
        (await _world.SendAsync(HttpMethod.Patch, Products + id + "/?currency=EUR", new { price = 1 }, anna))["converted_price"].ShouldBe("0.92");
        (await _world.SendAsync(HttpMethod.Put, Products + id + "/?currency=EUR", Product("x"), anna))["converted_price"].ShouldBe("11.41");
    }

    [Fact]
    public async Task D13_An_unknown_code_is_400_with_the_33_codes_and_one_without_a_rate_503()
    {
        var anna = await VendorAsync("anna@example.org");
        var id = await AddAsync(anna, "Tea");
        foreach (var code in new[] { "XXX", "", "EU", "EURO", "%20EUR", "1", "EUR&currency=EUR", "%C4%B1LS", "E%00R", "null" })
        {
            foreach (var path in new[] { Products, Popular, Products + id + "/" })
            {
                var refused = await _world.GetAsync($"{path}?currency={code}", anna);
                (refused.Status, Faults(refused)[0]).ShouldBe((400, "invalid "), code);
                refused.Body.GetProperty("errors")[0].GetProperty("attr").ValueKind.ShouldBe(JsonValueKind.Null);
                refused["detail"]!.Split(" are ")[1].TrimEnd('.').Split(' ').ShouldBe(Rates.Supported);
            }
        }

        Rates.Supported.Distinct(StringComparer.Ordinal).Count().ShouldBe(33);
        (await _world.PostAsync(Products + "?currency=XXX", Product("x"), anna)).Status.ShouldBe(400);
        var unrated = await _world.GetAsync(Products + id + "/?currency=GBP", anna);
        (unrated.Status, unrated["type"]).ShouldBe((503, "server_error"));
        unrated["detail"]!.ShouldContain("shop.rates");
        unrated.Headers.RetryAfter.ShouldNotBeNull();
        (await _world.PostAsync(Products + "?currency=GBP", Product("x"), anna)).Status.ShouldBe(503);
        (await _world.ScalarAsync<long>("select count(*) from products")).ShouldBe(1, "a refused request stores nothing");
        (await _world.ScalarAsync<long>("select views_count from products")).ShouldBe(0, "and counts nothing");
    }
}
