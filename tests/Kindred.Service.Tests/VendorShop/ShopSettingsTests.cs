using Kindred.Settings;

namespace Kindred.Service.Tests.VendorShop;

/// <summary>Section <c>shop</c>.</summary>
public sealed class ShopSettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindred-shop-settings-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void D13_By_default_there_are_no_rates_and_nobody_is_called()
    {
        var shop = Load().Settings.Shop;
        (shop.Rates.Count, shop.RatesUrl, shop.RatesKey).ShouldBe((0, "", ""));
    }

    [Fact]
    public void D13_Rates_come_from_the_environment_in_any_case_and_the_key_is_masked()
    {
        var loaded = Load(("KINDRED__SHOP__RATES__EUR", "0.92"), ("KINDRED__SHOP__RATES__gbp", "0.8"), ("KINDRED__SHOP__RATES_KEY", "hunter2"), ("KINDRED__SHOP__RATES_TIMEOUT", "5s"));
        loaded.Settings.Shop.Rates.ToDictionary(pair => pair.Key.ToUpperInvariant(), pair => pair.Value, StringComparer.Ordinal)
            .ShouldBe(new Dictionary<string, decimal>(StringComparer.Ordinal) { ["EUR"] = 0.92m, ["GBP"] = 0.8m }, ignoreOrder: true);
        loaded.Settings.Shop.RatesTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        SettingsListing.List(loaded).Single(line => line.Path == "shop.rates_key").Value!.ToString().ShouldBe("***");
    }

    [Theory]
    [InlineData("RATES__XXX", "1", "shop.rates.", "there is no currency")]
    [InlineData("RATES__EUR", "0", "shop.rates.", "0 is not above 0")]
    [InlineData("RATES__EUR", "-1", "shop.rates.", "-1 is not above 0")]
    [InlineData("RATES__EUR", "much", "shop.rates", "a value of another type is wanted")]
    [InlineData("RATES_URL", "ftp://x", "shop.rates_url", "an address such as")]
    [InlineData("RATES_URL", "http://x/?apikey=1", "shop.rates_url", "an address such as")]
    [InlineData("RATES_TIMEOUT", "0", "shop.rates_timeout", "a wait of")]
    [InlineData("RATES_TIMEOUT", "2m", "shop.rates_timeout", "a wait of")]
    public void D13_Wrong_settings_are_refused_by_their_path(string name, string value, string path, string fault)
    {
        var refused = Should.Throw<SettingsException>(() => Load(("KINDRED__SHOP__" + name, value))).Faults.ShouldHaveSingleItem();
        refused.ShouldStartWith(path);
        refused.ShouldContain(fault);
    }

    private LoadedSettings Load(params (string Name, string Value)[] environment) =>
        SettingsLoader.Load(new SettingsFlags(), environment.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal), _folder.FullName);
}
