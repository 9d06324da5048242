using System.Text.Json;
using Dapper;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Notifications;
using Kindred.Notifications.Notices;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using Kindred.Service.Tests.Systems;
using static Kindred.Service.Tests.Notifications.ChatWorld;

namespace Kindred.Service.Tests.Notifications;

/// <summary>Recommendations by mail and the notifications service, on every database.</summary>
public abstract class NoticeContract : ProgramContract
{
    private readonly OffsetClock _clock = new();
    private readonly SmtpSink _sink = new();

    private protected override async Task<ProgramWorld> StartAsync() => await ProgramWorld.StartAsync(
        await ConnectionStringAsync(), settings => settings with { Mail = settings.Mail with { Host = "127.0.0.1", Port = _sink.Port, Tls = MailTlsSettings.Offered } }, _clock);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task C22_a_digest_goes_to_who_asked_for_it_once_a_week_and_ends_with_one_click()
    {
        var (anna, ben, eve) = (await World.AddAsync("anna"), await World.AddAsync("ben"), await World.AddAsync("eve", verified: false));
        await WantAsync(anna, new { recommendations = true, language = "ru" });
        await WantAsync(eve, new { recommendations = true });
        foreach (var somebody in new[] { anna, ben, eve })
        {
            await TellAsync(Recommended(somebody.Id, "Old list"));
            await TellAsync(Recommended(somebody.Id, "Night Ferry", "Мост <b>"));
        }

        await TellAsync(Recommended(anna.Id));
        await RunAsync("recommendation-mail");
        await RunAsync("recommendation-mail");
        var letter = (await SentAsync()).ShouldHaveSingleItem("only to who has a confirmed address and asked, and once");
        Eml.Header(letter, "To").ShouldBe("<anna@example.org>");
        Eml.Subject(letter).ShouldBe("Рекомендации для просмотра");
        Eml.Part(letter, "text/plain").ShouldContain("- Night Ferry\r\n- Мост <b>\r\n");
        Eml.Part(letter, "text/plain").ShouldNotContain("Old list");
        System.Net.WebUtility.HtmlDecode(Eml.Part(letter, "text/html")).ShouldContain("<h1 style=\"font-size:22px\">Здравствуйте, anna</h1>");
        Eml.Part(letter, "text/html").ShouldContain("&lt;b&gt;");

        await TellAsync(Recommended(anna.Id, "Salt Road"));
        _clock.Advance(TimeSpan.FromDays(6.9));
        await RunAsync("recommendation-mail");
        (await SentAsync()).Count.ShouldBe(1, "not within the week");
        _clock.Advance(TimeSpan.FromDays(0.2));
        await RunAsync("recommendation-mail");
        Eml.Part((await SentAsync())[^1], "text/plain").ShouldContain("Salt Road");
        _clock.Advance(TimeSpan.FromDays(8));
        await RunAsync("recommendation-mail");
        (await SentAsync()).Count.ShouldBe(2, "nothing new, no letter");

        // One click, as a mail program does it: RFC 8058.
        Eml.Header(letter, "List-Unsubscribe-Post").ShouldBe("List-Unsubscribe=One-Click");
        var link = Eml.Header(letter, "List-Unsubscribe")!.Trim('<', '>');
        Eml.Part(letter, "text/plain").ShouldContain(link);
        var path = new Uri(link).PathAndQuery;
        (await World.GetAsync(path)).Status.ShouldBe(200);
        (await WishesAsync(anna)).GetProperty("recommendations").GetBoolean().ShouldBeTrue("looking at it changes nothing");
        (await World.SendFormAsync(path[..^3] + "AAA", [("List-Unsubscribe", "One-Click")], null)).Status.ShouldBe(404, "made up");
        (await World.SendFormAsync(path, [("List-Unsubscribe", "One-Click")], null)).Status.ShouldBe(200);
        (await World.SendFormAsync(path, [("List-Unsubscribe", "One-Click")], null)).Status.ShouldBe(200, "as often as one likes");
        (await WishesAsync(anna)).GetProperty("recommendations").GetBoolean().ShouldBeFalse();
        await TellAsync(Recommended(anna.Id, "Never"));
        await RunAsync("recommendation-mail");
        (await SentAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task C22_mail_and_chat_each_get_every_event()
    {
        var anna = await World.AddAsync("anna");
        await WantAsync(anna, new { recommendations = true });
        await using var client = await ChatClient.JoinAsync(World, anna);
        await client.NextAsync("users_update");
        for (var k = 0; k < 5; k++)
        {
            await TellAsync(Recommended(anna.Id, $"Film {k}"));
            (await client.NextAsync("message")).GetProperty("text").GetString()!.ShouldEndWith($"Film {k}");
            (await ScalarAsync<string>("select films from digests")).ShouldBe($"[\"Film {k}\"]");
        }
    }

    [Fact]
    public async Task C22_in_quiet_hours_a_digest_waits()
    {
        var anna = await World.AddAsync("anna");
        var hour = TimeZoneInfo.ConvertTime(_clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata")).Hour;
        await WantAsync(anna, new { recommendations = true, quiet_from = hour, quiet_until = (hour + 2) % 24, time_zone = "Asia/Kolkata" });
        await TellAsync(Recommended(anna.Id, "Night Ferry"));
        await RunAsync("recommendation-mail");
        (await SentAsync()).ShouldBeEmpty();
        var wishes = (await World.GetAsync("/v1/notifications/settings", anna.Token)).Body;
        (wishes.GetProperty("recommendations").GetBoolean(), wishes.GetProperty("quiet_from").GetInt32(), wishes.GetProperty("time_zone").GetString()).ShouldBe((true, hour, "Asia/Kolkata"));
        foreach (var bad in new object[] { new { quiet_from = 24, quiet_until = 1 }, new { quiet_from = 1 }, new { time_zone = "Mars/Crater" }, new { language = "xx" } })
        {
            (await World.SendAsync(HttpMethod.Put, "/v1/notifications/settings", bad, anna.Token)).Status.ShouldBe(422);
        }

        _clock.Advance(TimeSpan.FromHours(2));
        await RunAsync("recommendation-mail");
        (await SentAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task C32_notifications_are_taken_from_keys_with_the_scope_and_name_what_is_missing()
    {
        var anna = await World.AddAsync("anna");
        var key = await KeyAsync(Scopes.NotificationsWrite);
        var whole = new { user_id = anna.Id, email = anna.Email, movies = new[] { "A" }, series_id = "s1", episode = 7, message = "m" };
        (await AskAsync(null, "generic", whole)).Status.ShouldBe(401);
        (await AskAsync(await KeyAsync(Scopes.ItemsWrite), "generic", whole)).Status.ShouldBe(403);
        (await AskAsync(anna.Token, "generic", whole)).Status.ShouldBe(403);
        (await AskAsync(key, "sms", whole)).Status.ShouldBe(422);
        foreach (var (kind, keys) in new[] { ("user_registered", ""), ("popular_movies", " movies"), ("episode_release", " series_id episode"), ("generic", " message") })
        {
            var refused = await AskAsync(key, kind, new { });
            refused.Status.ShouldBe(422);
            refused.Body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()).ShouldBe(("user_id email" + keys).Split(' ').Select(name => "/data_store/" + name));
        }

        (await AskAsync(key, "generic", new { user_id = Guid.NewGuid(), email = anna.Email, message = "m" })).Status.ShouldBe(422);
        (await AskAsync(key, "generic", new { user_id = anna.Id, email = "other@example.org", message = "m" })).Status.ShouldBe(422, "nobody writes to whom they like");
        (await AskAsync(key, "generic", new { user_id = anna.Id, email = anna.Email, message = new string('x', 2001) })).Status.ShouldBe(422);
        (await AskAsync(key, "popular_movies", new { user_id = anna.Id, email = anna.Email, movies = Array.Empty<string>() })).Status.ShouldBe(422);
        (await ScalarAsync<long>("select count(*) from notices")).ShouldBe(0);
        var made = await AskAsync(key, "generic", whole);
        (made.Status, made.Text).ShouldBe((201, ""));
    }

    [Fact]
    public async Task C32_four_kinds_arrive_by_mail_or_live_and_are_listed_once_sent()
    {
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben"));
        var key = await KeyAsync(Scopes.NotificationsWrite);
        await WantAsync(anna, new { recommendations = true });
        await using var client = await ChatClient.JoinAsync(World, anna);
        await client.NextAsync("users_update");
        foreach (var (kind, data) in new (string, object)[]
        {
            ("user_registered", new { user_id = anna.Id, email = anna.Email }), ("popular_movies", new { user_id = anna.Id, email = anna.Email, movies = new[] { "Night Ferry", "Salt Road" } }),
            ("episode_release", new { user_id = anna.Id, email = anna.Email, series_id = "Harbour", episode = 7 }), ("generic", new { user_id = anna.Id, email = anna.Email, message = "привет" }),
        })
        {
            (await AskAsync(key, kind, data)).Status.ShouldBe(201);
        }

        (await client.NextAsync("system")).GetProperty("text").GetString().ShouldBe("A new episode is out: Harbour, episode 7");
        (await client.NextAsync("system")).GetProperty("text").GetString().ShouldBe("привет");
        var letters = await _sink.LettersAsync(2);
        letters.Select(Eml.Subject).Order(StringComparer.Ordinal).ShouldBe(["The films of the month", "Welcome"]);
        await LeftAsync();
        var listed = (await World.GetAsync($"/v1/notifications/?user_id={anna.Id}", anna.Token)).Body;
        listed.EnumerateArray().Select(one => string.Join(' ', one.EnumerateObject().Select(member => member.Name))).Distinct(StringComparer.Ordinal)
            .ShouldBe(["id user_id body recipient delivery_method expiration_time"]);
        listed.EnumerateArray().Select(one => one.GetProperty("delivery_method").GetString() + " " + one.GetProperty("body").GetString()).Order(StringComparer.Ordinal)
            .ShouldBe(["email Night Ferry, Salt Road", "email Welcome, anna!", "push A new episode is out: Harbour, episode 7", "push привет"]);
        (await World.GetAsync($"/v1/notifications/?user_id={anna.Id}&page_number=1&page_size=3", anna.Token)).Body.GetArrayLength().ShouldBe(1);
        (await World.GetAsync($"/v1/notifications/?user_id={anna.Id}", ben.Token)).Status.ShouldBe(404, "another's");
        (await World.GetAsync("/v1/notifications/", ben.Token)).Text.ShouldBe("[]");
        (await World.GetAsync("/v1/notifications/?page_size=101", ben.Token)).Status.ShouldBe(422);
    }

    [Fact]
    public async Task C32_what_cannot_or_should_not_be_delivered_is_not_listed_as_sent()
    {
        var (anna, eve) = (await World.AddAsync("anna"), await World.AddAsync("eve", verified: false));
        var key = await KeyAsync(Scopes.NotificationsWrite);
        (await AskAsync(key, "generic", new { user_id = eve.Id, email = eve.Email, message = "no room" })).Status.ShouldBe(201);
        (await AskAsync(key, "popular_movies", new { user_id = anna.Id, email = anna.Email, movies = new[] { "A" } })).Status.ShouldBe(201);
        await LeftAsync();
        (await ScalarAsync<long>("select count(*) from notices where status = 'failed' and reason is not null")).ShouldBe(2, "no live channel; not asked for");

        // Quiet hours: it waits, and is too late after a week.
        var hour = _clock.GetUtcNow().Hour;
        await WantAsync(anna, new { recommendations = true, quiet_from = hour, quiet_until = (hour + 3) % 24 });
        for (var k = 0; k < 2; k++)
        {
            (await AskAsync(key, "popular_movies", new { user_id = anna.Id, email = anna.Email, movies = new[] { $"Film {k}" } })).Status.ShouldBe(201);
            await LeftAsync();
            (await ScalarAsync<string>("select status from notices where films like '%Film%' order by created_at desc, id desc limit 1")).ShouldBe("waiting");
            _clock.Advance(k == 0 ? TimeSpan.FromHours(4) : TimeSpan.FromDays(7.5));
            await RunAsync("recommendation-mail");
            await LeftAsync();
            (await ScalarAsync<string>("select status from notices where films like '%Film%' order by created_at desc, id desc limit 1")).ShouldBe(k == 0 ? "sent" : "expired");
            _clock.Advance(TimeSpan.FromHours(20));
        }

        (await SentAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task C32_at_the_end_of_the_month_who_asked_gets_the_films_for_everybody_once()
    {
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben"));
        await WantAsync(anna, new { recommendations = true, language = "pt" });
        (Job("popular-films-mail").Cron, Job("popular-films-mail").TimeZone).ShouldBe(("0 0 0 L * ?", "Europe/Moscow"));
        await RunAsync("popular-films-mail");
        await LeftAsync();
        (await SentAsync()).ShouldBeEmpty("no such films yet");
        await TellAsync(Recommended(null, "Night Ferry", "Salt Road"));
        var due = _clock.GetUtcNow();
        for (var k = 0; k < 2; k++)
        {
            await Job("popular-films-mail").RunAsync(due, Cancellation);
        }

        await LeftAsync();
        var letter = (await SentAsync()).ShouldHaveSingleItem();
        (Eml.Header(letter, "To"), Eml.Subject(letter)).ShouldBe(($"<{anna.Email}>", "Os filmes do mês"));
        Eml.Part(letter, "text/plain").ShouldContain("- Night Ferry\r\n- Salt Road");
        ben.ShouldNotBeNull();
    }

    private IScheduledJob Job(string name) => World.Get<IEnumerable<IScheduledJob>>().Single(job => job.Name == name);

    private Task RunAsync(string name) => Job(name).RunAsync(_clock.GetUtcNow(), Cancellation);

    private async Task WantAsync(Somebody somebody, object wishes) =>
        (await World.SendAsync(HttpMethod.Put, "/v1/notifications/settings", wishes, somebody.Token)).Status.ShouldBe(200);

    private async Task<JsonElement> WishesAsync(Somebody somebody)
    {
        // Sessions end within a day by the clock that is moved on here.
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        var on = await connection.ExecuteScalarAsync<long>($"select recommendations from mail_preferences where person = {somebody.Number}");
        return JsonElement.Parse($$"""{"recommendations":{{(on == 1 ? "true" : "false")}}}""");
    }

    private async Task<string> KeyAsync(string scope) => (await World.Get<ApiKeys>().CreateAsync(scope, [scope], [], expiresAt: null, Cancellation)).Secret;

    private Task<Reply> AskAsync(string? bearer, string kind, object data) => World.PostAsync("/v1/notifications/", new { notification = kind, data_store = data }, bearer);

    private async Task TellAsync(RecommendationsMade made)
    {
        await World.TellAsync(made);
        await LeftAsync();
    }

    private async Task<IReadOnlyList<string>> SentAsync()
    {
        await LeftAsync();
        return _sink.Letters;
    }

    private async Task LeftAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (await ScalarAsync<long>("select count(*) from outbox") > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<T>(sql);
    }
}

public sealed class SqliteNoticeTests : NoticeContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresNoticeTests(PostgresCluster cluster) : NoticeContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
