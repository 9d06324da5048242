using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kindred.Service.Tests.Notifications;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>The cinema's whole story, with a real server and a real mail server between: nothing is reached but over HTTP, WebSocket and mail.</summary>
public sealed partial class CinemaStoryTests
{
    private const string Password = "a long enough secret";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_registration_by_mail_and_three_ratings_to_recommendations_in_the_open_chat_and_in_the_mail()
    {
        await using var mail = new SmtpSink();
        using var data = new TemporaryFolder();
        var key = KindredServer.CreateKey(data.Path);
        await using var server = await KindredServer.StartAsync(
            data.Path, key, ["--set", "mail.host=127.0.0.1", "--set", $"mail.port={mail.Port}", "--set", "mail.tls=offered", "--set", "mail.from=cinema@example.org", "--set", "schedules.recommendation-mail.cron=* * * * * ?"]);
        var films = await FilmsAsync(server);

        // Register, and confirm by the link in the mail.
        using var person = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.BaseAddress };
        person.DefaultRequestHeaders.Add("X-Request-Id", "the-story");
        var registered = await ReadAsync(await person.PostAsJsonAsync("/auth/v1/register", new { email = "anna@example.org", password = Password, name = "Anna" }, Cancellation), HttpStatusCode.Created);
        var user = registered.GetProperty("id").GetGuid();
        var letter = Eml.Read((await LettersAsync(mail, 1, server))[0]);
        var link = Link().Match(letter).Value;
        link.ShouldNotBeEmpty(letter);
        (await person.GetAsync(new Uri(link).PathAndQuery, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("username", "anna@example.org"), KeyValuePair.Create("password", Password)]);
        var token = (await ReadAsync(await person.PostAsync("/auth/v1/jwt/login", form, Cancellation), HttpStatusCode.OK)).GetProperty("access_token").GetString()!;
        person.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        (await ReadAsync(await person.GetAsync("/auth/v1/users/me", Cancellation), HttpStatusCode.OK)).GetProperty("is_verified").GetBoolean().ShouldBeTrue();

        // The room that came with the confirmation.
        var room = await UntilAsync(async () => (await ReadAsync(await person.GetAsync($"/ws/v1/chat/user_rooms?user_id={user}", Cancellation), HttpStatusCode.OK)) is { } rooms && rooms.GetArrayLength() > 0
            ? rooms[0].GetProperty("id").GetGuid()
            : (Guid?)null);
        using var chat = new ClientWebSocket();
        chat.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await chat.ConnectAsync(new UriBuilder(server.Client.BaseAddress!) { Scheme = "ws", Path = $"/ws/v1/chat/{room}/{user}" }.Uri, Cancellation);
        await SendAsync(chat, new { type = "auth", username = "whoever", email = "anna@example.org", role = "admin" });
        (await FrameAsync(chat, frame => Type(frame) == "users_update")).GetProperty("users")[0].GetProperty("role").GetString().ShouldBe("user", "whatever the client calls itself");

        // Mail of films is for those who ask for it; here the weekly letter is looked after every second.
        (await person.PutAsJsonAsync("/v1/notifications/settings", new { recommendations = true }, Cancellation)).IsSuccessStatusCode.ShouldBeTrue();

        // Three ratings, each of which changes the list.
        List<string> lists = [await ListAsync(person, user)];
        foreach (var (film, rating) in new[] { (0, 9), (5, 8), (10, 10) })
        {
            await ReadAsync(await person.PostAsJsonAsync("/social/v1/likes/", new { movie_id = films[film], user_id = user, rating }, Cancellation), HttpStatusCode.OK);
            lists.Add(await ListAsync(person, user));
        }

        lists.Distinct().Count().ShouldBe(4, string.Join(Environment.NewLine, lists));
        foreach (var rated in new[] { 0, 5, 10 })
        {
            lists[^1].ShouldNotContain(films[rated].ToString(), Case.Insensitive, "what one has rated is not recommended");
        }

        // It is told in the open chat and in the mail, by title.
        var said = await FrameAsync(chat, frame => Type(frame) == "message" && frame.GetProperty("username").GetString()!.Contains("bot", StringComparison.OrdinalIgnoreCase));
        said.GetProperty("text").GetString()!.ShouldContain("Film ");
        var letters = await LettersAsync(mail, 2, server);
        letters.ShouldContain(eml => Eml.Read(eml).Contains("Film ", StringComparison.Ordinal) && Eml.Header(eml, "To")!.Contains("anna@example.org", StringComparison.Ordinal));
        (await server.StopAsync()).ShouldBe(0, server.Log);
    }

    // Twenty films in four kinds, and of each kind five people who love it and nothing else.
    private static async Task<Guid[]> FilmsAsync(KindredServer server)
    {
        var ids = Enumerable.Range(1, 20).Select(film => new Guid(film, 0, 0, new byte[8])).ToArray();
        var items = ids.Select((id, film) => new { id = id.ToString(), title = $"Film {film}", categories = new[] { "Drama" } });
        await ReadAsync(await server.Client.PostAsJsonAsync("/api/v1/collections/films/items:batch", items, Cancellation), HttpStatusCode.OK);
        List<object> events = [];
        for (var user = 0; user < 20; user++)
        {
            foreach (var film in Enumerable.Range(0, 20))
            {
                if (film / 5 == user / 5 || (film + user) % 4 == 0)
                {
                    events.Add(new { id = $"e-{user}-{film}", user = $"u{user}", item = ids[film].ToString(), type = "rating", value = film / 5 == user / 5 ? 7 + ((film + user) % 4) : 3, at = "2026-01-01T00:00:00Z" });
                }
            }
        }

        await ReadAsync(await server.Client.PostAsJsonAsync("/api/v1/collections/films/events", events, Cancellation), HttpStatusCode.Accepted);
        return ids;
    }

    private static async Task<string> ListAsync(HttpClient person, Guid user) =>
        (await ReadAsync(await person.GetAsync($"/recom/v1/user/{user}", Cancellation), HttpStatusCode.OK)).GetProperty("recommendations").GetRawText();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage reply, HttpStatusCode status)
    {
        using (reply)
        {
            var text = await reply.Content.ReadAsStringAsync(Cancellation);
            reply.StatusCode.ShouldBe(status, text);
            return JsonDocument.Parse(text.Length == 0 ? "null" : text).RootElement;
        }
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T?>> ask)
        where T : struct
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<IReadOnlyList<string>> LettersAsync(SmtpSink mail, int count, KindredServer server)
    {
        try
        {
            return await mail.LettersAsync(count);
        }
        catch (OperationCanceledException late) when (!Cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{mail.Letters.Count} of {count} letters came over {mail.Connections} connections.\n{server.Log}", late);
        }
    }

    private static Task SendAsync(ClientWebSocket chat, object frame) =>
        chat.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, endOfMessage: true, Cancellation);

    private static async Task<JsonElement> FrameAsync(ClientWebSocket chat, Predicate<JsonElement> wanted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await chat.ReceiveAsync(buffer.AsMemory(length), patience.Token);
                part.MessageType.ShouldBe(WebSocketMessageType.Text, chat.CloseStatusDescription);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            var frame = JsonDocument.Parse(Encoding.UTF8.GetString(buffer, 0, length)).RootElement;
            if (wanted(frame))
            {
                return frame;
            }
        }
    }

    private static string? Type(JsonElement frame) => frame.TryGetProperty("type", out var type) ? type.GetString() : null;

    [GeneratedRegex(@"https?://\S+/auth/v1/s/\S+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
