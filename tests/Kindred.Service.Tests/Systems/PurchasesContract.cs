using System.Net.Http;
using System.Text.Json;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;

namespace Kindred.Service.Tests.Systems;

/// <summary>System A over HTTP, behaviour by behaviour, on every database.</summary>
public abstract class PurchasesContract : ProgramContract
{
    [Fact]
    public async Task A1_health_answers_its_status_as_text()
    {
        foreach (var path in new[] { "/api/health-check/", "/api/health-check" })
        {
            var reply = await World.GetAsync(path);
            reply.Status.ShouldBe(200);
            reply.Text.ShouldBe("""{"status":"200"}""");
        }
    }

    [Fact]
    public async Task A2_a_purchase_is_added_and_a_product_counts_once()
    {
        foreach (var path in new[] { "/purchases/", "/api/purchases/", "/api/purchases" })
        {
            (await BuyAsync("ben", ["soap"], path)).Status.ShouldBe(201);
        }

        var reply = await BuyAsync("anna", ["tea", "cake", "tea"]);
        reply.Status.ShouldBe(201);
        reply.Text.ShouldBe("""{"status":"purchases_added"}""");
        var purchase = (await World.GetAsync("/api/purchases/?user_id=anna")).Body.EnumerateArray().ShouldHaveSingleItem();
        Guid.TryParse(purchase.GetProperty("id").GetString(), out _).ShouldBeTrue();
        purchase.GetProperty("user_id").GetString().ShouldBe("anna");
        purchase.GetProperty("products").EnumerateArray().Select(product => product.GetString()).ShouldBe(["tea", "cake"]);
        purchase.GetProperty("purchase_date").GetString()!.ShouldEndWith("Z");
        purchase.GetProperty("purchase_date").GetDateTimeOffset().ShouldBeInRange(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), DateTimeOffset.MaxValue);
        reply.Headers.Location!.ToString().ShouldBe("/purchases/" + purchase.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A2_a_purchase_of_nothing_is_one_too()
    {
        (await BuyAsync("anna", [])).Status.ShouldBe(201);
        (await World.GetAsync("/purchases")).Body[0].GetProperty("products").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A2_a_bad_body_is_422_names_the_field_and_stores_nothing()
    {
        foreach (var (body, field) in new[]
        {
            ("""{"user_id":"u"}""", "products"),
            ("""{"products":["p"]}""", "user_id"),
            ("""{"user_id":7,"products":["p"]}""", "/user_id"),
            ("""{"user_id":"u","products":["p",""]}""", "/products/1"),
            ("""{"user_id":"u","products":["p",null]}""", "products"),
            ("""{"user_id":"","products":["p"]}""", "/user_id"),
            ("""{"user_id":"u","products":["p"],"price":1}""", "price"),
            ("""{"user_id":"u","products":"p"}""", "/products"),
            ("""{"user_id":"u","products":["p"],"products":["q"]}""", "products"),
            ("not json", ""),
        })
        {
            var reply = await World.PostAsync("/purchases", body);
            reply.Status.ShouldBe(422, body + reply.Text);
            reply["message"].ShouldNotBeNullOrEmpty();
            reply.Text.ShouldContain(field);
        }

        (await World.GetAsync("/purchases")).Text.ShouldBe("[]");
    }

    [Fact]
    public async Task A2_too_many_products_and_too_long_ids_are_422()
    {
        (await BuyAsync("u", [.. Enumerable.Range(0, 10_001).Select(k => $"p{k}")])).Status.ShouldBe(422);
        (await BuyAsync("u", [new string('x', 257)])).Status.ShouldBe(422);
        (await World.GetAsync("/purchases")).Text.ShouldBe("[]");
        (await BuyAsync("u", [.. Enumerable.Range(0, 10_000).Select(k => $"p{k}")])).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A2_strange_ids_are_kept_as_they_are()
    {
        foreach (var id in new[] { "a/b", "ü ß", "../..", "%2F", "👩‍🚀", "select 1; --", "NaN", "-0" })
        {
            (await BuyAsync(id, [id])).Status.ShouldBe(201);
            var listed = (await World.GetAsync("/purchases?user_id=" + Uri.EscapeDataString(id))).Body.EnumerateArray().ShouldHaveSingleItem();
            listed.GetProperty("user_id").GetString().ShouldBe(id);
            listed.GetProperty("products")[0].GetString().ShouldBe(id);
        }
    }

    [Fact]
    public async Task A2_unknown_users_and_products_are_named_where_the_collection_wants_known_ones()
    {
        await using var strict = await ProgramWorld.StartAsync(
            await ConnectionStringAsync(), settings => ProgramWorld.WithShop(settings, shop => shop with { UnknownItems = false, UnknownUsers = false }));
        var admin = await AdminKeyAsync(strict);
        (await strict.SendAsync(HttpMethod.Put, "/api/v1/collections/shop/items/tea", new { title = "Tea" }, admin)).Status.ShouldBeInRange(200, 201);
        var stranger = await strict.PostAsync("/purchases", new { user_id = "nobody", products = new[] { "tea" } });
        stranger.Status.ShouldBe(400);
        stranger["message"]!.ShouldContain("nobody");
        (await strict.SendAsync(HttpMethod.Put, "/api/v1/collections/shop/users/anna", new { attributes = new { } }, admin)).Status.ShouldBeInRange(200, 201);
        var unknown = await strict.PostAsync("/purchases", new { user_id = "anna", products = new[] { "tea", "soap", "rope" } });
        unknown.Status.ShouldBe(400);
        unknown["message"]!.ShouldContain("soap, rope");
        (await strict.GetAsync("/purchases")).Text.ShouldBe("[]");
        (await strict.PostAsync("/purchases", new { user_id = "anna", products = new[] { "tea" } })).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A2_an_idempotency_key_makes_a_retry_safe()
    {
        for (var k = 0; k < 2; k++)
        {
            var reply = await World.SendAsync(HttpMethod.Post, "/purchases", new { user_id = "anna", products = new[] { "tea" } }, null, ("Idempotency-Key", "order-1"));
            reply.Status.ShouldBe(201);
            reply.Text.ShouldBe("""{"status":"purchases_added"}""");
        }

        (await World.GetAsync("/purchases")).Body.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A3_purchases_are_listed_oldest_first_by_page_and_by_user()
    {
        (await World.GetAsync("/api/purchases/")).Text.ShouldBe("[]");
        for (var k = 0; k < 5; k++)
        {
            await BuyAsync(k % 2 == 0 ? "anna" : "ben", [$"p{k}"]);
        }

        List<string> seen = [];
        for (var next = "/purchases?limit=2"; next is not null;)
        {
            var page = await World.GetAsync(next);
            seen.AddRange(page.Body.EnumerateArray().Select(purchase => purchase.GetProperty("products")[0].GetString()!));
            next = page.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
        }

        seen.ShouldBe(["p0", "p1", "p2", "p3", "p4"]);
        (await World.GetAsync("/purchases?user_id=ben")).Body.EnumerateArray().Select(one => one.GetProperty("products")[0].GetString()).ShouldBe(["p1", "p3"]);
        (await World.GetAsync("/purchases?user_id=nobody")).Text.ShouldBe("[]");
        (await World.GetAsync("/purchases?limit=0")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task A4_a_purchase_is_read_by_id_and_a_missing_one_is_404_with_the_id()
    {
        await BuyAsync("anna", ["tea"]);
        var listed = (await World.GetAsync("/purchases")).Body[0];
        var id = listed.GetProperty("id").GetString();
        (await World.GetAsync($"/api/purchases/{id}")).Text.ShouldBe(listed.GetRawText());
        var missing = await World.GetAsync($"/purchases/{Guid.Empty}");
        missing.Status.ShouldBe(404);
        missing["message"]!.ShouldContain(Guid.Empty.ToString());
    }

    [Fact]
    public async Task A5_a_purchase_is_taken_back_with_its_events_and_a_missing_one_is_404()
    {
        await BuyAsync("anna", ["tea", "cake"]);
        await BuyAsync("anna", ["soap"]);
        var id = (await World.GetAsync("/purchases")).Body[0].GetProperty("id").GetString();
        var deleted = await World.SendAsync(HttpMethod.Delete, $"/api/purchases/{id}");
        deleted.Status.ShouldBe(204);
        deleted.Text.ShouldBe("");
        (await World.SendAsync(HttpMethod.Delete, $"/purchases/{id}")).Status.ShouldBe(404);
        (await World.GetAsync("/purchases")).Body.EnumerateArray().ShouldHaveSingleItem().GetProperty("products")[0].GetString().ShouldBe("soap");
        var events = await World.GetAsync("/api/v1/collections/shop/users/anna/events");
        events.Body.GetProperty("data").EnumerateArray().ShouldHaveSingleItem().GetProperty("item").GetString().ShouldBe("soap");
    }

    [Fact]
    public async Task A6_generation_is_a_job_that_says_how_far_it_is()
    {
        await FillExampleAsync();
        foreach (var (path, body) in new[] { ("/recommendations/generate", new { user_id = "u1" }), ("/api/recommendations/generate/?user_id=u1", null) })
        {
            var reply = await World.PostAsync(path, body);
            reply.Status.ShouldBe(201, reply.Text);
            reply.Text.ShouldBe("""{"status":"recommendations_generation_started"}""");
            var job = await EndAsync(reply.Headers.Location!.ToString());
            job["state"].ShouldBe("done");
            job["user_id"].ShouldBe("u1");
            job.Body.GetProperty("finished_at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(job.Body.GetProperty("created_at").GetDateTimeOffset().AddSeconds(-1));
        }
    }

    [Fact]
    public async Task A6_an_unknown_user_is_404_and_a_missing_one_422()
    {
        var unknown = await World.PostAsync("/recommendations/generate", new { user_id = "nobody" });
        unknown.Status.ShouldBe(404);
        unknown["message"]!.ShouldContain("nobody");
        (await World.PostAsync("/recommendations/generate")).Status.ShouldBe(422);
        (await World.PostAsync("/recommendations/generate?user_id=a", new { user_id = "b" })).Status.ShouldBe(422);
        (await World.GetAsync($"/recommendations/jobs/{Guid.Empty}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A7_the_newest_result_is_read_and_a_second_generation_replaces_the_first()
    {
        await FillExampleAsync();
        (await World.GetAsync("/recommendations?user_id=u2")).ShouldSatisfyAllConditions(none => none.Status.ShouldBe(404), none => none["message"]!.ShouldContain("u2"));
        await GenerateAsync("u2");
        await GenerateAsync("u2");
        (await World.GetAsync("/recommendations?user_id=u2")).Text.ShouldBe("""{"user_id":"u2","product":"B"}""");
        (await World.GetAsync("/api/recommendations/u2")).Text.ShouldBe("""{"user_id":"u2","product":"B"}""");

        var list = (await World.GetAsync("/recommendations?user_id=u2&n=10")).Body;
        list.GetProperty("recommendations").EnumerateArray().Select(one => (one.GetProperty("rank").GetInt32(), one.GetProperty("product").GetString(), one.GetProperty("score").GetDouble()))
            .ShouldBe([(1, "B", 3), (2, "D", 1), (3, "E", 0)]);
        list.GetProperty("model").GetString().ShouldBe("copurchase");

        // What is bought since is not recommended, without a new generation.
        await BuyAsync("u2", ["B"]);
        (await World.GetAsync("/recommendations?user_id=u2")).Text.ShouldBe("""{"user_id":"u2","product":"D"}""");
        (await World.GetAsync("/recommendations?user_id=u2&n=0")).Status.ShouldBe(422);
        (await World.GetAsync("/recommendations")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task A7_auto_answers_with_the_collections_best_model_without_a_generation()
    {
        await FillExampleAsync();
        var answer = await World.GetAsync("/recommendations?user_id=u1&model=auto&n=3");
        answer.Status.ShouldBe(200, answer.Text);
        answer.Body.GetProperty("recommendations").EnumerateArray().Select(one => one.GetProperty("product").GetString()).ShouldBe(["E", "C", "D"], "no model is trained yet, so popular ones that are not seen");
        (await World.GetAsync("/recommendations?user_id=u1&model=magic")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task A8_the_worked_example_by_score_popularity_and_id()
    {
        await FillExampleAsync();
        await BuyAsync("visitor", []);
        foreach (var (user, products) in new[] { ("u1", "C,D,E"), ("u2", "B,D,E"), ("u3", "A,E"), ("u4", "A,B,C,D"), ("visitor", "A,E,B,C,D") })
        {
            await GenerateAsync(user);
            string.Join(',', (await World.GetAsync($"/recommendations?user_id={user}&n=10")).Body.GetProperty("recommendations").EnumerateArray().Select(one => one.GetProperty("product").GetString()))
                .ShouldBe(products, user);
        }
    }

    [Fact]
    public async Task A8_an_empty_shop_has_nothing_to_recommend_and_a_hidden_product_never_is()
    {
        await BuyAsync("visitor", []);
        await GenerateAsync("visitor");
        (await World.GetAsync("/recommendations?user_id=visitor")).Status.ShouldBe(404);

        await FillExampleAsync();
        await GenerateAsync("u1");
        var admin = await AdminKeyAsync(World);
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/shop/items/C", new { title = "C", hidden = true }, admin)).Status.ShouldBeInRange(200, 201);
        (await World.GetAsync("/recommendations?user_id=u1")).Text.ShouldBe("""{"user_id":"u1","product":"D"}""");
        await GenerateAsync("u1");
        (await World.GetAsync("/recommendations?user_id=u1")).Text.ShouldBe("""{"user_id":"u1","product":"D"}""");
    }

    [Fact]
    public async Task A8_a_purchase_taken_back_counts_no_more()
    {
        await FillExampleAsync();
        await GenerateAsync("u1");
        var third = (await World.GetAsync("/purchases?user_id=u2")).Body[0].GetProperty("id").GetString();
        await World.SendAsync(HttpMethod.Delete, $"/purchases/{third}");
        await GenerateAsync("u1");
        var list = (await World.GetAsync("/recommendations?user_id=u1&n=10")).Body.GetProperty("recommendations");
        list.EnumerateArray().Select(one => (one.GetProperty("product").GetString(), one.GetProperty("score").GetDouble())).ShouldBe([("C", 1), ("D", 1), ("E", 0)]);
    }

    [Fact]
    public async Task A9_errors_are_problem_details_that_say_message()
    {
        var missing = await World.GetAsync("/purchases/none");
        missing["message"].ShouldBe(missing["detail"]);
        missing["type"].ShouldBe("/problems/not-found");
        missing.Body.GetProperty("request_id").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A10_forgetting_a_user_takes_their_purchases_and_lists()
    {
        await FillExampleAsync();
        await GenerateAsync("u1");
        (await World.SendAsync(HttpMethod.Delete, "/api/v1/collections/shop/users/u1", null, await AdminKeyAsync(World))).Status.ShouldBe(204);
        (await World.GetAsync("/purchases?user_id=u1")).Text.ShouldBe("[]");
        (await World.GetAsync("/purchases")).Body.GetArrayLength().ShouldBe(5);
        (await World.GetAsync("/recommendations?user_id=u1")).Status.ShouldBe(404);
        await BuyAsync("u1", ["A"]);
        (await World.GetAsync("/recommendations?user_id=u1")).Status.ShouldBe(404, "who comes back is somebody new");
    }

    [Fact]
    public async Task A10_users_and_products_are_kept_by_the_native_api()
    {
        var admin = await AdminKeyAsync(World);
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/shop/users/anna", new { attributes = new { name = "Anna" } }, admin)).Status.ShouldBeInRange(200, 201);
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/shop/items/tea", new { title = "Tea", categories = new[] { "drinks" } }, admin)).Status.ShouldBeInRange(200, 201);
        (await BuyAsync("anna", ["tea"])).Status.ShouldBe(201);
        (await World.PostAsync("/recommendations/generate", new { user_id = "anna" })).Status.ShouldBe(201);
    }

    [Fact]
    public async Task In_production_a_key_or_the_users_own_token_is_needed()
    {
        await using var world = await ProgramWorld.StartAsync(await ConnectionStringAsync(), settings => settings with { Environment = "production" });
        (await world.PostAsync("/purchases", new { user_id = "anna", products = new[] { "tea" } })).Status.ShouldBe(401);
        (await world.GetAsync("/recommendations?user_id=anna")).Status.ShouldBe(401);
        (await world.GetAsync("/purchases")).ShouldSatisfyAllConditions(refused => refused.Status.ShouldBe(401), refused => refused["message"].ShouldNotBeNull());
        var (_, key) = await world.Get<ApiKeys>().CreateAsync("till", [Scopes.EventsWrite], ["shop"], expiresAt: null, Cancellation);
        (await world.PostAsync("/purchases", new { user_id = "anna", products = new[] { "tea" } }, key)).Status.ShouldBe(201);
        (await world.GetAsync("/purchases", key)).Status.ShouldBe(403);

        (await world.PostAsync("/auth/v1/register", new { email = "ben@example.org", password = AccountsWorld.Password, name = "Ben", surname = "B" })).Status.ShouldBe(201);
        using var form = new FormUrlEncodedContent(AccountsWorld.Form("ben@example.org"));
        using var client = new HttpClient { DefaultRequestHeaders = { { "X-Request-Id", "a-test" } } };
        using var login = await client.PostAsync(new Uri(world.Addresses[0], "/auth/v1/jwt/login"), form, Cancellation);
        var token = JsonElement.Parse(await login.Content.ReadAsStringAsync(Cancellation)).GetProperty("access_token").GetString()!;
        (await world.GetAsync("/purchases", token)).Text.ShouldBe("[]", "only their own");
        (await world.PostAsync("/purchases", new { user_id = "anna", products = new[] { "tea" } }, token)).Status.ShouldBe(422);
        (await world.GetAsync("/recommendations?user_id=anna", token)).Status.ShouldBe(404);
    }

    private static async Task<string> AdminKeyAsync(ProgramWorld world) =>
        (await world.Get<ApiKeys>().CreateAsync("admin", [Scopes.Admin], [], expiresAt: null, Cancellation)).Secret;

    private Task<Reply> BuyAsync(string user, string[] products, string path = "/purchases") => World.PostAsync(path, new { user_id = user, products });

    // The contract's own example: popularity A3 B2 C2 D1 E3.
    private async Task FillExampleAsync()
    {
        foreach (var (user, products) in new[] { ("u1", "A B"), ("u1", "A"), ("u2", "A C"), ("u3", "B C D"), ("u4", "E"), ("u5", "E"), ("u5", "E") })
        {
            (await BuyAsync(user, products.Split(' '))).Status.ShouldBe(201);
        }
    }

    private async Task GenerateAsync(string user)
    {
        var started = await World.PostAsync("/recommendations/generate", new { user_id = user });
        started.Status.ShouldBe(201, started.Text);
        (await EndAsync(started.Headers.Location!.ToString()))["state"].ShouldBe("done");
    }

    private async Task<Reply> EndAsync(string job)
    {
        for (var k = 0; k < 1000; k++)
        {
            var reply = await World.GetAsync(job);
            reply.Status.ShouldBe(200, reply.Text);
            if (reply["state"] != "queued")
            {
                return reply;
            }

            await Task.Delay(10, Cancellation);
        }

        throw new TimeoutException("The generation did not end.");
    }
}

public sealed class SqlitePurchasesTests : PurchasesContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresPurchasesTests(PostgresCluster cluster) : PurchasesContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
