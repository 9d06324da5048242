using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Kindred.Accounts;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Service.Tests.Systems;
using AccountRole = Kindred.Accounts.People.Role;

namespace Kindred.Service.Tests.Notifications;

/// <summary>Somebody with a session.</summary>
internal sealed record Somebody(long Number, Guid Id, string Email, string Token);

/// <summary>People of the chat, made without the work of hashing passwords.</summary>
internal static class ChatWorld
{
    /// <summary>Adds somebody whose address is confirmed, and waits for their room where they get one.</summary>
    public static async Task<Somebody> AddAsync(this ProgramWorld world, string name, bool verified = true, bool admin = false)
    {
        var clock = world.Get<TimeProvider>();
        var somebody = await world.Get<Database>().WriteAsync(
            async transaction =>
            {
                var person = (await world.Get<PeopleStore>().AddAsync(
                    transaction, new Person { Email = name + "@example.org", Name = name, VerifiedAt = verified ? clock.GetUtcNow().ToUnixTimeMilliseconds() : null }, CancellationToken.None))!;
                if (admin)
                {
                    await PeopleStore.GiveRoleAsync(transaction, person.Number, AccountRole.AdminNumber, CancellationToken.None);
                }

                var tokens = await world.Get<Sessions>().OpenAsync(transaction, person, new SessionTerms(TimeSpan.FromHours(1), TimeSpan.FromDays(1)), CancellationToken.None);
                if (verified)
                {
                    await world.Get<Outbox>().AddAsync(CinemaTopics.UserVerified, new UserVerified(Guid.Parse(person.Id), person.Email, name), transaction, CancellationToken.None);
                }

                return new Somebody(person.Number, Guid.Parse(person.Id), person.Email, tokens.Access);
            },
            CancellationToken.None);
        if (verified)
        {
            await world.RoomOfAsync(somebody);
        }

        return somebody;
    }

    /// <summary>The first room of somebody, once they have one.</summary>
    public static async Task<Guid> RoomOfAsync(this ProgramWorld world, Somebody somebody)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var rooms = (await world.GetAsync("/ws/v1/chat/user_rooms", somebody.Token)).Body;
            if (rooms.GetArrayLength() > 0)
            {
                return rooms[0].GetProperty("id").GetGuid();
            }

            await Task.Delay(20, patience.Token);
        }
    }

    public static Task TellAsync(this ProgramWorld world, RecommendationsMade made) =>
        world.Get<Database>().WriteAsync(transaction => world.Get<Outbox>().AddAsync(CinemaTopics.Recommendations, made, transaction, CancellationToken.None), CancellationToken.None);

    public static RecommendationsMade Recommended(Guid? user, params string[] titles) => new(user, [.. titles.Select(title => new RecommendedFilm(Guid.NewGuid().ToString(), title))]);
}

/// <summary>A client of the chat.</summary>
internal sealed class ChatClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];

    private ChatClient(ClientWebSocket socket) => _socket = socket;

    public WebSocketCloseStatus? Closed => _socket.CloseStatus;

    /// <summary>Opens a WebSocket; null where the server refuses it, with the status it answered.</summary>
    public static async Task<(ChatClient? Client, int Status)> TryOpenAsync(
        ProgramWorld world, Guid room, Guid user, string? token, string query = "", string? cookie = null, string? origin = null)
    {
        ClientWebSocket socket = new();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        foreach (var (name, value) in new[] { ("Authorization", token is null ? null : "Bearer " + token), ("Cookie", cookie), ("Origin", origin) })
        {
            if (value is not null)
            {
                socket.Options.SetRequestHeader(name, value);
            }
        }

        try
        {
            await socket.ConnectAsync(new Uri($"ws://{world.Addresses[0].Authority}/ws/v1/chat/{room}/{user}{query}"), TestContext.Current.CancellationToken);
            return (new ChatClient(socket), 101);
        }
        catch (WebSocketException)
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            return (null, status);
        }
    }

    /// <summary>Opens one and says the first frame.</summary>
    public static async Task<ChatClient> JoinAsync(ProgramWorld world, Somebody somebody, Guid? room = null, string query = "")
    {
        var (client, status) = await TryOpenAsync(world, room ?? await world.RoomOfAsync(somebody), somebody.Id, somebody.Token, query);
        client.ShouldNotBeNull($"answered {status}");
        await client.SayAsync("""{"type":"auth","username":"Mallory","email":"mallory@example.org","role":"admin"}""");
        return client;
    }

    public Task SayAsync(string frame) => _socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    public Task SendAsync(byte[] frame, WebSocketMessageType type, bool end = true) => _socket.SendAsync(frame, type, end, TestContext.Current.CancellationToken);

    /// <summary>The next frame; undefined where the server closes.</summary>
    public async Task<JsonElement> NextAsync(TimeSpan? within = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(within ?? TimeSpan.FromSeconds(30));
        for (var length = 0; ;)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return default;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return JsonElement.Parse(Encoding.UTF8.GetString(_buffer, 0, length));
            }
        }
    }

    /// <summary>The next frame of a type.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        while (true)
        {
            var frame = await NextAsync();
            if (frame.GetProperty("type").GetString() == type)
            {
                return frame;
            }
        }
    }

    /// <summary>Reads until the server closes, and says how.</summary>
    public async Task<int> ClosedAsync()
    {
        while ((await NextAsync()).ValueKind != JsonValueKind.Undefined)
        {
        }

        return (int)_socket.CloseStatus!.Value;
    }

    /// <summary>Ends the connection as a lost network does.</summary>
    public void Break() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token);
            }
            catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
            {
            }
        }

        _socket.Dispose();
    }
}
