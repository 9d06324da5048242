using System.Net.Http;
using System.Text.Json;
using Kindred.Accounts;
using Kindred.Platform.Web;
using Kindred.Recommendations.ShopModels;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;

namespace Kindred.Service.Tests.Systems;

/// <summary>System D's recommender over HTTP, behaviour by behaviour, on every database.</summary>
public abstract class ShopRecommenderContract : ProgramContract
{
    private const string Secret = "a secret of the tests";
    private readonly OffsetClock _clock = new();

    private protected override async Task<ProgramWorld> StartAsync() => await ProgramWorld.StartAsync(await ConnectionStringAsync(), settings => settings with
    {
        Web = new WebSettings { ClientSecret = Secret },
        ShopModels = new ShopModelSettings { CategoriesEvery = TimeSpan.FromMilliseconds(200), InteractionsEvery = TimeSpan.FromMilliseconds(200) },
    }, _clock);

    [Fact]
    public async Task D14_D15_products_and_views_of_the_shop_reach_the_recommender_with_every_change()
    {
        var (anna, ben) = (await VendorAsync("anna@example.org"), await VendorAsync("ben@example.org"));
        var tea = await ProductAsync(anna, "Green tea", "Hot drinks");
        var mate = await ProductAsync(anna, "Mate", "Hot drinks");
        var rope = await ProductAsync(anna, "Rope", "Sailing");
        (await World.GetAsync($"/api/v1/collections/shop/items/{tea}", await AdminKeyAsync())).ShouldSatisfyAllConditions(
            item => item["title"].ShouldBe("Green tea"),
            item => item.Body.GetProperty("attributes").GetProperty("price").GetDecimal().ShouldBe(4.5m),
            item => item.Body.GetProperty("attributes").GetProperty("in_stock").GetBoolean().ShouldBeTrue());

        foreach (var vendor in new[] { anna, ben })
        {
            foreach (var product in new[] { tea, rope, tea })
            {
                (await World.GetAsync($"/api/v1/store/products/{product}/", vendor)).Status.ShouldBe(200);
            }
        }

        await UntilAsync(async () => (await SecretAsync(HttpMethod.Get, "/ai/interactions")) is { Status: 200 } reply && reply.Body.GetProperty("interactions").GetArrayLength() == 6);
        await UntilAsync(async () => await IdsAsync($"/ai/category-recommendations?category=hot%20drinks") == $"{tea},{mate}");
        await UntilAsync(async () => await IdsAsync($"/interaction-recommendations?product_id={tea}&category=Hot%20drinks") == rope);

        // At once, without another training: a changed category, a product that is gone.
        (await World.SendAsync(HttpMethod.Patch, $"/api/v1/store/products/{mate}/", new { name = "Mate tea", category = "Sailing" }, anna)).Status.ShouldBe(200);
        (await IdsAsync("/ai/category-recommendations?category=Hot%20drinks")).ShouldBe(tea);
        (await World.SendAsync(HttpMethod.Delete, $"/api/v1/store/products/{rope}/", null, anna)).Status.ShouldBe(204);
        (await IdsAsync($"/interaction-recommendations?product_id={tea}&category=Hot%20drinks")).ShouldBe("");
        (await IdsAsync("/ai/category-recommendations?category=Sailing")).ShouldBe(mate);
    }

    [Fact]
    public async Task D16_the_secret_is_asked_for_on_all_routes_but_two()
    {
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/products"), (HttpMethod.Get, "/ai/products"), (HttpMethod.Post, "/products"), (HttpMethod.Post, "/ai/products"), (HttpMethod.Delete, "/ai/products/1"),
            (HttpMethod.Get, "/interactions"), (HttpMethod.Get, "/ai/interactions"), (HttpMethod.Post, "/interactions"), (HttpMethod.Post, "/ai/interactions"),
        })
        {
            var missing = await World.SendAsync(method, path, method == HttpMethod.Post ? new { } : null);
            missing.Status.ShouldBe(401, path);
            missing["error"]!.ShouldContain("missing");
            foreach (var wrong in new[] { "wrong", Secret + "x", Secret[..^1], Secret.ToUpperInvariant() })
            {
                var refused = await World.SendAsync(method, path, method == HttpMethod.Post ? new { } : null, null, ("Client-Header-Secret", wrong));
                refused.Status.ShouldBe(401, path);
                refused["error"]!.ShouldContain("not valid");
            }

            (await World.SendAsync(method, path, null, await AdminKeyAsync())).Status.ShouldBe(401, "a key is no secret");
        }

        (await World.GetAsync("/interaction-recommendations")).Status.ShouldBe(400);
        (await World.GetAsync("/category-recommendations")).Status.ShouldBe(400);

        await using var closed = await ProgramWorld.StartAsync(await ConnectionStringAsync());
        (await closed.SendAsync(HttpMethod.Get, "/products", null, null, ("Client-Header-Secret", "anything"))).Status.ShouldBe(401, "where no secret is set nobody has it");
    }

    [Fact]
    public async Task D17_interactions_are_saved_and_read_newest_first()
    {
        (await SecretAsync(HttpMethod.Get, "/interactions")).ShouldSatisfyAllConditions(none => none.Status.ShouldBe(404), none => none["message"].ShouldNotBeNullOrEmpty());
        foreach (var (path, product) in new[] { ("/interactions", (object)"p1"), ("/ai/interactions", 17) })
        {
            var saved = await SecretAsync(HttpMethod.Post, path, new { user_id = "u1", product_id = product, category = "tea" });
            saved.Status.ShouldBe(201, saved.Text);
            saved["message"].ShouldNotBeNullOrEmpty();
        }

        var list = (await SecretAsync(HttpMethod.Get, "/ai/interactions")).Body.GetProperty("interactions");
        list.EnumerateArray().Select(one => one.GetProperty("product_id").GetString()).ShouldBe(["17", "p1"]);
        list[0].GetProperty("user_id").GetString().ShouldBe("u1");
        list[0].GetProperty("category").GetString().ShouldBe("tea");
        DateTimeOffset.TryParseExact(list[0].GetProperty("created_at").GetString(), "R", null, System.Globalization.DateTimeStyles.AssumeUniversal, out _).ShouldBeTrue();
        foreach (var body in new[]
        {
            """{"user_id":"u","product_id":"p"}""", """{"user_id":"","product_id":"p","category":"c"}""", """{"user_id":"u","product_id":"p","category":""}""", """{"user_id":1.5,"product_id":"p","category":"c"}""", "[]",
        })
        {
            var bad = await SecretAsync(HttpMethod.Post, "/ai/interactions", body);
            bad.Status.ShouldBe(400, body);
            bad["error"].ShouldNotBeNullOrEmpty();
        }

        (await SecretAsync(HttpMethod.Get, "/ai/interactions")).Body.GetProperty("interactions").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task D18_products_are_put_by_their_id_and_read_newest_first()
    {
        (await SecretAsync(HttpMethod.Get, "/ai/products")).ShouldSatisfyAllConditions(none => none.Status.ShouldBe(404), none => none["message"].ShouldNotBeNullOrEmpty());
        foreach (var (path, id, name) in new[] { ("/ai/products", "p1", "Tea"), ("/products", "p2", "Cake"), ("/ai/products", "p1", "Green tea") })
        {
            (await SecretAsync(HttpMethod.Post, path, new { product_name = name, product_id = id, category = "food" })).Status.ShouldBe(201);
        }

        var list = (await SecretAsync(HttpMethod.Get, "/products")).Body.GetProperty("products");
        list.EnumerateArray().Select(one => (one.GetProperty("product_id").GetString(), one.GetProperty("product_name").GetString())).ShouldBe([("p2", "Cake"), ("p1", "Green tea")]);
        foreach (var body in new[] { """{"product_name":"","product_id":"p","category":"c"}""", """{"product_name":"n","product_id":"","category":"c"}""", """{"product_name":"n","category":"c"}""" })
        {
            (await SecretAsync(HttpMethod.Post, "/ai/products", body)).Status.ShouldBe(400, body);
        }
    }

    [Fact]
    public async Task D19_the_worked_example_by_cosine_without_itself_and_without_strangers()
    {
        // Rows p1(1,1,0,0) p2(1,0,0,0) p3(0,0,1,1) p4(1,1,0,1).
        foreach (var (product, users) in new[] { ("p1", "a b"), ("p2", "a"), ("p3", "c d"), ("p4", "a b d") })
        {
            (await SecretAsync(HttpMethod.Post, "/ai/products", new { product_name = product.ToUpperInvariant(), product_id = product, category = "all" })).Status.ShouldBe(201);
            foreach (var user in users.Split(' '))
            {
                (await SecretAsync(HttpMethod.Post, "/ai/interactions", new { user_id = user, product_id = product, category = "all" })).Status.ShouldBe(201);
            }
        }

        await UntilAsync(async () => await IdsAsync("/interaction-recommendations?product_id=p4&category=all") == "p1,p2,p3");
        (await IdsAsync("/interaction-recommendations?product_id=p1&category=all")).ShouldBe("p4,p2");
        (await IdsAsync("/ai/interaction-recommendations?product_id=p3&category=all")).ShouldBe("p4", "at distance 1 nothing is shared");
        (await IdsAsync("/interaction-recommendations?product_id=unknown&category=all")).ShouldBe("");

        var document = (await World.GetAsync("/interaction-recommendations?product_id=p3&category=all")).Body.EnumerateArray().ShouldHaveSingleItem();
        document.GetProperty("_id").GetProperty("$oid").GetString()!.Length.ShouldBe(24);
        document.GetProperty("product_name").GetString().ShouldBe("P4");
        document.GetProperty("created_at").GetProperty("$date").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        foreach (var query in new[] { "", "?product_id=p1", "?category=all" })
        {
            (await World.GetAsync("/interaction-recommendations" + query)).ShouldSatisfyAllConditions(bad => bad.Status.ShouldBe(400), bad => bad["error"].ShouldNotBeNullOrEmpty());
        }
    }

    [Fact]
    public async Task D20_products_of_a_category_and_nothing_for_words_nobody_used()
    {
        foreach (var (id, category) in new[] { ("t1", "Hot drinks"), ("t2", "Hot drinks"), ("r1", "Rope"), ("s1", "Garden seeds") })
        {
            (await SecretAsync(HttpMethod.Post, "/ai/products", new { product_name = id, product_id = id, category })).Status.ShouldBe(201);
        }

        await UntilAsync(async () => await IdsAsync("/ai/category-recommendations?category=hot%20drinks") == "t1,t2");
        await UntilAsync(async () => await IdsAsync("/category-recommendations?category=Rope") == "r1" && await IdsAsync("/category-recommendations?category=garden%20seeds") == "s1");
        (await IdsAsync("/category-recommendations?category=Hot%20drinks")).ShouldBe("t1,t2", "fewer categories than clusters make a cluster each");
        (await IdsAsync("/category-recommendations?category=quantum%20physics")).ShouldBe("");
        (await IdsAsync("/category-recommendations?category=hot%20drinks&limit=1")).ShouldBe("t1");
        (await World.GetAsync("/category-recommendations?category=x&limit=0")).Status.ShouldBe(400);
        (await World.GetAsync("/category-recommendations?category=x&format=xml")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task D21_a_model_is_trained_when_something_changed_and_every_night()
    {
        var trainer = World.Get<ShopTrainer>();
        (await SecretAsync(HttpMethod.Post, "/products", new { product_name = "Tea", product_id = "t", category = "drinks" })).Status.ShouldBe(201);
        (await SecretAsync(HttpMethod.Post, "/interactions", new { user_id = "u", product_id = "t", category = "drinks" })).Status.ShouldBe(201);
        await UntilAsync(() => Task.FromResult(trainer is { Categories: not null, Interactions: not null }));

        // Three looks with nothing new train nothing.
        await Task.Delay(700, Cancellation);
        var (categories, interactions) = (trainer.Categories, trainer.Interactions);
        await Task.Delay(700, Cancellation);
        trainer.Categories.ShouldBeSameAs(categories);
        trainer.Interactions.ShouldBeSameAs(interactions);

        // A view is nothing to the categories, and each model is trained by its own task.
        (await SecretAsync(HttpMethod.Post, "/interactions", new { user_id = "v", product_id = "t", category = "drinks" })).Status.ShouldBe(201);
        await UntilAsync(() => Task.FromResult(trainer.Interactions != interactions));
        trainer.Categories.ShouldBeSameAs(categories);
        _clock.Advance(TimeSpan.FromDays(1));
        await UntilAsync(() => Task.FromResult(trainer.Categories != categories));
    }

    [Fact]
    public async Task D22_before_the_first_model_the_answer_is_503_and_says_when_to_come_again()
    {
        foreach (var path in new[] { "/interaction-recommendations?product_id=p&category=c", "/ai/category-recommendations?category=c" })
        {
            var early = await World.GetAsync(path);
            early.Status.ShouldBe(503);
            early["error"].ShouldNotBeNullOrEmpty();
            early.Headers.RetryAfter.ShouldNotBeNull();
        }
    }

    private async Task<string> IdsAsync(string path)
    {
        var reply = await World.GetAsync(path + "&format=ids");
        return reply.Status == 503 ? "503" : string.Join(',', reply.Body.EnumerateArray().Select(id => id.GetString()));
    }

    private Task<Reply> SecretAsync(HttpMethod method, string path, object? body = null) => World.SendAsync(method, path, body, null, ("client-header-secret", Secret));

    private async Task<string> AdminKeyAsync() => (await World.Get<ApiKeys>().CreateAsync("admin", [Scopes.Admin], [], expiresAt: null, Cancellation)).Secret;

    private async Task<string> VendorAsync(string email)
    {
        (await World.PostAsync("/api/v1/auth/register/", new { first_name = "Anna", last_name = "K", email, password = AccountsWorld.Password })).Status.ShouldBe(201);
        return (await World.PostAsync("/api/v1/auth/login/", new { email, password = AccountsWorld.Password }))["access"]!;
    }

    private async Task<string> ProductAsync(string vendor, string name, string category)
    {
        var reply = await World.PostAsync("/api/v1/store/products/", new { name, description = "", price = "4.50", quantity = 3, category }, vendor);
        reply.Status.ShouldBe(201, reply.Text);
        return reply.Body.GetProperty("id").GetRawText();
    }
}

public sealed class SqliteShopRecommenderTests : ShopRecommenderContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresShopRecommenderTests(PostgresCluster cluster) : ShopRecommenderContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
