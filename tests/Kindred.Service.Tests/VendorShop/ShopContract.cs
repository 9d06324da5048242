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

/// <summary>The vendors' shop by the numbers of the contract: stores, products, views, pages. Inherited once a database.</summary>
public abstract partial class ShopContract : IAsyncLifetime
{
    private const string Stores = "/api/v1/store/";
    private const string Products = "/api/v1/store/products/";
    private const string Popular = "/api/v1/store/products/most-popular/";

    private AccountsWorld _world = null!;
    private string _connection = "";

    public async ValueTask InitializeAsync()
    {
        _connection = await ConnectionStringAsync();
        _world = await StartAsync(_connection, shop: new ShopOptions { Rates = new Dictionary<string, decimal>(StringComparer.Ordinal) { ["EUR"] = 0.925m, ["JPY"] = 149.3871m } });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    private protected abstract Task<string> ConnectionStringAsync();

    // --- D-1, D-8: stores

    [Fact]
    public async Task D1_A_vendor_has_a_store_from_the_start_and_nobody_else_has()
    {
        var anna = await VendorAsync("anna.k@example.org");
        (await _world.GetAsync(Stores, anna)).Text.ShouldBe("""[{"id":1,"name":"anna.k Store","owner":"Anna K"}]""");
        await _world.RegisterAsync("ben@example.org");
        var (ben, _) = await _world.LoginAsync("ben@example.org");
        (await _world.GetAsync(Stores, ben)).Text.ShouldBe("[]", "the cinema's people sell nothing");
        (await _world.PostAsync("/api/v1/auth/register/", new { first_name = "A", last_name = "B", email = "anna.k@example.org", password = Password })).Status.ShouldBe(400);
        (await _world.ScalarAsync<long>("select count(*) from stores")).ShouldBe(1, "a refused registration opens no store");
    }

    [Fact]
    public async Task D8_Stores_are_made_named_anew_and_closed_by_their_owner()
    {
        var anna = await VendorAsync("anna@example.org");
        var made = await _world.PostAsync(Stores, new { name = "Tea" }, anna);
        (made.Status, made.Text).ShouldBe((201, """{"id":2,"name":"Tea","owner":"Anna K"}"""));
        (await _world.GetAsync("/api/v1/store/2/", anna)).Text.ShouldBe(made.Text);
        (await _world.GetAsync("/api/v1/store/2", anna)).Text.ShouldBe(made.Text, "with or without the last slash");
        (await _world.SendAsync(HttpMethod.Put, "/api/v1/store/2/", new { name = "Coffee" }, anna)).Text.ShouldBe("""{"id":2,"name":"Coffee","owner":"Anna K"}""");
        (await _world.SendAsync(HttpMethod.Patch, "/api/v1/store/2/", new { }, anna))["name"].ShouldBe("Coffee");
        (await _world.GetAsync(Stores, anna)).Body.EnumerateArray().Select(store => store.GetProperty("id").GetInt64()).ShouldBe([2, 1], "newest first");
        var product = await AddAsync(anna, "Beans");
        var closed = await _world.SendAsync(HttpMethod.Delete, "/api/v1/store/2/", null, anna);
        (closed.Status, closed.Text).ShouldBe((204, ""));
        (await _world.GetAsync("/api/v1/store/2/", anna)).Status.ShouldBe(404);
        (await _world.GetAsync(Products + product, anna)).Status.ShouldBe(404, "its products are gone with it");
        _world.Get<RecordedMessages>().Of<ProductChanged>(ProductTopics.Changed)[^1].ShouldSatisfyAllConditions(last => last.Deleted.ShouldBeTrue(), last => last.ProductId.ShouldBe(product));
    }

    [Fact]
    public async Task D8_Somebody_else_s_store_looks_like_nobody_s_and_admins_see_all()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var admin = await _world.AdminAsync();
        foreach (var (method, body) in Changes(new { name = "Mine" }).Append((HttpMethod.Get, null)))
        {
            var other = await _world.SendAsync(method, "/api/v1/store/1/", body, ben);
            var none = await _world.SendAsync(method, "/api/v1/store/99/", body, ben);
            (other.Status, Stable(other)).ShouldBe((404, Stable(none)), method.ToString());
            Faults(other).ShouldBe(["not_found "]);
        }

        (await _world.GetAsync(Stores, ben)).Body.GetArrayLength().ShouldBe(1);
        (await _world.GetAsync(Stores, admin)).Body.GetArrayLength().ShouldBe(2);
        (await _world.SendAsync(HttpMethod.Patch, "/api/v1/store/1/", new { name = "Checked" }, admin))["name"].ShouldBe("Checked");
        (await _world.GetAsync("/api/v1/store/1/", anna))["name"].ShouldBe("Checked");
        (await _world.SendAsync(HttpMethod.Delete, "/api/v1/store/1/", null, admin)).Status.ShouldBe(204);
        (await _world.GetAsync("/api/v1/store/1/", anna)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task D6_Every_fault_of_a_body_is_named_and_nothing_is_stored()
    {
        var anna = await VendorAsync("anna@example.org");
        Faults(await _world.PostAsync(Stores, new { }, anna)).ShouldBe(["required name"]);
        Faults(await _world.PostAsync(Products, new { }, anna)).ShouldBe(["required name", "required description", "required price", "required quantity", "required category"]);
        var id = await AddAsync(anna, "Tea");
        foreach (var (member, value, code) in new (string, string, string)[]
        {
            ("price", "-0.01", "min_value"), ("price", "NaN", "parse_error"), ("price", "\"NaN\"", "invalid"), ("price", "\"Infinity\"", "invalid"), ("price", "1e999", "invalid"),
            ("price", "1e2", "invalid"), ("price", "\"1,5\"", "invalid"), ("price", "100000000", "max_digits"), ("price", "1.005", "max_decimal_places"), ("price", "\"\"", "invalid"),
            ("price", "0.01000000000000000000000000000000000001", "invalid"), ("price", "true", "invalid"), ("price", "null", "null"), ("price", "[]", "invalid"), ("price", "\"\\ud800\"", "invalid"),
            ("quantity", "-1", "min_value"), ("quantity", "2147483648", "max_value"), ("quantity", "99999999999999999999999999999999999", "invalid"), ("quantity", "1.5", "invalid"),
            ("quantity", "\"3\"", "invalid"), ("quantity", "null", "null"), ("name", "\"\"", "blank"), ("name", "\"  \"", "blank"), ("name", "5", "invalid"), ("name", "\"\\ud800\"", "invalid"),
            ("name", "\"a\\u0000b\"", "null_characters_not_allowed"), ("name", $"\"{new string('x', 256)}\"", "max_length"), ("category", $"\"{new string('x', 256)}\"", "max_length"),
            ("category", "\"\"", "blank"), ("description", $"\"{new string('x', 10_001)}\"", "max_length"), ("store_id", "0", "min_value"), ("store_id", "\"1\"", "invalid"), ("store_id", "1.5", "invalid"),
            ("name\":\"a\",\"name", "\"b\"", "parse_error"),
        })
        {
            var body = $$"""{"{{member}}":{{value}}}""";
            var patch = await _world.SendAsync(HttpMethod.Patch, Products + id + "/", body, anna);
            (patch.Status, patch["type"]).ShouldBe((400, "validation_error"), body[..Math.Min(80, body.Length)]);
            Faults(patch).ShouldBe([code == "parse_error" ? "parse_error " : $"{code} {member}"], body[..Math.Min(80, body.Length)]);
        }

        foreach (var body in new[] { "", "{", "[]", "null", "7", "{\"name\":\"x\"", "{\"\\ud800\":1,\"\\ud800\":2}" })
        {
            (await _world.PostAsync(Stores, body, anna)).Status.ShouldBe(400, body);
            (await _world.PostAsync(Products, body, anna)).Status.ShouldBe(400, body);
        }

        (await _world.PostAsync(Stores, $$"""{"name":"x","more":"{{new string('x', 300_000)}}"}""", anna)).Status.ShouldBe(413);
        (await _world.PostAsync(Stores, new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = "x" }, anna)).Status.ShouldBe(415);
        (await _world.ScalarAsync<long>("select count(*) from stores")).ShouldBe(1);
        (await _world.ScalarAsync<long>("select count(*) from products")).ShouldBe(1);
        (await _world.ScalarAsync<string>("select name from products")).ShouldBe("Tea");
        _world.Get<RecordedMessages>().Of<ProductChanged>(ProductTopics.Changed).Count.ShouldBe(1);
    }

    [Fact]
    public async Task D6_Strange_ids_are_404_and_strange_texts_come_back_as_they_were_sent()
    {
        var anna = await VendorAsync("anna@example.org");
        foreach (var id in new[] { "0", "-1", "+1", "1.0", "1e0", "0x1", "null", "abc", "99999999999999999999", "9223372036854775807", "%20", "1%20", "%D9%A1", "a%2Fb", "%27%3B%20drop", "%F0%9F%91%A9", "é", new string('1', 256) })
        {
            foreach (var path in new[] { Stores, Products })
            {
                var read = await _world.GetAsync(path + id + "/", anna);
                read.Status.ShouldBeOneOf([400, 404], path + id);
                (await _world.SendAsync(HttpMethod.Patch, path + id + "/", new { name = "x" }, anna)).Status.ShouldBeOneOf([400, 404], path + id);
                (await _world.SendAsync(HttpMethod.Delete, path + id + "/", null, anna)).Status.ShouldBeOneOf([400, 404, 405], path + id);
            }
        }

        foreach (var text in new[] { " a ", "é", "e\u0301", "İı", "ß", "a\u200db", "👩‍👩‍👧", "שלום", "'; drop table products", "<script>", "=cmd", "${jndi:x}", "{{7*7}}", "a\nb", "null", "\ufffd", new string('x', 255) })
        {
            var made = await _world.PostAsync(Products, new { name = text, description = text, price = 1, quantity = 1, category = text }, anna);
            made.Status.ShouldBe(201, text);
            var read = await _world.GetAsync(Products + made["id"] + "/", anna);
            (read["name"], read["description"], read["category"]).ShouldBe((text, text, text));
        }
    }

    // --- D-7: pages

    [Fact]
    public async Task D7_A_list_is_a_bare_array_and_with_page_a_page_of_ten_newest_first()
    {
        var anna = await VendorAsync("anna@example.org");
        for (var k = 1; k <= 21; k++)
        {
            await AddAsync(anna, $"p{k}");
        }

        var bare = await _world.GetAsync(Products, anna);
        bare.Body.EnumerateArray().Select(product => product.GetProperty("name").GetString()).ShouldBe(Enumerable.Range(1, 21).Reverse().Select(k => $"p{k}"));
        var second = await _world.GetAsync(Products + "?page=2&currency=usd", anna);
        second.ContentType.ShouldBe("application/json");
        second.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["count", "next", "previous", "results"]);
        second["count"].ShouldBe("21");
        second.Body.GetProperty("results").EnumerateArray().Select(product => product.GetProperty("name").GetString()).ShouldBe(Enumerable.Range(2, 10).Reverse().Select(k => $"p{k}"));
        second["next"].ShouldBe(_world.Address + "api/v1/store/products/?currency=usd&page=3");
        second["previous"].ShouldBe(_world.Address + "api/v1/store/products/?currency=usd&page=1");
        var third = await _world.GetAsync(new Uri(second["next"]!).PathAndQuery, anna);
        (third.Body.GetProperty("results").GetArrayLength(), third.Body.GetProperty("next").ValueKind).ShouldBe((1, JsonValueKind.Null));
        (await _world.GetAsync(Products + "?page=1", anna)).Body.GetProperty("previous").ValueKind.ShouldBe(JsonValueKind.Null);
        foreach (var page in new[] { "4", "0", "-1", "x", "", "1.0", "99999999999", "214748364" })
        {
            var missing = await _world.GetAsync($"{Products}?page={page}", anna);
            (missing.Status, missing["detail"]).ShouldBe((404, "Invalid page."), page);
        }

        (await _world.GetAsync(Stores + "?page=1", anna))["count"].ShouldBe("1");
        (await _world.GetAsync(Popular + "?page=3", anna)).Body.GetProperty("results").GetArrayLength().ShouldBe(1);
        (await _world.GetAsync(Popular + "?page=4", anna)).Status.ShouldBe(404);
    }

    // --- D-9: products

    [Fact]
    public async Task D9_A_product_is_made_changed_and_deleted_by_its_vendor()
    {
        var anna = await VendorAsync("anna@example.org");
        var made = await _world.PostAsync(Products, new { name = "Tea", description = "Green", price = 12.5, quantity = 3, category = "drinks", views_count = 99, more = true }, anna);
        made.Status.ShouldBe(201, made.Text);
        made.Body.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["id", "converted_price", "owner", "created_at", "updated_at", "name", "description", "price", "quantity", "category", "views_count", "store"]);
        (made["id"], made["converted_price"], made["owner"], made["price"], made["views_count"], made["store"]).ShouldBe(("1", "12.50", "Anna K |anna@example.org", "12.50", "0", "1"));
        made.Body.GetProperty("created_at").GetDateTimeOffset().ShouldBe(_world.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));

        _world.Clock.Advance(TimeSpan.FromSeconds(5));
        var patched = await _world.SendAsync(HttpMethod.Patch, Products + "1/", new { price = "99999999.99", views_count = 7 }, anna);
        (patched.Status, patched["price"], patched["name"], patched["views_count"]).ShouldBe((200, "99999999.99", "Tea", "0"));
        patched.Body.GetProperty("created_at").GetDateTimeOffset().ShouldBe(made.Body.GetProperty("created_at").GetDateTimeOffset());
        patched.Body.GetProperty("updated_at").GetDateTimeOffset().ShouldBeGreaterThan(made.Body.GetProperty("updated_at").GetDateTimeOffset());
        Faults(await _world.SendAsync(HttpMethod.Put, Products + "1/", new { price = 1 }, anna)).Length.ShouldBe(4, "a PUT names everything");
        var replaced = await _world.SendAsync(HttpMethod.Put, Products + "1", new { name = "Mate", description = "", price = 0, quantity = 0, category = "mate" }, anna);
        (replaced["name"], replaced["description"], replaced["price"], replaced["quantity"], replaced["category"]).ShouldBe(("Mate", "", "0.00", "0", "mate"));
        var deleted = await _world.SendAsync(HttpMethod.Delete, Products + "1/", null, anna);
        (deleted.Status, deleted.Text).ShouldBe((204, ""));
        (await _world.GetAsync(Products + "1/", anna)).Status.ShouldBe(404);
        (await _world.SendAsync(HttpMethod.Delete, Products + "1/", null, anna)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task D9_A_product_goes_to_the_named_store_or_the_newest_one_and_never_to_somebody_else_s()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var admin = await _world.AdminAsync();
        await _world.PostAsync(Stores, new { name = "Newest" }, anna);
        (await _world.PostAsync(Products, Product("a"), anna))["store"].ShouldBe("3");
        (await _world.PostAsync(Products, Product("b", store: 1), anna))["store"].ShouldBe("1");
        var other = await _world.PostAsync(Products, Product("c", store: 1), ben);
        var none = await _world.PostAsync(Products, Product("c", store: 99), ben);
        (other.Status, Stable(other)).ShouldBe((403, Stable(none)), "nobody learns which stores there are");
        Faults(other).ShouldBe(["permission_denied store_id"]);
        (await _world.PostAsync(Products, Product("d", store: 1), admin))["store"].ShouldBe("1");
        Faults(await _world.PostAsync(Products, Product("d", store: 99), admin)).ShouldBe(["does_not_exist store_id"]);
        var storeless = await _world.PostAsync(Products, Product("d"), admin);
        (storeless.Status, Faults(storeless)[0]).ShouldBe((400, "required store_id"));

        (await _world.SendAsync(HttpMethod.Patch, Products + "1/", new { store_id = 1 }, anna))["store"].ShouldBe("1", "a product moves to another store of its vendor");
        (await _world.SendAsync(HttpMethod.Patch, Products + "1/", new { store_id = 2 }, anna)).Status.ShouldBe(403);
        (await _world.SendAsync(HttpMethod.Patch, Products + "1/", new { store_id = 2 }, admin))["owner"].ShouldBe("Ben K |ben@example.org");
        (await _world.SendAsync(HttpMethod.Patch, Products + "1/", new { name = "x" }, anna)).Status.ShouldBe(404, "it is Ben's now");

        var key = (await _world.Get<ApiKeys>().CreateAsync("k", [Scopes.Admin], [], expiresAt: null, CancellationToken.None)).Secret;
        (await _world.PostAsync(Products, Product("e"), key)).Status.ShouldBe(400, "a key has no store");
        (await _world.PostAsync(Products, Product("e", store: 2), key)).Status.ShouldBe(201);
    }

    [Fact]
    public async Task D9_Somebody_else_s_product_can_be_looked_at_and_not_changed()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var admin = await _world.AdminAsync();
        var id = await AddAsync(anna, "Tea");
        foreach (var (method, body) in Changes(Product("Mine")))
        {
            var other = await _world.SendAsync(method, Products + id + "/", body, ben);
            var none = await _world.SendAsync(method, Products + "99/", body, ben);
            (other.Status, Stable(other)).ShouldBe((404, Stable(none)), method.ToString());
        }

        (await _world.SendAsync(HttpMethod.Patch, Products + id + "/", "{", ben)).Status.ShouldBe(404, "whose it is comes before what is wrong");
        (await _world.GetAsync(Products, ben)).Text.ShouldBe("[]");
        (await _world.GetAsync(Products, admin)).Body.GetArrayLength().ShouldBe(1);
        (await _world.GetAsync(Products + id + "/", ben))["owner"].ShouldBe("Anna K", "an address is for its owner and for admins");
        (await _world.GetAsync(Popular, ben)).Body[0].GetProperty("owner").GetString().ShouldBe("Anna K");
        (await _world.GetAsync(Popular, admin)).Body[0].GetProperty("owner").GetString().ShouldBe("Anna K |anna@example.org");
        (await _world.SendAsync(HttpMethod.Patch, Products + id + "/", new { name = "Seen to" }, admin))["name"].ShouldBe("Seen to");
        (await _world.SendAsync(HttpMethod.Delete, Products + id + "/", null, admin)).Status.ShouldBe(204);
    }

    // --- D-10, D-11: views

    [Fact]
    public async Task D11_Most_popular_is_everybody_s_products_by_views_then_id()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var (a, b, c, d) = (await AddAsync(anna, "a"), await AddAsync(anna, "b"), await AddAsync(ben, "c"), await AddAsync(ben, "d"));
        foreach (var id in new[] { c, c, b, d })
        {
            await _world.GetAsync(Products + id + "/", anna);
        }

        (await _world.GetAsync(Popular, anna)).Body.EnumerateArray().Select(product => product.GetProperty("id").ToString()).ShouldBe([c, b, d, a]);
        (await _world.GetAsync(Popular + "?page=1", anna)).Body.GetProperty("results")[0].GetProperty("views_count").GetInt64().ShouldBe(2);
    }

    // --- D-12: cached lists

    [Fact]
    public async Task D12_A_cached_list_stands_for_300_seconds_and_falls_at_once_with_any_change()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var id = await AddAsync(anna, "Tea");
        (await _world.GetAsync(Products, anna)).Body.GetArrayLength().ShouldBe(1);
        (await _world.GetAsync(Popular, ben)).Body[0].GetProperty("views_count").GetInt64().ShouldBe(0);
        await _world.GetAsync(Products + id + "/", ben);
        (await _world.GetAsync(Popular, ben)).Body[0].GetProperty("views_count").GetInt64().ShouldBe(0, "views drop no list");
        _world.Clock.Advance(TimeSpan.FromSeconds(299));
        (await _world.GetAsync(Popular, ben)).Body[0].GetProperty("views_count").GetInt64().ShouldBe(0);
        _world.Clock.Advance(TimeSpan.FromSeconds(2));
        (await _world.GetAsync(Popular, ben)).Body[0].GetProperty("views_count").GetInt64().ShouldBe(1, "after 300 seconds it is made anew");

        await _world.SendAsync(HttpMethod.Patch, Products + id + "/", new { name = "Mate" }, anna);
        (await _world.GetAsync(Products, anna)).Body[0].GetProperty("name").GetString().ShouldBe("Mate");
        (await _world.GetAsync(Popular, ben)).Body[0].GetProperty("name").GetString().ShouldBe("Mate");
        await AddAsync(anna, "Second");
        (await _world.GetAsync(Products, anna)).Body.GetArrayLength().ShouldBe(2);
        await _world.SendAsync(HttpMethod.Patch, "/api/v1/users/update-me/", new { last_name = "Z" }, anna);
        (await _world.GetAsync(Products, anna)).Body[0].GetProperty("owner").GetString().ShouldBe("Anna Z |anna@example.org");
        (await _world.GetAsync(Products + id + "/", ben))["owner"].ShouldBe("Anna Z");
        await _world.SendAsync(HttpMethod.Patch, "/api/v1/users/update-me/", new { last_name = "Y" }, anna);
        (await _world.GetAsync(Products + id + "/", ben))["owner"].ShouldBe("Anna Y");
        await _world.SendAsync(HttpMethod.Delete, "/api/v1/store/1/", null, anna);
        (await _world.GetAsync(Products, anna)).Text.ShouldBe("[]");
        (await _world.GetAsync(Popular, ben)).Text.ShouldBe("[]");
    }

    [Fact]
    public async Task D12_Another_process_s_change_is_seen_within_a_second()
    {
        var anna = await VendorAsync("anna@example.org");
        var id = await AddAsync(anna, "Tea");
        await using var other = await StartAsync(_connection, folder: _world.Folder);
        (await other.GetAsync(Products, anna)).Body[0].GetProperty("name").GetString().ShouldBe("Tea");
        (await _world.SendAsync(HttpMethod.Patch, Products + id + "/", new { name = "Mate" }, anna)).Status.ShouldBe(200);
        other.Clock.Advance(TimeSpan.FromSeconds(1));
        (await other.GetAsync(Products, anna)).Body[0].GetProperty("name").GetString().ShouldBe("Mate");
    }

    [Fact]
    public async Task D12_A_list_asked_for_while_products_change_is_never_older_than_the_change_before_it()
    {
        var anna = await VendorAsync("anna@example.org");
        var id = await AddAsync(anna, "0");
        var written = 0;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var known = Volatile.Read(ref written);
                int.Parse((await _world.GetAsync(Products, anna)).Body[0].GetProperty("name").GetString()!).ShouldBeGreaterThanOrEqualTo(known);
            }
        }).ToArray();
        for (var k = 1; k <= 60; k++)
        {
            (await _world.SendAsync(HttpMethod.Patch, Products + id + "/", new { name = $"{k}" }, anna)).Status.ShouldBe(200);
            Volatile.Write(ref written, k);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    // --- D-14, D-15: messages

    [Fact]
    public async Task D14_Every_change_of_a_product_is_told_before_it_is_answered()
    {
        var anna = await VendorAsync("anna@example.org");
        var told = _world.Get<RecordedMessages>();
        var id = await AddAsync(anna, "Tea");
        var made = told.Of<ProductChanged>(ProductTopics.Changed).ShouldHaveSingleItem();
        (made.ProductId, made.ProductName, made.Category, made.Price, made.InStock, made.Deleted).ShouldBe((id, "Tea", "drinks", 12.34m, true, false));
        await _world.SendAsync(HttpMethod.Patch, Products + id + "/", new { quantity = 0, category = "mate" }, anna);
        var changed = told.Of<ProductChanged>(ProductTopics.Changed)[^1];
        (changed.Category, changed.InStock, changed.Version > made.Version, changed.CreatedAt).ShouldBe(("mate", false, true, made.CreatedAt));
        await _world.SendAsync(HttpMethod.Delete, Products + id + "/", null, anna);
        var deleted = told.Of<ProductChanged>(ProductTopics.Changed)[^1];
        (deleted.ProductId, deleted.Deleted, deleted.Version > changed.Version).ShouldBe((id, true, true));
        await _world.SendAsync(HttpMethod.Delete, Products + id + "/", null, anna);
        told.Of<ProductChanged>(ProductTopics.Changed).Count.ShouldBe(3, "what changed nothing tells nothing");
    }

    [Fact]
    public async Task D14_A_deleted_account_takes_its_stores_and_products_along()
    {
        var anna = await VendorAsync("anna@example.org");
        var ben = await VendorAsync("ben@example.org");
        var admin = await _world.AdminAsync();
        var (mine, theirs) = (await AddAsync(anna, "Tea"), await AddAsync(ben, "Mate"));
        await _world.GetAsync(Products + theirs + "/", anna);
        (await _world.SendAsync(HttpMethod.Delete, "/api/v1/users/1/", null, admin)).Status.ShouldBe(204);
        (await _world.GetAsync(Popular, ben)).Body.EnumerateArray().ShouldHaveSingleItem().GetProperty("id").ToString().ShouldBe(theirs);
        (await _world.ScalarAsync<long>("select count(*) from stores")).ShouldBe(1);
        (await _world.ScalarAsync<long>("select count(*) from product_viewers")).ShouldBe(0);
        await EventuallyAsync(() => _world.Get<RecordedMessages>().Of<ProductChanged>(ProductTopics.Changed).Any(told => told.Deleted && told.ProductId == mine));
    }

    [Fact]
    public async Task D15_Every_view_is_told_with_the_viewer_and_an_id_of_its_own()
    {
        var anna = await VendorAsync("anna@example.org");
        var id = await AddAsync(anna, "Tea");
        await _world.GetAsync(Products + id + "/", anna);
        await _world.GetAsync(Products + id + "/", anna);
        await EventuallyAsync(() => _world.Get<RecordedMessages>().Of<ProductViewed>(ProductTopics.Viewed).Count == 2);
        var views = _world.Get<RecordedMessages>().Of<ProductViewed>(ProductTopics.Viewed);
        var user = await _world.ScalarAsync<string>("select user_id from people where number = 1");
        views.ShouldAllBe(view => view.ProductId == id && view.UserId == user && view.Category == "drinks" && Guid.Parse(view.Id).Version == 7);
        views[0].Id.ShouldNotBe(views[1].Id);
    }

    [Fact]
    public async Task D15_What_is_rolled_back_is_neither_counted_nor_told()
    {
        var anna = await VendorAsync("anna@example.org");
        var id = long.Parse(await AddAsync(anna, "Tea"));
        await Should.ThrowAsync<InvalidOperationException>(() => _world.Get<Database>().WriteAsync(
            async transaction =>
            {
                var product = await ShopStore.AddViewsAsync(id, 5, transaction);
                await ShopStore.AddViewersAsync([(id, 1), (id, 1), (id, 2)], _world.Clock.GetUtcNow(), transaction);
                await _world.Get<ShopMessages>().ViewedAsync([.. Enumerable.Range(0, 250).Select(k => new ProductViewed($"{k}", product!.Id.ToString(), "u", "c", _world.Clock.GetUtcNow()))], transaction);
                throw new InvalidOperationException("Stop.");
            },
            CancellationToken.None));
        (await _world.ScalarAsync<long>("select views_count from products")).ShouldBe(0);
        (await _world.ScalarAsync<long>("select count(*) from product_viewers")).ShouldBe(0);
        (await _world.ScalarAsync<long>("select count(*) from outbox where topic = 'products.viewed'")).ShouldBe(0);
    }

    private async Task<string> VendorAsync(string email)
    {
        var name = char.ToUpperInvariant(email[0]) + email[1..].Split('@', '.')[0];
        var reply = await _world.PostAsync("/api/v1/auth/register/", new { first_name = name, last_name = "K", email, password = Password });
        reply.Status.ShouldBe(201, reply.Text);
        return "Token " + (await _world.PostAsync("/api/v1/auth/login/", new { email, password = Password }))["access"];
    }

    private async Task<string> AddAsync(string bearer, string name)
    {
        var made = await _world.PostAsync(Products, Product(name), bearer);
        made.Status.ShouldBe(201, made.Text);
        return made["id"]!;
    }

    private static Dictionary<string, object> Product(string name, long? store = null)
    {
        Dictionary<string, object> body = new(StringComparer.Ordinal) { ["name"] = name, ["description"] = "", ["price"] = 12.34, ["quantity"] = 3, ["category"] = "drinks" };
        if (store is { } id)
        {
            body["store_id"] = id;
        }

        return body;
    }

    private static IEnumerable<(HttpMethod Method, object? Body)> Changes(object body) => [(HttpMethod.Put, body), (HttpMethod.Patch, body), (HttpMethod.Delete, null)];

    private static string[] Faults(Reply reply) =>
        [.. reply.Body.GetProperty("errors").EnumerateArray().Select(fault => $"{fault.GetProperty("code").GetString()} {fault.GetProperty("attr").GetString()}")];

    // A problem without what names the request.
    private static string Stable(Reply reply) =>
        string.Join('|', reply.Body.EnumerateObject().Where(member => member.Name is not ("request_id" or "trace_id")).Select(member => $"{member.Name}={member.Value}"));

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var k = 0; k < 500 && !holds(); k++)
        {
            await Task.Delay(20);
        }

        holds().ShouldBeTrue();
    }
}

public sealed class SqliteShopTests : ShopContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresShopTests(PostgresCluster cluster) : ShopContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
