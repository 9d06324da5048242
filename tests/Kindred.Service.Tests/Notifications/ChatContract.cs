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
public abstract partial class ChatContract : ProgramContract
{
    [Fact]
    public async Task C24_whoever_confirms_their_address_has_a_room_with_a_welcome_and_only_one()
    {
        var body = new { email = "anna@example.org", password = "correct horse battery", name = "Anna", surname = "Karenina" };
        var id = (await World.SendAsync(HttpMethod.Post, "/auth/v1/register", body, null, ("Accept-Language", "pt-BR"))).Body.GetProperty("id").GetGuid();
        var token = (await World.SendAsync(HttpMethod.Post, "/api/v1/auth/login/", new { body.email, body.password }))["access"]!;
        var anna = new Somebody(0, id, body.email, token);
        (await World.GetAsync("/ws/v1/chat/user_rooms", token)).Text.ShouldBe("[]", "not before the address is confirmed");
        string? link = null;
        while (link is null)
        {
            var mails = Path.Combine(World.Folder, "mail");
            link = !Directory.Exists(mails) ? null : Directory.GetFiles(mails, "*.eml").Select(path => Eml.Part(File.ReadAllText(path), "text/plain")).FirstOrDefault()?
                .Split("\r\n").Single(line => line.Contains("/auth/v1/s/", StringComparison.Ordinal));
            await Task.Delay(20, Cancellation);
        }

        (await World.GetAsync(new Uri(link).PathAndQuery)).Status.ShouldBe(307);
        var room = await World.RoomOfAsync(anna);
        (await World.GetAsync("/ws/v1/chat/user_rooms", token)).Body[0].GetProperty("name").GetString().ShouldBe("Sala de Anna Karenina");
        await using var client = await ChatClient.JoinAsync(World, anna, room);
        await client.SayAsync("""{"command":"get_history"}""");
        var welcome = (await client.NextAsync("history")).GetProperty("messages")[0];
        welcome.GetProperty("text").GetString()!.ShouldStartWith("Olá, Anna Karenina!");
        (welcome.GetProperty("type").GetString(), welcome.GetProperty("username").GetString(), welcome.GetProperty("role").GetString()).ShouldBe(("system", "recommendation bot", "bot"));

        for (var k = 0; k < 2; k++)
        {
            await World.Get<Database>().WriteAsync(
                transaction => World.Get<Outbox>().AddAsync(CinemaTopics.UserVerified, new UserVerified(id, $"anna{k}@example.org", "Anna"), transaction, Cancellation), Cancellation);
        }

        await HandledAsync("user_verified");
        (await CountAsync("chat_rooms where owner is not null")).ShouldBe(1);
        (await CountAsync("chat_messages where text like 'Olá%'")).ShouldBe(1);
    }

    [Fact]
    public async Task C25_a_recommendation_reaches_its_own_user_live_and_nobody_else()
    {
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben"));
        await using var at = await ChatClient.JoinAsync(World, anna);
        await using var elsewhere = await ChatClient.JoinAsync(World, ben);
        await at.NextAsync("users_update");
        await elsewhere.NextAsync("users_update");

        await World.TellAsync(Recommended(anna.Id, "Night Ferry", "Salt Road", "Мост"));
        var frame = await at.NextAsync("message");
        frame.GetProperty("text").GetString().ShouldBe("we recommend the following films: Night Ferry, Salt Road, Мост");
        (frame.GetProperty("username").GetString(), frame.GetProperty("role").GetString(), frame.GetProperty("is_self").GetBoolean()).ShouldBe(("recommendation bot", "bot", false));

        // The same list again, a list of nothing, one for everybody and one for a stranger say nothing.
        foreach (var quiet in new[] { Recommended(anna.Id, "Night Ferry", "Salt Road", "Мост"), Recommended(anna.Id), Recommended(null, "All"), Recommended(Guid.NewGuid(), "Nobody") })
        {
            await World.TellAsync(quiet);
        }

        await World.TellAsync(Recommended(anna.Id, "Other"));
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
            var page = await World.GetAsync(path);
            (page.Status, page.ContentType).ShouldBe((200, "text/html"));
            page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
            page.Text.ShouldNotContain("style=");
            page.Text.ShouldNotContain("onclick");
            page.Text.ShouldContain("maxlength=\"500\"");
        }

        (await World.GetAsync("/chat/chat.js")).ContentType.ShouldBe("text/javascript");
        (await World.GetAsync("/chat/chat.css")).ContentType.ShouldBe("text/css");

        (await FormAsync("join_chat", null, ("email", "anna@example.org"))).Status.ShouldBe(401, "an address is no proof");
        var anna = await World.AddAsync("anna", verified: false);
        var joined = (await FormAsync("join_chat", anna.Token, ("email", "Anna@example.org"))).Body;
        joined.GetProperty("success").GetBoolean().ShouldBeTrue();
        joined.GetProperty("user_id").GetGuid().ShouldBe(anna.Id);
        joined.GetProperty("redirect_url").GetString().ShouldBe($"/ws/v1/chat/{await World.RoomOfAsync(anna)}/{anna.Id}");
        (await FormAsync("join_chat", anna.Token)).Body.GetProperty("success").GetBoolean().ShouldBeTrue("the token says who");
        var other = (await FormAsync("join_chat", anna.Token, ("email", "ben@example.org"))).Body;
        other.GetProperty("success").GetBoolean().ShouldBeFalse();
        other.GetProperty("error").GetString().ShouldNotBeEmpty();
        (await World.SendAsync(HttpMethod.Post, "/ws/v1/chat/join_chat", null, null, ("Cookie", "bonds=" + anna.Token))).Status.ShouldBe(200);
        (await World.SendAsync(HttpMethod.Post, "/ws/v1/chat/join_chat", null, null, ("Cookie", "bonds=" + anna.Token), ("Origin", "https://evil.example"))).Status.ShouldBe(403, "a cookie of another page's request");
    }

    [Fact]
    public async Task C27_frames_are_as_the_contract_says_and_names_and_roles_are_the_server_s()
    {
        var (anna, ben) = (await World.AddAsync("anna", admin: true), await World.AddAsync("ben"));
        var room = await SharedAsync(anna, ben);
        await using var first = await ChatClient.JoinAsync(World, anna, room);
        var joined = await first.NextAsync();
        Members(joined).ShouldBe("type id text username timestamp role is_self");
        (joined.GetProperty("type").GetString(), joined.GetProperty("text").GetString(), joined.GetProperty("username").GetString(), joined.GetProperty("role").GetString())
            .ShouldBe(("system", "anna joined", "anna", "admin"), "Mallory of the auth frame is nobody");
        joined.GetProperty("timestamp").GetDouble().ShouldBeInRange(1_600_000_000, 4_000_000_000, "seconds since 1970");
        var users = (await first.NextAsync("users_update")).GetProperty("users")[0];
        Members(users).ShouldBe("username email role");
        (users.GetProperty("username").GetString(), users.GetProperty("email").GetString(), users.GetProperty("role").GetString()).ShouldBe(("anna", "anna@example.org", "admin"));

        await using var second = await ChatClient.JoinAsync(World, ben, room);
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
        var anna = await World.AddAsync("anna");
        var (client, _) = await ChatClient.TryOpenAsync(World, await World.RoomOfAsync(anna), anna.Id, anna.Token);
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
        var anna = await World.AddAsync("anna");
        await using var client = await ChatClient.JoinAsync(World, anna);
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
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben"));
        var (own, others) = (await World.RoomOfAsync(anna), await World.RoomOfAsync(ben));
        (await ChatClient.TryOpenAsync(World, own, anna.Id, null)).Status.ShouldBe(401);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, anna.Token[..^4] + "AAAA")).Status.ShouldBe(401);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, null, "?token=" + anna.Token)).Status.ShouldBe(401, "never in an address");
        var (_, key) = await World.Get<ApiKeys>().CreateAsync("all", [Scopes.Admin], [], expiresAt: null, Cancellation);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, key)).Status.ShouldBe(401, "a key is nobody");
        (await ChatClient.TryOpenAsync(World, own, ben.Id, anna.Token)).Status.ShouldBe(403);
        (await ChatClient.TryOpenAsync(World, others, anna.Id, anna.Token)).Status.ShouldBe(404);
        (await ChatClient.TryOpenAsync(World, Guid.NewGuid(), anna.Id, anna.Token)).Status.ShouldBe(404);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, anna.Token, "?after=x")).Status.ShouldBe(400);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, null, cookie: "bonds=" + anna.Token, origin: "https://evil.example")).Status.ShouldBe(403);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, null, cookie: "bonds=" + anna.Token, origin: "null")).Status.ShouldBe(403);
        var (mine, _) = await ChatClient.TryOpenAsync(World, own, anna.Id, null, cookie: "bonds=" + anna.Token, origin: $"http://{World.Addresses[0].Authority}");
        await mine.ShouldNotBeNull().DisposeAsync();

        var ticket = (await World.SendAsync(HttpMethod.Post, "/ws/v1/chat/ticket", null, anna.Token))["ticket"];
        var (once, _) = await ChatClient.TryOpenAsync(World, own, anna.Id, null, "?ticket=" + ticket);
        await once.ShouldNotBeNull().DisposeAsync();
        (await ChatClient.TryOpenAsync(World, own, anna.Id, null, "?ticket=" + ticket)).Status.ShouldBe(401, "once");
        var late = (await World.SendAsync(HttpMethod.Post, "/ws/v1/chat/ticket", null, anna.Token))["ticket"];
        (await World.SendAsync(HttpMethod.Post, "/auth/v1/jwt/logout", null, anna.Token)).Status.ShouldBe(204);
        (await ChatClient.TryOpenAsync(World, own, anna.Id, null, "?ticket=" + late)).Status.ShouldBe(401, "its session has ended");
        (await CountAsync("chat_tickets")).ShouldBe(0);
    }

    [Fact]
    public async Task C27_who_signs_out_or_is_taken_out_of_the_room_is_closed_within_moments()
    {
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben", admin: true));
        var home = await World.RoomOfAsync(anna);
        var room = await SharedAsync(anna, ben);
        await using var own = await ChatClient.JoinAsync(World, anna, home);
        await using var shared = await ChatClient.JoinAsync(World, anna, room);
        await own.NextAsync("users_update");
        await shared.NextAsync("users_update");
        (await FormAsync("remove_user_from_room", ben.Token, ("room_id", room.ToString()), ("email", anna.Email))).Body.GetProperty("success").GetBoolean().ShouldBeTrue();
        (await shared.ClosedAsync()).ShouldBe(1008);
        await own.SayAsync("still here");
        await own.NextAsync("message");
        (await World.SendAsync(HttpMethod.Post, "/auth/v1/jwt/logout", null, anna.Token)).Status.ShouldBe(204);
        (await own.ClosedAsync()).ShouldBe(1008);
    }

    [Fact]
    public async Task C27_after_a_break_everything_missed_comes_once_by_address_or_by_command()
    {
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben", admin: true));
        var room = await SharedAsync(anna, ben);
        await using var ben1 = await ChatClient.JoinAsync(World, ben, room);
        var (lost, _) = (await ChatClient.JoinAsync(World, anna, room), 0);
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

            await UntilAsync(async () => await CountAsync($"chat_messages where text = '{round} missed 299'") == 1);
            await lost.DisposeAsync();
            lost = await ChatClient.JoinAsync(World, anna, room, round == 0 ? $"?after={last}" : "");
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
        var anna = await World.AddAsync("anna");
        await using var client = await ChatClient.JoinAsync(World, anna);
        await client.NextAsync("users_update");
        var store = World.Get<ChatStore>();
        for (var k = 0; k < 2; k++)
        {
            // Straight into the tables, past the hub of this process.
            await World.Get<Database>().WriteAsync(
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
    public async Task A_deleted_account_leaves_nothing_in_the_chat()
    {
        var (admin, anna) = (await World.AddAsync("admin", admin: true), await World.AddAsync("anna"));
        var room = await SharedAsync(admin, anna);
        await using (var client = await ChatClient.JoinAsync(World, anna, room))
        {
            await client.SayAsync("my words");
            await client.NextAsync("message");
        }

        (await World.SendAsync(HttpMethod.Delete, $"/api/v1/users/{anna.Number}/", null, admin.Token)).Status.ShouldBe(204);
        (await CountAsync($"chat_rooms where owner = {anna.Number}")).ShouldBe(0);
        (await CountAsync($"chat_members where person = {anna.Number}")).ShouldBe(0);
        (await CountAsync("chat_messages where text = 'my words'")).ShouldBe(0);
    }

    private async Task<Guid> SharedAsync(params Somebody[] people)
    {
        var admin = await World.AddAsync("keeper" + Guid.NewGuid().ToString("N"), verified: false, admin: true);
        var room = (await FormAsync("create_room", admin.Token, ("name", "shared"))).Body.GetProperty("id").GetGuid();
        foreach (var person in people)
        {
            Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", room.ToString()), ("email", person.Email))).ShouldBeTrue();
        }

        return room;
    }

    private Task<Reply> FormAsync(string path, string? token, params (string Name, string Value)[] fields) => FormAsync(path, token, fields, []);

    private Task<Reply> FormAsync(string path, string? token, (string Name, string Value)[] fields, (string Name, string Value)[] headers) =>
        World.SendFormAsync("/ws/v1/chat/" + path, fields, token, headers);

    private async Task<string[]> NamesAsync(Somebody somebody) =>
        [.. (await World.GetAsync("/ws/v1/chat/user_rooms", somebody.Token)).Body.EnumerateArray().Select(room => room.GetProperty("name").GetString()!)];

    private static bool Done(Reply reply)
    {
        reply.Status.ShouldBe(200, reply.Text);
        return reply.Body.GetProperty("success").GetBoolean();
    }

    private static string Members(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(member => member.Name));

    private async Task<long> CountAsync(string what)
    {
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>("select count(*) from " + what);
    }

    private Task HandledAsync(string topic) => UntilAsync(async () => await CountAsync($"outbox where topic = '{topic}'") == 0);
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
