using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Dapper;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Notifications.Chat;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using Kindred.Service.Tests.Systems;
using static Kindred.Service.Tests.Notifications.ChatWorld;

namespace Kindred.Service.Tests.Notifications;

/// <summary>The chat over real WebSockets, behaviour by behaviour, on every database.</summary>
public abstract class ChatContract : IAsyncLifetime
{
    private ProgramWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await ProgramWorld.StartAsync(await ConnectionStringAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    [Fact]
    public async Task C24_whoever_confirms_their_address_has_a_room_with_a_welcome_and_only_one()
    {
        var body = new { email = "anna@example.org", password = "correct horse battery", name = "Anna", surname = "Karenina" };
        var id = (await _world.SendAsync(HttpMethod.Post, "/auth/v1/register", body, null, ("Accept-Language", "pt-BR"))).Body.GetProperty("id").GetGuid();
        var token = (await _world.SendAsync(HttpMethod.Post, "/api/v1/auth/login/", new { body.email, body.password }))["access"]!;
        var anna = new Somebody(0, id, body.email, token);
        (await _world.GetAsync("/ws/v1/chat/user_rooms", token)).Text.ShouldBe("[]", "not before the address is confirmed");
        string? link = null;
        while (link is null)
        {
            var mails = Path.Combine(_world.Folder, "mail");
            link = !Directory.Exists(mails) ? null : Directory.GetFiles(mails, "*.eml").Select(path => Eml.Part(File.ReadAllText(path), "text/plain")).FirstOrDefault()?
                .Split("\r\n").Single(line => line.Contains("/auth/v1/s/", StringComparison.Ordinal));
            await Task.Delay(20, Cancellation);
        }

        (await _world.GetAsync(new Uri(link).PathAndQuery)).Status.ShouldBe(307);
        var room = await _world.RoomOfAsync(anna);
        (await _world.GetAsync("/ws/v1/chat/user_rooms", token)).Body[0].GetProperty("name").GetString().ShouldBe("Sala de Anna Karenina");
        await using var client = await ChatClient.JoinAsync(_world, anna, room);
        await client.SayAsync("""{"command":"get_history"}""");
        var welcome = (await client.NextAsync("history")).GetProperty("messages")[0];
        welcome.GetProperty("text").GetString()!.ShouldStartWith("Olá, Anna Karenina!");
        (welcome.GetProperty("type").GetString(), welcome.GetProperty("username").GetString(), welcome.GetProperty("role").GetString()).ShouldBe(("system", "recommendation bot", "bot"));

        for (var k = 0; k < 2; k++)
        {
            await _world.Get<Database>().WriteAsync(
                transaction => _world.Get<Outbox>().AddAsync(CinemaTopics.UserVerified, new UserVerified(id, $"anna{k}@example.org", "Anna"), transaction, Cancellation), Cancellation);
        }

        await HandledAsync("user_verified");
        (await CountAsync("chat_rooms where owner is not null")).ShouldBe(1);
        (await CountAsync("chat_messages where text like 'Olá%'")).ShouldBe(1);
    }

    [Fact]
    public async Task C25_a_recommendation_reaches_its_own_user_live_and_nobody_else()
    {
        var (anna, ben) = (await _world.AddAsync("anna"), await _world.AddAsync("ben"));
        await using var at = await ChatClient.JoinAsync(_world, anna);
        await using var elsewhere = await ChatClient.JoinAsync(_world, ben);
        await at.NextAsync("users_update");
        await elsewhere.NextAsync("users_update");

        await _world.TellAsync(Recommended(anna.Id, "Night Ferry", "Salt Road", "Мост"));
        var frame = await at.NextAsync("message");
        frame.GetProperty("text").GetString().ShouldBe("we recommend the following films: Night Ferry, Salt Road, Мост");
        (frame.GetProperty("username").GetString(), frame.GetProperty("role").GetString(), frame.GetProperty("is_self").GetBoolean()).ShouldBe(("recommendation bot", "bot", false));

        // The same list again, a list of nothing, one for everybody and one for a stranger say nothing.
        foreach (var quiet in new[] { Recommended(anna.Id, "Night Ferry", "Salt Road", "Мост"), Recommended(anna.Id), Recommended(null, "All"), Recommended(Guid.NewGuid(), "Nobody") })
        {
            await _world.TellAsync(quiet);
        }

        await _world.TellAsync(Recommended(anna.Id, "Other"));
        (await at.NextAsync("message")).GetProperty("text").GetString().ShouldBe("we recommend the following films: Other");
        await at.SayAsync("""{"command":"get_history"}""");
        (await at.NextAsync("history")).GetProperty("messages").EnumerateArray().Count(message => message.GetProperty("username").GetString() == "recommendation bot").ShouldBe(3, "stored, with the welcome");
        await elsewhere.SayAsync("alone?");
        (await elsewhere.NextAsync()).GetProperty("text").GetString().ShouldBe("alone?", "nothing came between");
    }

    [Fact]
    public async Task C26_the_page_is_strict_and_joining_wants_a_token_and_one_s_own_address()
    {
        foreach (var path in new[] { "/ws/v1/chat/", $"/ws/v1/chat/{Guid.NewGuid()}/{Guid.NewGuid()}" })
        {
            var page = await _world.GetAsync(path);
            (page.Status, page.ContentType).ShouldBe((200, "text/html"));
            page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
            page.Text.ShouldNotContain("style=");
            page.Text.ShouldNotContain("onclick");
            page.Text.ShouldContain("maxlength=\"500\"");
        }

        (await _world.GetAsync("/chat/chat.js")).ContentType.ShouldBe("text/javascript");
        (await _world.GetAsync("/chat/chat.css")).ContentType.ShouldBe("text/css");

        (await FormAsync("join_chat", null, ("email", "anna@example.org"))).Status.ShouldBe(401, "an address is no proof");
        var anna = await _world.AddAsync("anna", verified: false);
        var joined = (await FormAsync("join_chat", anna.Token, ("email", "Anna@example.org"))).Body;
        joined.GetProperty("success").GetBoolean().ShouldBeTrue();
        joined.GetProperty("user_id").GetGuid().ShouldBe(anna.Id);
        joined.GetProperty("redirect_url").GetString().ShouldBe($"/ws/v1/chat/{await _world.RoomOfAsync(anna)}/{anna.Id}");
        (await FormAsync("join_chat", anna.Token)).Body.GetProperty("success").GetBoolean().ShouldBeTrue("the token says who");
        var other = (await FormAsync("join_chat", anna.Token, ("email", "ben@example.org"))).Body;
        other.GetProperty("success").GetBoolean().ShouldBeFalse();
        other.GetProperty("error").GetString().ShouldNotBeEmpty();
        (await _world.SendAsync(HttpMethod.Post, "/ws/v1/chat/join_chat", null, null, ("Cookie", "bonds=" + anna.Token))).Status.ShouldBe(200);
        (await _world.SendAsync(HttpMethod.Post, "/ws/v1/chat/join_chat", null, null, ("Cookie", "bonds=" + anna.Token), ("Origin", "https://evil.example"))).Status.ShouldBe(403, "a cookie of another page's request");
    }

    [Fact]
    public async Task C27_frames_are_as_the_contract_says_and_names_and_roles_are_the_server_s()
    {
        var (anna, ben) = (await _world.AddAsync("anna", admin: true), await _world.AddAsync("ben"));
        var room = await SharedAsync(anna, ben);
        await using var first = await ChatClient.JoinAsync(_world, anna, room);
        var joined = await first.NextAsync();
        Members(joined).ShouldBe("type id text username timestamp role is_self");
        (joined.GetProperty("type").GetString(), joined.GetProperty("text").GetString(), joined.GetProperty("username").GetString(), joined.GetProperty("role").GetString())
            .ShouldBe(("system", "anna joined", "anna", "admin"), "Mallory of the auth frame is nobody");
        joined.GetProperty("timestamp").GetDouble().ShouldBeInRange(1_600_000_000, 4_000_000_000, "seconds since 1970");
        var users = (await first.NextAsync("users_update")).GetProperty("users")[0];
        Members(users).ShouldBe("username email role");
        (users.GetProperty("username").GetString(), users.GetProperty("email").GetString(), users.GetProperty("role").GetString()).ShouldBe(("anna", "anna@example.org", "admin"));

        await using var second = await ChatClient.JoinAsync(_world, ben, room);
        (await second.NextAsync()).GetProperty("text").GetString().ShouldBe("ben joined");
        (await second.NextAsync()).GetProperty("users").EnumerateArray().Select(one => one.GetProperty("email").GetString()).ShouldBe(["", "ben@example.org"], "addresses of others are for admins");
        (await first.NextAsync()).GetProperty("text").GetString().ShouldBe("ben joined");
        (await first.NextAsync()).GetProperty("users").EnumerateArray().Select(one => one.GetProperty("email").GetString()).ShouldBe(["anna@example.org", "ben@example.org"]);

        foreach (var (sent, text) in new[]
        {
            ("""{"text":"  hello, \"you\" <b>  "}""", "hello, \"you\" <b>"), ("plain text", "plain text"), ("123", "123"), ("{not json", "{not json"), ("""{"text":"\ud83d\ude00 ёж"}""", "😀 ёж"),
        })
        {
            await second.SayAsync(sent);
            var (own, others) = (await second.NextAsync(), await first.NextAsync());
            (own.GetProperty("text").GetString(), own.GetProperty("is_self").GetBoolean(), own.GetProperty("role").GetString(), own.GetProperty("type").GetString()).ShouldBe((text, true, "user", "message"));
            (others.GetProperty("text").GetString(), others.GetProperty("is_self").GetBoolean(), others.GetProperty("id").GetInt64()).ShouldBe((text, false, own.GetProperty("id").GetInt64()));
        }

        await second.SayAsync("   ");
        await second.SayAsync("""{"command":"get_history"}""");
        var history = await second.NextAsync();
        Members(history).ShouldBe("type messages");
        history.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("text").GetString())
            .ShouldBe(["anna joined", "ben joined", "hello, \"you\" <b>", "plain text", "123", "{not json", "😀 ёж"]);

        await second.DisposeAsync();
        (await first.NextAsync()).GetProperty("text").GetString().ShouldBe("ben left");
        (await first.NextAsync()).GetProperty("users").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("not json", 1003)]
    [InlineData("""{"text":"hello"}""", 1008)]
    [InlineData("[1]", 1008)]
    [InlineData("binary", 1003)]
    [InlineData("long", 1008)]
    public async Task C27_what_comes_before_auth_is_closed_with_its_code(string frame, int code)
    {
        var anna = await _world.AddAsync("anna");
        var (client, _) = await ChatClient.TryOpenAsync(_world, await _world.RoomOfAsync(anna), anna.Id, anna.Token);
        await using var open = client.ShouldNotBeNull();
        await (frame switch
        {
            "binary" => open.SendAsync("""{"type":"auth"}"""u8.ToArray(), WebSocketMessageType.Binary),
            "long" => open.SayAsync($$"""{"type":"auth","username":"{{new string('x', 9000)}}"}"""),
            _ => open.SayAsync(frame),
        });
        (await open.ClosedAsync()).ShouldBe(code);
        (await CountAsync("chat_messages where text like '%joined'")).ShouldBe(0, "nobody came in");
    }

    [Theory]
    [InlineData("text of 501", 1008)]
    [InlineData("frame of 9000", 1008)]
    [InlineData("binary", 1003)]
    [InlineData("""{"command":"format_disk"}""", 1008)]
    [InlineData("""{"nothing":1}""", 1008)]
    [InlineData("""{"text":"\ud800"}""", 1008)]
    public async Task C27_what_is_against_the_rules_is_closed_with_its_code(string frame, int code)
    {
        var anna = await _world.AddAsync("anna");
        await using var client = await ChatClient.JoinAsync(_world, anna);
        await client.SayAsync(JsonSerializer.Serialize(new { text = new string('ж', 500) }));
        (await client.NextAsync("message")).GetProperty("text").GetString()!.Length.ShouldBe(500);
        await (frame switch
        {
            "binary" => client.SendAsync([1, 2, 3], WebSocketMessageType.Binary),
            "text of 501" => client.SayAsync(new string('x', 501)),
            "frame of 9000" => client.SayAsync(new string('x', 9000)),
            _ => client.SayAsync(frame),
        });
        (await client.ClosedAsync()).ShouldBe(code);
        (await CountAsync("chat_messages where kind = 'message'")).ShouldBe(1);
    }

    [Fact]
    public async Task C27_a_websocket_is_for_oneself_in_one_s_own_rooms_and_refused_before_it_is_one()
    {
        var (anna, ben) = (await _world.AddAsync("anna"), await _world.AddAsync("ben"));
        var (own, others) = (await _world.RoomOfAsync(anna), await _world.RoomOfAsync(ben));
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, null)).Status.ShouldBe(401);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, anna.Token[..^4] + "AAAA")).Status.ShouldBe(401);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, null, "?token=" + anna.Token)).Status.ShouldBe(401, "never in an address");
        var (_, key) = await _world.Get<ApiKeys>().CreateAsync("all", [Scopes.Admin], [], expiresAt: null, Cancellation);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, key)).Status.ShouldBe(401, "a key is nobody");
        (await ChatClient.TryOpenAsync(_world, own, ben.Id, anna.Token)).Status.ShouldBe(403);
        (await ChatClient.TryOpenAsync(_world, others, anna.Id, anna.Token)).Status.ShouldBe(404);
        (await ChatClient.TryOpenAsync(_world, Guid.NewGuid(), anna.Id, anna.Token)).Status.ShouldBe(404);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, anna.Token, "?after=x")).Status.ShouldBe(400);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, null, cookie: "bonds=" + anna.Token, origin: "https://evil.example")).Status.ShouldBe(403);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, null, cookie: "bonds=" + anna.Token, origin: "null")).Status.ShouldBe(403);
        var (mine, _) = await ChatClient.TryOpenAsync(_world, own, anna.Id, null, cookie: "bonds=" + anna.Token, origin: $"http://{_world.Addresses[0].Authority}");
        await mine.ShouldNotBeNull().DisposeAsync();

        var ticket = (await _world.SendAsync(HttpMethod.Post, "/ws/v1/chat/ticket", null, anna.Token))["ticket"];
        var (once, _) = await ChatClient.TryOpenAsync(_world, own, anna.Id, null, "?ticket=" + ticket);
        await once.ShouldNotBeNull().DisposeAsync();
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, null, "?ticket=" + ticket)).Status.ShouldBe(401, "once");
        var late = (await _world.SendAsync(HttpMethod.Post, "/ws/v1/chat/ticket", null, anna.Token))["ticket"];
        (await _world.SendAsync(HttpMethod.Post, "/auth/v1/jwt/logout", null, anna.Token)).Status.ShouldBe(204);
        (await ChatClient.TryOpenAsync(_world, own, anna.Id, null, "?ticket=" + late)).Status.ShouldBe(401, "its session has ended");
        (await CountAsync("chat_tickets")).ShouldBe(0);
    }

    [Fact]
    public async Task C27_who_signs_out_or_is_taken_out_of_the_room_is_closed_within_moments()
    {
        var (anna, ben) = (await _world.AddAsync("anna"), await _world.AddAsync("ben", admin: true));
        var home = await _world.RoomOfAsync(anna);
        var room = await SharedAsync(anna, ben);
        await using var own = await ChatClient.JoinAsync(_world, anna, home);
        await using var shared = await ChatClient.JoinAsync(_world, anna, room);
        await own.NextAsync("users_update");
        await shared.NextAsync("users_update");
        (await FormAsync("remove_user_from_room", ben.Token, ("room_id", room.ToString()), ("email", anna.Email))).Body.GetProperty("success").GetBoolean().ShouldBeTrue();
        (await shared.ClosedAsync()).ShouldBe(1008);
        await own.SayAsync("still here");
        await own.NextAsync("message");
        (await _world.SendAsync(HttpMethod.Post, "/auth/v1/jwt/logout", null, anna.Token)).Status.ShouldBe(204);
        (await own.ClosedAsync()).ShouldBe(1008);
    }

    [Fact]
    public async Task C27_after_a_break_everything_missed_comes_once_by_address_or_by_command()
    {
        var (anna, ben) = (await _world.AddAsync("anna"), await _world.AddAsync("ben", admin: true));
        var room = await SharedAsync(anna, ben);
        await using var ben1 = await ChatClient.JoinAsync(_world, ben, room);
        var (lost, _) = (await ChatClient.JoinAsync(_world, anna, room), 0);
        List<string> seen = [];
        long last = 0;
        await lost.NextAsync("users_update");
        for (var k = 0; k < 3; k++)
        {
            await ben1.SayAsync($"a{k}");
            var frame = await lost.NextAsync("message");
            seen.Add(frame.GetProperty("text").GetString()!);
            last = frame.GetProperty("id").GetInt64();
        }

        for (var round = 0; round < 2; round++)
        {
            lost.Break();
            for (var k = 0; k < 300; k++)
            {
                await ben1.SayAsync($"{round} missed {k}");
            }

            await Until(async () => await CountAsync($"chat_messages where text = '{round} missed 299'") == 1);
            await lost.DisposeAsync();
            lost = await ChatClient.JoinAsync(_world, anna, room, round == 0 ? $"?after={last}" : "");
            if (round == 1)
            {
                await lost.SayAsync($$"""{"command":"resume","after":{{last}}}""");
            }

            await Task.Delay(200, Cancellation);
            await ben1.SayAsync($"{round} end");
            List<long> ids = [];
            for (var (end, missed) = (false, 0); !end || missed < 300;)
            {
                var frame = await lost.NextAsync();
                if (frame.GetProperty("type").GetString() == "users_update")
                {
                    continue;
                }

                ids.Add(frame.GetProperty("id").GetInt64());
                if (frame.GetProperty("type").GetString() == "message")
                {
                    var text = frame.GetProperty("text").GetString()!;
                    seen.Add(text);
                    end |= text == $"{round} end";
                    missed += text.Contains("missed", StringComparison.Ordinal) ? 1 : 0;
                }
            }

            ids.ShouldBeUnique();
            ids.Min().ShouldBe(last + 1);
            (ids.Max() - ids.Min() + 1).ShouldBe(ids.Count, "no place is missing");
            last = ids.Max();
        }

        seen.ShouldBeUnique();
        seen.Count.ShouldBe(3 + (2 * 301));
        await lost.DisposeAsync();
    }

    [Fact]
    public async Task C27_what_another_process_stores_is_pushed_too()
    {
        var anna = await _world.AddAsync("anna");
        await using var client = await ChatClient.JoinAsync(_world, anna);
        await client.NextAsync("users_update");
        var store = _world.Get<ChatStore>();
        for (var k = 0; k < 2; k++)
        {
            // Straight into the tables, past the hub of this process.
            await _world.Get<Database>().WriteAsync(
                async transaction =>
                {
                    var room = (await ChatStore.OwnRoomAsync(transaction, anna.Id, Cancellation))!;
                    await store.AddAsync(transaction, room.Number, [new Said(Said.Message, null, "elsewhere", "user", $"from afar {k}"), new Said(Said.Message, null, "elsewhere", "user", $"and again {k}")], Cancellation);
                },
                Cancellation);
            (await client.NextAsync("message")).GetProperty("text").GetString().ShouldBe($"from afar {k}");
            (await client.NextAsync("message")).GetProperty("text").GetString().ShouldBe($"and again {k}");
        }
    }

    [Fact]
    public async Task C27_a_hundred_clients_get_all_of_their_own_and_ten_that_stop_reading_hurt_nobody()
    {
        const int clients = 100, messages = 100, deaf = 10, warm = 5;
        List<(Somebody Who, Guid Room)> people = [];
        for (var k = 0; k < clients + deaf; k++)
        {
            var somebody = await _world.AddAsync($"user{k}");
            people.Add((somebody, await _world.RoomOfAsync(somebody)));
        }

        List<ChatClient> silent = [];
        foreach (var (somebody, room) in people[clients..])
        {
            silent.Add(await ChatClient.JoinAsync(_world, somebody, room));
        }

        var stopped = System.Diagnostics.Stopwatch.StartNew();
        var hub = _world.Get<ChatHub>();
        var latencies = await Task.WhenAll(people[..clients].Select(async (one, k) =>
        {
            await using var client = await ChatClient.JoinAsync(_world, one.Who, one.Room);
            await client.NextAsync("users_update");
            List<double> own = [];
            for (var m = 0; m < messages; m++)
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                await client.SayAsync($"user{k} says {m}");
                var frame = await client.NextAsync("message");
                if (m >= warm)
                {
                    own.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }

                frame.GetProperty("text").GetString().ShouldBe($"user{k} says {m}");
                await Task.Delay(100, Cancellation);
            }

            return own;
        }));
        await Until(() => Task.FromResult(hub.Count == 0));
        var closedAfter = stopped.Elapsed;
        var all = latencies.SelectMany(own => own).Order().ToArray();
        var p99 = all[all.Length * 99 / 100];
        TestContext.Current.SendDiagnosticMessage($"{all.Length} messages: p50 {all[all.Length / 2]:0.0} ms, p99 {p99:0.0} ms, max {all[^1]:0.0} ms; the deaf closed within {closedAfter.TotalSeconds:0.0} s");
        (await CountAsync("chat_messages where kind = 'message'")).ShouldBe(clients * messages);
        p99.ShouldBeLessThan(250);
        foreach (var client in silent)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task C27_a_client_that_stops_reading_is_closed_within_thirty_seconds()
    {
        var (anna, ben) = (await _world.AddAsync("anna"), await _world.AddAsync("ben"));
        var room = await SharedAsync(anna, ben);
        await using var deaf = await ChatClient.JoinAsync(_world, anna, room);
        await using var reader = await ChatClient.JoinAsync(_world, ben, room);
        var start = System.Diagnostics.Stopwatch.StartNew();
        var hub = _world.Get<ChatHub>();
        for (var k = 0; hub.Count > 1; k++)
        {
            await reader.SayAsync($"still here {k}");
            await reader.NextAsync("message");
            await Task.Delay(200, Cancellation);
            start.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }

        await Until(async () => await CountAsync("chat_messages where text = 'anna left'") == 1);
    }

    [Fact]
    public async Task C25_a_recommendation_is_pushed_within_a_quarter_of_a_second()
    {
        List<(ChatClient Client, Somebody Who)> open = [];
        for (var k = 0; k < 20; k++)
        {
            var somebody = await _world.AddAsync($"user{k}");
            open.Add((await ChatClient.JoinAsync(_world, somebody), somebody));
            await open[^1].Client.NextAsync("users_update");
        }

        List<double> waits = [];
        for (var m = 0; m < 10; m++)
        {
            foreach (var (client, who) in open)
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                await _world.TellAsync(Recommended(who.Id, $"Film {m}"));
                (await client.NextAsync("message")).GetProperty("text").GetString()!.ShouldEndWith($": Film {m}");
                waits.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        waits.Sort();
        TestContext.Current.SendDiagnosticMessage($"{waits.Count} recommendations: p50 {waits[waits.Count / 2]:0.0} ms, p99 {waits[waits.Count * 99 / 100]:0.0} ms");
        waits[waits.Count * 99 / 100].ShouldBeLessThan(250);
        foreach (var (client, _) in open)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task C28_rooms_are_made_filled_emptied_and_deleted_by_admins_only()
    {
        var (admin, anna) = (await _world.AddAsync("admin", admin: true), await _world.AddAsync("anna"));
        foreach (var path in new[] { "rooms", "users" })
        {
            (await _world.GetAsync("/ws/v1/chat/" + path)).Status.ShouldBe(401);
            (await _world.GetAsync("/ws/v1/chat/" + path, anna.Token)).Status.ShouldBe(403);
        }

        foreach (var path in new[] { "create_room", "switch_room", "add_user_to_room", "remove_user_from_room", "delete_room" })
        {
            (await FormAsync(path, null)).Status.ShouldBe(401);
            (await FormAsync(path, anna.Token)).Status.ShouldBe(403);
        }

        var made = (await FormAsync("create_room", admin.Token, ("name", "Film night"))).Body;
        Members(made).ShouldBe("id name message_history");
        var room = made.GetProperty("id").GetGuid().ToString();
        (await FormAsync("create_room", admin.Token)).Status.ShouldBe(422);
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", room), ("email", "ANNA@example.org"))).ShouldBeTrue();
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", room), ("email", "nobody@example.org"))).ShouldBeFalse();
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", Guid.NewGuid().ToString()), ("email", anna.Email))).ShouldBeFalse();
        var own = await _world.RoomOfAsync(admin);
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", own.ToString()), ("email", anna.Email))).ShouldBeFalse("somebody's own room stays their own");
        (await NamesAsync(anna)).ShouldBe(["Film night", "Room of anna"]);
        var listed = (await _world.GetAsync("/ws/v1/chat/rooms", admin.Token)).Body.EnumerateArray().Single(one => one.GetProperty("name").GetString() == "Film night");
        (Members(listed), listed.GetProperty("users_count").GetInt32()).ShouldBe(("id name users_count", 1));
        var users = (await _world.GetAsync("/ws/v1/chat/users", admin.Token)).Body;
        users.EnumerateArray().Select(user => $"{user.GetProperty("id").GetGuid()} {user.GetProperty("name").GetString()} {user.GetProperty("email").GetString()} {user.GetProperty("role").GetString()}")
            .ShouldBe([$"{admin.Id} admin {admin.Email} admin", $"{anna.Id} anna {anna.Email} user"]);

        Done(await FormAsync("remove_user_from_room", admin.Token, ("room_id", room), ("email", anna.Email))).ShouldBeTrue();
        (await NamesAsync(anna)).ShouldBe(["Default Room", "Room of anna"]);
        Done(await FormAsync("remove_user_from_room", admin.Token, ("room_id", room), ("email", anna.Email))).ShouldBeFalse();
        var switched = (await FormAsync("switch_room", admin.Token, ("user_id", anna.Id.ToString()), ("new_room_id", room))).Body;
        switched.GetProperty("redirect_url").GetString().ShouldBe($"/ws/v1/chat/{room}/{anna.Id}");
        (await NamesAsync(anna)).ShouldBe(["Film night", "Room of anna"], "out of the default room");
        Done(await FormAsync("switch_room", admin.Token, ("user_id", anna.Id.ToString()), ("new_room_id", own.ToString()))).ShouldBeFalse("not into somebody else's own");

        Done(await FormAsync("delete_room", admin.Token, ("room_id", room))).ShouldBeTrue();
        (await NamesAsync(anna)).ShouldBe(["Default Room", "Room of anna"]);
        Done(await FormAsync("delete_room", admin.Token, ("room_id", room))).ShouldBeFalse();
        Done(await FormAsync("delete_room", admin.Token, ("room_id", RoomRow.Default))).ShouldBeFalse();
        Done(await FormAsync("delete_room", admin.Token, ("room_id", own.ToString()))).ShouldBeFalse();

        (await _world.GetAsync($"/ws/v1/chat/user_rooms?user_id={anna.Id}", admin.Token)).Body.GetArrayLength().ShouldBe(2);
        (await _world.GetAsync($"/ws/v1/chat/user_rooms?user_id={admin.Id}", anna.Token)).Status.ShouldBe(404);
        (await _world.GetAsync("/ws/v1/chat/user_rooms?user_id=7", admin.Token)).Status.ShouldBe(422);
    }

    [Fact]
    public async Task C28_an_admin_logs_in_by_a_key_and_still_has_to_be_signed_in()
    {
        var (admin, anna) = (await _world.AddAsync("admin", admin: true), await _world.AddAsync("anna"));
        var (_, key) = await _world.Get<ApiKeys>().CreateAsync("chat", [Scopes.Admin], [], expiresAt: null, Cancellation);
        var (_, weak) = await _world.Get<ApiKeys>().CreateAsync("weak", [Scopes.ItemsRead], [], expiresAt: null, Cancellation);
        var missing = await LoginAsync(null, admin.Email);
        (missing.Status, missing["detail"]).ShouldBe((403, "Not authenticated"));
        foreach (var (wrong, name) in new[] { (weak, admin.Email), (anna.Token, admin.Email), ("kindred_x", admin.Email), (key, anna.Email), (key, "nobody") })
        {
            Done(await LoginAsync(wrong, name)).ShouldBeFalse();
        }

        var done = (await LoginAsync(key, admin.Email)).Body;
        done.GetProperty("user_id").GetGuid().ShouldBe(admin.Id);
        done.GetProperty("redirect_url").GetString().ShouldBe($"/ws/v1/chat/{await _world.RoomOfAsync(admin)}/{admin.Id}");
        Members(done).ShouldBe("success redirect_url user_id", "no token comes of it");

        Task<Reply> LoginAsync(string? secret, string name) => FormAsync("admin_login", null, [("name", name), ("api_key", "x")], secret is null ? [] : [("X-API-Key", secret)]);
    }

    [Fact]
    public async Task A_deleted_account_leaves_nothing_in_the_chat()
    {
        var (admin, anna) = (await _world.AddAsync("admin", admin: true), await _world.AddAsync("anna"));
        var room = await SharedAsync(admin, anna);
        await using (var client = await ChatClient.JoinAsync(_world, anna, room))
        {
            await client.SayAsync("my words");
            await client.NextAsync("message");
        }

        (await _world.SendAsync(HttpMethod.Delete, $"/api/v1/users/{anna.Number}/", null, admin.Token)).Status.ShouldBe(204);
        (await CountAsync($"chat_rooms where owner = {anna.Number}")).ShouldBe(0);
        (await CountAsync($"chat_members where person = {anna.Number}")).ShouldBe(0);
        (await CountAsync("chat_messages where text = 'my words'")).ShouldBe(0);
    }

    private async Task<Guid> SharedAsync(params Somebody[] people)
    {
        var admin = await _world.AddAsync("keeper" + Guid.NewGuid().ToString("N"), verified: false, admin: true);
        var room = (await FormAsync("create_room", admin.Token, ("name", "shared"))).Body.GetProperty("id").GetGuid();
        foreach (var person in people)
        {
            Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", room.ToString()), ("email", person.Email))).ShouldBeTrue();
        }

        return room;
    }

    private Task<Reply> FormAsync(string path, string? token, params (string Name, string Value)[] fields) => FormAsync(path, token, fields, []);

    private Task<Reply> FormAsync(string path, string? token, (string Name, string Value)[] fields, (string Name, string Value)[] headers) =>
        _world.SendFormAsync("/ws/v1/chat/" + path, fields, token, headers);

    private async Task<string[]> NamesAsync(Somebody somebody) =>
        [.. (await _world.GetAsync("/ws/v1/chat/user_rooms", somebody.Token)).Body.EnumerateArray().Select(room => room.GetProperty("name").GetString()!)];

    private static bool Done(Reply reply)
    {
        reply.Status.ShouldBe(200, reply.Text);
        return reply.Body.GetProperty("success").GetBoolean();
    }

    private static string Members(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(member => member.Name));

    private async Task<long> CountAsync(string what)
    {
        await using var connection = await _world.Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>("select count(*) from " + what);
    }

    private Task HandledAsync(string topic) => Until(async () => await CountAsync($"outbox where topic = '{topic}'") == 0);

    private static async Task Until(Func<Task<bool>> done)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await done())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private protected abstract Task<string> ConnectionStringAsync();
}

public sealed class SqliteChatTests : ChatContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresChatTests(PostgresCluster cluster) : ChatContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
