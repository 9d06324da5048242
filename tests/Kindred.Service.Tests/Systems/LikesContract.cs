using System.Net.Http;
using System.Text.Json;
using Dapper;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Service.Tests.Systems;

/// <summary>Ratings of films over HTTP, whatever system they come through, on every database.</summary>
public abstract partial class LikesContract : ProgramContract
{
    private const string Likes = "/social/v1/likes/";
    private static readonly Guid s_film = Guid.Parse("3d825f60-9fff-4dfe-b294-1a45fa1e115d");
    private static readonly Guid s_other = Guid.Parse("0312ed51-8833-413f-bff5-0e139c11264a");

    [Fact]
    public async Task C12_a_film_is_rated_once_and_the_rating_is_an_event_and_a_message()
    {
        var anna = await PersonAsync("anna@example.org");
        var reply = await World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 8, liked_at = "2026-01-31T12:00:00+01:00" }, anna.Token);
        reply.Status.ShouldBe(200, reply.Text);
        reply.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["_id", "movie_id", "user_id", "rating", "liked_at"]);
        reply["movie_id"].ShouldBe(s_film.ToString());
        reply["user_id"].ShouldBe(anna.Id.ToString());
        reply["rating"].ShouldBe("8");
        reply["liked_at"].ShouldBe("2026-01-31T11:00:00Z");
        Guid.TryParse(reply["_id"], out _).ShouldBeTrue();

        var again = await World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 3 }, anna.Token);
        again.Status.ShouldBe(400);
        again["detail"]!.ShouldContain("already exists");
        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), 8f)]);
    }

    [Fact]
    public async Task C12_every_change_is_told_on_actions_with_the_contract_s_body()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var world = await ProgramWorld.StartAsync(await ConnectionStringAsync(), services: services => services.AddSingleton<IMessageHandler>(new Listener(ActionTopics.Actions, message => told.Enqueue(message.Body))));
        var anna = await PersonAsync("anna@example.org", world);
        var id = (await world.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 8 }, anna.Token))["_id"];
        (await world.SendAsync(HttpMethod.Put, $"{Likes}{id}?rating=3", null, anna.Token)).Status.ShouldBe(200);
        (await world.SendAsync(HttpMethod.Delete, Likes + id, null, anna.Token)).Status.ShouldBe(200);
        await UntilAsync(() => told.Count == 3);
        var bodies = told.Select(body => JsonElement.Parse(body)).ToArray();
        bodies[0].EnumerateObject().Select(member => member.Name).ShouldBe(["user_id", "movie_id", "action", "event_data", "event_time"]);
        bodies[0].GetProperty("user_id").GetString().ShouldBe(anna.Id.ToString());
        bodies[0].GetProperty("movie_id").GetString().ShouldBe(s_film.ToString());
        bodies.Select(body => body.GetProperty("action").GetRawText()).ShouldBe(["""{"type":"rate","data":"8"}""", """{"type":"rate","data":"3"}""", """{"type":"unrate","data":""}"""]);
        bodies.Select(body => body.GetProperty("event_data").GetString()).ShouldBe(["8", "3", ""]);
        bodies.Select(body => body.GetProperty("event_time").GetDateTimeOffset()).ShouldBeInOrder();
        bodies[0].GetProperty("event_time").GetString()!.ShouldEndWith("Z");
    }

    [Fact]
    public async Task C12_a_rating_that_is_none_is_422_and_stores_nothing()
    {
        var anna = await PersonAsync("anna@example.org");
        foreach (var rating in new[] { "0", "11", "5.5", "\"8\"", "NaN", "-1", "null", "1e400", "[]" })
        {
            var reply = await World.PostAsync(Likes, $$"""{"movie_id":"{{s_film}}","user_id":"{{anna.Id}}","rating":{{rating}}}""", anna.Token);
            reply.Status.ShouldBe(422, rating + reply.Text);
        }

        foreach (var body in new[]
        {
            $$"""{"movie_id":"film","user_id":"{{anna.Id}}","rating":8}""",
            $$"""{"movie_id":"{{s_film}}","user_id":"anna","rating":8}""",
            $$"""{"movie_id":"{{s_film}}","rating":8}""",
            $$"""{"movie_id":"{{s_film}}","user_id":"{{anna.Id}}"}""",
            $$"""{"movie_id":"{{s_film}}","user_id":"{{anna.Id}}","rating":8,"liked_at":"2126-01-31T12:00:00Z"}""",
            $$"""{"movie_id":"{{s_film}}","user_id":"{{anna.Id}}","rating":8,"liked_at":"2026-01-31T12:00:00"}""",
            "not json",
        })
        {
            (await World.PostAsync(Likes, body, anna.Token)).Status.ShouldBe(422, body);
        }

        (await EventsAsync(anna.Id)).ShouldBeEmpty();
        (await ListAsync(anna)).ShouldBeEmpty();
    }

    [Fact]
    public async Task C12_a_like_needs_a_bearer_and_nobody_speaks_for_another()
    {
        var (anna, ben) = (await PersonAsync("anna@example.org"), await PersonAsync("ben@example.org"));
        var nobody = await World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 8 });
        nobody.Status.ShouldBe(401);
        nobody["detail"].ShouldBe("No token provided");
        var wrong = await World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 8 }, "wrong");
        wrong.Status.ShouldBe(401);
        wrong["detail"]!.ShouldStartWith("Token invalid: ");

        (await World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 8 }, ben.Token)).Status.ShouldBe(403);
        (await EventsAsync(anna.Id)).ShouldBeEmpty();
        var id = (await World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 8 }, anna.Token))["_id"];
        foreach (var (method, path) in new[] { (HttpMethod.Put, $"{Likes}{id}?rating=1"), (HttpMethod.Delete, Likes + id), (HttpMethod.Get, Likes + id), (HttpMethod.Get, $"{Likes}?user_id={anna.Id}") })
        {
            var refused = await World.SendAsync(method, path, null, ben.Token);
            refused.Status.ShouldBe(403, $"{method} {path}");
            refused["detail"]!.ShouldContain("another user");
        }

        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), 8f)]);
    }

    [Fact]
    public async Task C13_a_changed_rating_replaces_its_event_and_a_deleted_one_takes_it_back()
    {
        var anna = await PersonAsync("anna@example.org");
        var id = await RateAsync(anna, s_film, 8);
        var put = await World.SendAsync(HttpMethod.Put, $"{Likes}{id}?rating=3", null, anna.Token);
        put.Status.ShouldBe(200, put.Text);
        put["message"].ShouldNotBeNullOrEmpty();
        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), 3f)]);
        (await World.SendAsync(HttpMethod.Put, $"{Likes}{id}?rating=3", null, anna.Token)).Status.ShouldBe(400, "the same value");
        foreach (var rating in new[] { "0", "11", "5.5", "x", "" })
        {
            (await World.SendAsync(HttpMethod.Put, $"{Likes}{id}?rating={rating}", null, anna.Token)).Status.ShouldBe(422, rating);
        }

        (await World.SendAsync(HttpMethod.Put, $"{Likes}{id}", null, anna.Token)).Status.ShouldBe(422);
        (await World.SendAsync(HttpMethod.Put, $"{Likes}{Guid.NewGuid()}?rating=3", null, anna.Token)).Status.ShouldBe(404);
        (await World.SendAsync(HttpMethod.Put, $"{Likes}nothing?rating=3", null, anna.Token)).Status.ShouldBe(404);

        var deleted = await World.SendAsync(HttpMethod.Delete, Likes + id, null, anna.Token);
        deleted.Status.ShouldBe(200);
        deleted["message"].ShouldNotBeNullOrEmpty();
        (await EventsAsync(anna.Id)).ShouldBeEmpty();
        (await ListAsync(anna)).ShouldBeEmpty();
        (await World.SendAsync(HttpMethod.Delete, Likes + id, null, anna.Token)).Status.ShouldBe(404);
        (await World.GetAsync(Likes + id, anna.Token)).Status.ShouldBe(404);

        (await RateAsync(anna, s_film, 9)).ShouldNotBe(id);
        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), 9f)]);
    }

    [Fact]
    public async Task C13_a_change_reaches_the_recommender_with_its_answer()
    {
        var anna = await PersonAsync("anna@example.org");
        var admin = await KeyAsync(World, Scopes.Admin);
        foreach (var film in new[] { s_film, s_other })
        {
            (await World.SendAsync(HttpMethod.Put, $"/api/v1/collections/films/items/{film}", new { title = film.ToString() }, admin)).Status.ShouldBeInRange(200, 201);
        }

        async Task<string[]> ListOfAsync() => [.. (await World.GetAsync($"/api/v1/collections/films/users/{anna.Id}/recommendations", admin)).Body.GetProperty("data").EnumerateArray().Select(slot => slot.GetProperty("item").GetString()!)];
        (await RateAsync(anna, s_film, 9)).ShouldNotBeNull();
        (await ListOfAsync()).ShouldBe([s_other.ToString()]);
        var id = await RateAsync(anna, s_other, 9);
        (await ListOfAsync()).ShouldBeEmpty();
        (await World.SendAsync(HttpMethod.Delete, Likes + id, null, anna.Token)).Status.ShouldBe(200);
        (await ListOfAsync()).ShouldBe([s_other.ToString()]);
    }

    [Fact]
    public async Task C13_of_many_changes_at_once_the_last_is_the_only_event()
    {
        var anna = await PersonAsync("anna@example.org");
        var adds = await Task.WhenAll(Enumerable.Range(0, 16).Select(k => World.PostAsync(Likes, new { movie_id = s_film, user_id = anna.Id, rating = 1 + (k % 10) }, anna.Token)));
        var added = adds.Single(reply => reply.Status == 200);
        adds.Count(reply => reply.Status == 400).ShouldBe(15);
        var puts = await Task.WhenAll(Enumerable.Range(0, 32).Select(k => World.SendAsync(HttpMethod.Put, $"{Likes}{added["_id"]}?rating={1 + (k % 10)}", null, anna.Token)));
        puts.ShouldAllBe(reply => reply.Status == 200 || reply.Status == 400);
        var shown = (await ListAsync(anna)).ShouldHaveSingleItem().GetProperty("rating").GetInt32();
        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), shown)]);
    }

    [Fact]
    public async Task C14_ratings_are_read_by_page_and_by_id()
    {
        var anna = await PersonAsync("anna@example.org");
        var films = Enumerable.Range(0, 12).Select(_ => Guid.NewGuid()).ToArray();
        var ids = new List<string?>();
        for (var k = 0; k < films.Length; k++)
        {
            ids.Add(await RateAsync(anna, films[k], 1 + (k % 10)));
        }

        var first = await World.GetAsync($"{Likes}?user_id={anna.Id}", anna.Token);
        first.Body.GetArrayLength().ShouldBe(10);
        first.Body[0].EnumerateObject().Select(member => member.Name).ShouldBe(["id", "movie_id", "user_id", "liked_at", "rating"]);
        first.Body.EnumerateArray().Select(like => like.GetProperty("movie_id").GetGuid()).ShouldBe(films[..10]);
        (await World.GetAsync($"{Likes}?user_id={anna.Id}&page_number=1", anna.Token)).Body.GetArrayLength().ShouldBe(2);
        (await World.GetAsync($"{Likes}?user_id={anna.Id}&page_number=2&page_size=5", anna.Token)).Body.EnumerateArray().Select(like => like.GetProperty("movie_id").GetGuid()).ShouldBe(films[10..]);
        (await World.GetAsync($"{Likes}?user_id={anna.Id}&page_number=2147483647&page_size=100", anna.Token)).Text.ShouldBe("[]");
        (await World.GetAsync($"{Likes}?user_id={anna.Id.ToString().ToUpperInvariant()}", anna.Token)).Body.GetArrayLength().ShouldBe(10);
        foreach (var (query, status) in new[]
        {
            ("", 422), ("user_id=anna", 400), ($"user_id={anna.Id}&page_number=-1", 422), ($"user_id={anna.Id}&page_size=0", 422), ($"user_id={anna.Id}&page_size=101", 422), ($"user_id={anna.Id}&page_size=x", 422),
        })
        {
            (await World.GetAsync($"{Likes}?{query}", anna.Token)).Status.ShouldBe(status, query);
        }

        var one = await World.GetAsync(Likes + ids[3], anna.Token);
        one.Status.ShouldBe(200);
        (one["movie_id"], one["rating"]).ShouldBe((films[3].ToString(), "4"));
        (await World.GetAsync(Likes + "4711", anna.Token)).Status.ShouldBe(404);
        var reader = await KeyAsync(World, Scopes.EventsRead);
        (await World.GetAsync(Likes + ids[3], reader)).Status.ShouldBe(200, "a key for events:read");
    }

    [Fact]
    public async Task C16_a_forgotten_user_s_likes_bookmarks_and_reviews_are_gone()
    {
        var anna = await PersonAsync("anna@example.org");
        var admin = await KeyAsync(World, Scopes.Admin);
        var like = await RateAsync(anna, s_film, 8);
        (await World.PostAsync("/social/v1/bookmarks/", new { movie_id = s_film, user_id = anna.Id }, anna.Token)).Status.ShouldBe(200);
        var review = (await World.PostAsync("/social/v1/reviews/", new { movie_id = s_film, user_id = anna.Id, review_text = "a film for everybody" }, anna.Token))["_id"];
        (await World.SendAsync(HttpMethod.Delete, $"/api/v1/collections/films/users/{anna.Id}", null, admin)).Status.ShouldBe(204);
        (await World.GetAsync("/social/v1/reviews/" + review)).Status.ShouldBe(404);
        (await World.GetAsync(Likes + like, admin)).Status.ShouldBe(404);
        foreach (var list in new[] { "likes", "bookmarks", "reviews" })
        {
            (await World.GetAsync($"/social/v1/{list}/?user_id={anna.Id}", admin)).Text.ShouldBe("[]", list);
        }
    }

    [Fact]
    public async Task C16_a_deleted_account_takes_likes_bookmarks_and_reviews_along_and_a_late_message_brings_nothing_back()
    {
        var anna = await PersonAsync("anna@example.org");
        var admin = await KeyAsync(World, Scopes.Admin);
        (await RateAsync(anna, s_film, 8)).ShouldNotBeNull();
        var review = (await World.PostAsync("/social/v1/reviews/", new { movie_id = s_film, user_id = anna.Id, review_text = "a film for everybody" }, anna.Token))["_id"];
        var number = (await World.GetAsync("/whoami", anna.Token)).Text.Split("id: ")[1].TrimEnd('"');
        (await World.SendAsync(HttpMethod.Delete, $"/api/v1/users/{number}/", null, admin)).Status.ShouldBe(204);
        await UntilAsync(async () => (await World.GetAsync("/social/v1/reviews/" + review)).Status == 404);
        await TellAsync(Rate(anna.Id, s_film, "9", TimeProvider.System.GetUtcNow()));
        foreach (var list in new[] { "likes", "bookmarks", "reviews" })
        {
            (await World.GetAsync($"/social/v1/{list}/?user_id={anna.Id}", admin)).Text.ShouldBe("[]", list);
        }

        (await EventsAsync(anna.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task C17_a_message_upserts_and_what_is_late_or_repeated_or_no_rating_changes_nothing()
    {
        var anna = await PersonAsync("anna@example.org");
        var user = Guid.NewGuid();
        var at = TimeProvider.System.GetUtcNow().AddHours(-1);
        await TellAsync(Rate(user, s_film, "8", at));
        (await EventsAsync(user)).ShouldBe([(s_film.ToString(), 8f)]);
        await TellAsync(Rate(user, s_film, "9", at.AddMinutes(1)), Rate(user, s_film, "9", at.AddMinutes(1)), Rate(user, s_film, "2", at.AddMinutes(-1)));
        (await EventsAsync(user)).ShouldBe([(s_film.ToString(), 9f)]);
        foreach (var bad in new[] { "0", "11", "x", "", "NaN", "-3", "1e1" })
        {
            await TellAsync(Rate(user, s_film, bad, at.AddMinutes(5)));
        }

        await TellAsync(Rate(user, s_film, "1", at.AddMinutes(6)) with { Action = new ActionKind("watch", "1") });
        (await EventsAsync(user)).ShouldBe([(s_film.ToString(), 9f)]);
        await TellAsync(Rate(user, s_film, "", at.AddMinutes(7)) with { Action = new ActionKind(ActionKind.Unrate, "") }, Rate(user, s_film, "5", at.AddMinutes(2)));
        (await EventsAsync(user)).ShouldBeEmpty();

        // What the likes' routes told of themselves comes late: it must not bring back what was taken back since.
        var id = await RateAsync(anna, s_film, 8);
        (await World.SendAsync(HttpMethod.Delete, Likes + id, null, anna.Token)).Status.ShouldBe(200);
        await TellAsync(Rate(anna.Id, s_film, "8", at));
        (await EventsAsync(anna.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task C17_a_message_that_cannot_be_read_is_parked_and_holds_up_nobody()
    {
        await using var world = await ProgramWorld.StartAsync(
            await ConnectionStringAsync(), settings => settings with { Messaging = settings.Messaging with { RetryAfter = [TimeSpan.FromMilliseconds(1)] } });
        var user = Guid.NewGuid();
        var database = world.Get<Database>();
        await database.WriteAsync(
            async transaction =>
            {
                await world.Get<Outbox>().AddAsync(ActionTopics.Actions, new { user_id = "", movie_id = "f", action = new { type = "rate", data = "8" }, event_data = "8", event_time = TimeProvider.System.GetUtcNow() }, transaction, Cancellation);
                await world.Get<Outbox>().AddAsync(ActionTopics.Actions, new { nonsense = true }, transaction, Cancellation);
                await world.Get<Outbox>().AddAsync(ActionTopics.Actions, Rate(user, s_film, "8", TimeProvider.System.GetUtcNow()), transaction, Cancellation);
            },
            Cancellation);
        await UntilAsync(async () => (await EventsAsync(user, world)).Length == 1 && (await world.Get<ParkedMessages>().ListAsync("feedback-actions", 10, Cancellation)).Count == 2);
    }

    [Fact]
    public async Task B_13_stars_go_in_by_the_cookie_and_are_one_profile_with_likes()
    {
        var anna = await PersonAsync("anna@example.org");
        (string, string) cookie = ("Cookie", "bonds=" + anna.Token);
        var made = await World.SendAsync(HttpMethod.Post, "/ratings", new { film_id = s_film, rating = 4.5 }, null, cookie);
        made.Status.ShouldBe(201, made.Text);
        (made["film_id"], made["rating"]).ShouldBe((s_film.ToString(), "4.5"));
        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), 9f)]);
        (await ListAsync(anna)).ShouldHaveSingleItem().GetProperty("rating").GetInt32().ShouldBe(9);
        (await World.SendAsync(HttpMethod.Post, "/ratings", new { film_id = s_film, rating = 0.5 }, null, cookie)).Status.ShouldBe(200);
        (await World.SendAsync(HttpMethod.Post, "/ratings", """{"film_id":318,"rating":5}""", null, cookie)).Status.ShouldBe(201);
        (await EventsAsync(anna.Id)).ShouldBe([("318", 10f), (s_film.ToString(), 1f)], ignoreOrder: true);
        var listed = await World.SendAsync(HttpMethod.Get, "/ratings", null, null, cookie);
        listed.Body.EnumerateArray().Select(rating => (rating.GetProperty("film_id").GetString(), rating.GetProperty("rating").GetDouble())).ShouldBe([(s_film.ToString(), 0.5), ("318", 5.0)]);
        foreach (var rating in new[] { "0", "0.4", "4.25", "5.5", "\"5\"", "NaN", "null" })
        {
            (await World.SendAsync(HttpMethod.Post, "/ratings", $$"""{"film_id":"318","rating":{{rating}}}""", null, cookie)).Status.ShouldBe(422, rating);
        }

        (await World.SendAsync(HttpMethod.Delete, "/ratings/318", null, null, cookie)).Status.ShouldBe(204);
        (await World.SendAsync(HttpMethod.Delete, "/ratings/318", null, null, cookie)).Status.ShouldBe(404);
        (await EventsAsync(anna.Id)).ShouldBe([(s_film.ToString(), 1f)]);
        (await World.PostAsync("/ratings", new { film_id = "318", rating = 5 })).Status.ShouldBe(401);
    }

    [Fact]
    public async Task E7_users_and_ratings_are_added_by_number_and_read_back_as_sent()
    {
        var user = await World.PostAsync("/usuarios", new { nome = "Ana", email = "ana@example.org" });
        user.Status.ShouldBe(201, user.Text);
        user.Body.GetProperty("id").GetInt32().ShouldBe(1);
        (user["nome"], user["email"]).ShouldBe(("Ana", "ana@example.org"));
        (await World.PostAsync("/usuarios", new { nome = "Ana", email = "ANA@example.org" })).Status.ShouldBe(400, "one user an address");
        var admin = await KeyAsync(World, Scopes.Admin);
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/films/items/1", new { title = "Um" }, admin)).Status.ShouldBeInRange(200, 201);
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/films/items/2", new { title = "Dois" }, admin)).Status.ShouldBeInRange(200, 201);
        foreach (var (film, rating) in new[] { (1, 4.0), (2, 0.0), (2, 3.3) })
        {
            var rated = await World.PostAsync("/avaliacoes", new { usuario_id = 1, filme_id = film, avaliacao = rating });
            rated.Status.ShouldBeInRange(200, 201, rated.Text);
            rated.Body.GetProperty("avaliacao").GetDouble().ShouldBe(rating);
        }

        (await World.GetAsync("/avaliacoes?usuario_id=1")).Status.ShouldBe(401, "what somebody rated is theirs");
        var listed = await World.GetAsync("/avaliacoes?usuario_id=1", admin);
        listed.Body.EnumerateArray().Select(one => (one.GetProperty("filme_id").GetInt32(), one.GetProperty("avaliacao").GetDouble())).ShouldBe([(1, 4.0), (2, 3.3)]);
        (await World.GetAsync("/usuarios/1", admin))["email"].ShouldBe("ana@example.org");
        foreach (var (body, status) in new[]
        {
            ("""{"usuario_id":9,"filme_id":1,"avaliacao":4}""", 404), ("""{"usuario_id":1,"filme_id":9,"avaliacao":4}""", 404), ("""{"usuario_id":0,"filme_id":1,"avaliacao":4}""", 404),
            ("""{"usuario_id":1,"filme_id":1,"avaliacao":5.1}""", 422), ("""{"usuario_id":1,"filme_id":1,"avaliacao":-1}""", 422), ("""{"usuario_id":"1","filme_id":1,"avaliacao":4}""", 422),
            ("""{"usuario_id":1,"filme_id":1}""", 422),
        })
        {
            var refused = await World.PostAsync("/avaliacoes", body);
            refused.Status.ShouldBe(status, body);
            refused["error"].ShouldNotBeNullOrEmpty();
        }

        foreach (var body in new[] { """{"nome":"","email":"b@example.org"}""", """{"nome":"B","email":"b"}""", """{"nome":"B"}""", "[]" })
        {
            (await World.PostAsync("/usuarios", body)).Status.ShouldBe(422, body);
        }
    }

    [Fact]
    public async Task E7_somebody_signed_in_has_one_number_and_one_profile()
    {
        var anna = await PersonAsync("anna@example.org");
        await RateAsync(anna, s_film, 8);
        var number = (await World.PostAsync("/usuarios", new { nome = "Anna", email = "anna@example.org" }, anna.Token)).Body.GetProperty("id").GetInt32();
        (await World.PostAsync("/usuarios", new { nome = "Anna K", email = "anna@example.org" }, anna.Token)).Body.GetProperty("id").GetInt32().ShouldBe(number);
        var listed = await World.GetAsync($"/avaliacoes?usuario_id={number}", anna.Token);
        listed.Body.EnumerateArray().ShouldHaveSingleItem().GetProperty("avaliacao").GetDouble().ShouldBe(3.889, "8 of 1 to 10 lies where 3.889 of 0 to 5 does");
        var ben = await PersonAsync("ben@example.org");
        (await World.GetAsync($"/avaliacoes?usuario_id={number}", ben.Token)).Status.ShouldBe(404);
        (await World.GetAsync($"/usuarios/{number}", ben.Token)).Status.ShouldBe(404);
    }

    private static ActionTaken Rate(Guid user, Guid film, string rating, DateTimeOffset at) => new(user.ToString(), film.ToString(), new ActionKind(ActionKind.Rate, rating), rating, at);

    private static async Task<string> KeyAsync(ProgramWorld world, string scope) => (await world.Get<ApiKeys>().CreateAsync(scope, [scope], [], expiresAt: null, Cancellation)).Secret;

    // Sends messages as another program would and waits until they are handled.
    private async Task TellAsync(params ActionTaken[] actions)
    {
        foreach (var action in actions)
        {
            var message = await World.Get<Database>().WriteAsync(transaction => World.Get<Outbox>().AddAsync(ActionTopics.Actions, action, transaction, Cancellation), Cancellation);
            await World.Get<Outbox>().SettledAsync(message, Cancellation);
        }

        // Settling has its limit; what is handled is no longer written down.
        await UntilAsync(async () =>
        {
            await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
            return await connection.ExecuteScalarAsync<long>("select count(*) from outbox where topic = 'actions'") == 0;
        });
    }

    private async Task<(Guid Id, string Token)> PersonAsync(string email, ProgramWorld? world = null) => await (world ?? World).PersonAsync(email);

    private async Task<string?> RateAsync((Guid Id, string Token) who, Guid film, int rating)
    {
        var reply = await World.PostAsync(Likes, new { movie_id = film, user_id = who.Id, rating }, who.Token);
        reply.Status.ShouldBe(200, reply.Text);
        return reply["_id"];
    }

    private async Task<JsonElement[]> ListAsync((Guid Id, string Token) who) => [.. (await World.GetAsync($"{Likes}?user_id={who.Id}", who.Token)).Body.EnumerateArray()];

    // A user's events with their types.
    private async Task<(string Type, float? Value)[]> RecordedAsync(Guid user)
    {
        var films = World.Get<CollectionRegistry>().Find("films")!;
        var number = await World.Get<Numbers>().FindUserAsync(films.Number, user.ToString(), Cancellation);
        var events = await World.Get<IEventReader>().ReadUserAsync(films.Number, number ?? -1, 1000, Cancellation);
        return [.. events.Select(one => (films.FindEventType(one.Type)!.Name, one.Value))];
    }

    // The log as models read it.
    private async Task<(string Item, float Value)[]> EventsAsync(Guid user, ProgramWorld? world = null)
    {
        world ??= World;
        var films = world.Get<CollectionRegistry>().Find("films")!.Number;
        var numbers = world.Get<Numbers>();
        if (await numbers.FindUserAsync(films, user.ToString(), Cancellation) is not { } number)
        {
            return [];
        }

        var events = await world.Get<IEventReader>().ReadUserAsync(films, number, 1000, Cancellation);
        var items = await numbers.ItemIdsAsync(films, [.. events.Select(one => one.Item)], Cancellation);
        return [.. events.Zip(items, (one, item) => (item!, one.Value!.Value))];
    }
}

public sealed class SqliteLikesTests : LikesContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresLikesTests(PostgresCluster cluster) : LikesContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
