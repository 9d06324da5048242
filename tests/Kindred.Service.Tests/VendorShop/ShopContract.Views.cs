using System.Text.Json;
using Kindred.Accounts;
using Kindred.Catalog;
using Kindred.Catalog.Shop;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.VendorShop;

/// <summary>Views: each counts, none is lost.</summary>
public abstract partial class ShopContract
{
    [Fact]
    public async Task D10_Each_view_counts_and_each_viewer_is_recorded_once()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var id = await AddAsync(anna, "Tea");
        var before = (await _world.GetAsync(Products, anna)).Body[0].GetProperty("updated_at").GetString();
        (await _world.GetAsync(Products + id + "/", ben))["views_count"].ShouldBe("1");
        (await _world.GetAsync(Products + id, ben))["views_count"].ShouldBe("2");
        var third = await _world.GetAsync(Products + id + "/", anna);
        (third["views_count"], third["updated_at"]).ShouldBe(("3", before), "a view changes nothing about the product");
        (await _world.ScalarAsync<long>("select count(*) from product_viewers")).ShouldBe(2);
        var key = (await _world.Get<ApiKeys>().CreateAsync("k", [Scopes.Admin], [], expiresAt: null, CancellationToken.None)).Secret;
        (await _world.GetAsync(Products + id + "/", key))["views_count"].ShouldBe("3", "a program with a key looks at nothing");
        (await _world.GetAsync(Products + id + "/?currency=XXX", ben)).Status.ShouldBe(400);
        (await _world.GetAsync(Products + "99/", ben)).Status.ShouldBe(404);
        (await _world.SendAsync(HttpMethod.Patch, Products + id + "/", new { name = "x" }, anna))["views_count"].ShouldBe("3");
    }

    [Fact]
    public async Task D10_No_view_of_64_parallel_readers_is_lost_and_each_sees_a_count_of_its_own()
    {
        var anna = await VendorAsync("anna@example.org");
        string[] products = [await AddAsync(anna, "a"), await AddAsync(anna, "b")];
        const int readers = 64, each = 10;
        var counts = await Task.WhenAll(Enumerable.Range(0, readers).Select(async reader =>
        {
            List<(string Product, int Count)> seen = [];
            for (var k = 0; k < each; k++)
            {
                var product = products[(reader + k) % 2];
                var reply = await _world.GetAsync(Products + product + "/", anna);
                reply.Status.ShouldBe(200, reply.Text);
                seen.Add((product, int.Parse(reply["views_count"]!)));
            }

            return seen;
        }));
        foreach (var product in products)
        {
            counts.SelectMany(seen => seen).Where(one => one.Product == product).Select(one => one.Count).Order().ShouldBe(Enumerable.Range(1, readers * each / 2));
            (await _world.ScalarAsync<long>($"select views_count from products where id = {product}")).ShouldBe(readers * each / 2);
        }

        await EventuallyAsync(() => _world.Get<RecordedMessages>().Of<ProductViewed>(ProductTopics.Viewed).Count == readers * each);
        _world.Get<RecordedMessages>().Of<ProductViewed>(ProductTopics.Viewed).Select(view => view.Id).Distinct(StringComparer.Ordinal).Count().ShouldBe(readers * each);
    }
}
