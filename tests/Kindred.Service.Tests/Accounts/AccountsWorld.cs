using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dapper;
using Kindred.Accounts;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Catalog;
using Kindred.Contracts;
using Kindred.Feedback;
using Kindred.Notifications;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Recommendations;
using Kindred.Recommendations.Films;
using Kindred.Recommendations.ShopModels;
using Kindred.Service.Tests.Notifications;
using Kindred.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Kindred.Service.Tests.Accounts;

/// <summary>What came back.</summary>
internal sealed record Reply(int Status, string Text, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonElement Body => Text.Length == 0 ? default : JsonElement.Parse(Text);

    public string? this[string member] => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(member, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.ToString() : null;

    public string? SetCookie(string name) => Headers.TryGetValues("Set-Cookie", out var all) ? all.FirstOrDefault(cookie => cookie.StartsWith(name + "=", StringComparison.Ordinal)) : null;

    public string? Cookie(string name) => SetCookie(name)?.Split(';')[0][(name.Length + 1)..];
}

/// <summary>Records what other modules are told about people.</summary>
internal sealed class RecordedPeople : IPeopleChanged
{
    public List<(string What, PersonRecord Person)> Told { get; } = [];

    public Task OnRegisteredAsync(PersonRecord person, System.Data.Common.DbTransaction transaction, CancellationToken cancellation) => Add("registered", person);

    public Task OnVerifiedAsync(PersonRecord person, System.Data.Common.DbTransaction transaction, CancellationToken cancellation) => Add("verified", person);

    private Task Add(string what, PersonRecord person)
    {
        Told.Add((what, person));
        return Task.CompletedTask;
    }
}

/// <summary>Records what reaches the queues.</summary>
internal sealed class RecordedMessages
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<Message> _all = new();

    public IReadOnlyList<T> Of<T>(string topic) => [.. _all.Where(message => message.Topic == topic).Select(message => message.Read<T>())];

    internal sealed class Queue(string queue, string topic, RecordedMessages into) : IMessageHandler
    {
        string IMessageHandler.Queue => queue;

        public string Topic => topic;

        public Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
        {
            foreach (var message in messages)
            {
                into._all.Enqueue(message);
            }

            return Task.CompletedTask;
        }
    }
}

/// <summary>A server with the whole of the API on a folder of its own, behind the real Kestrel, with a clock that can be moved on.</summary>
internal sealed class AccountsWorld : IAsyncDisposable
{
    public const string Password = "correct horse battery";
    public const string Shop = "/api/v1/collections/shop";

    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private AccountsWorld(string folder, WebApplication app)
    {
        Folder = folder;
        _app = app;
        _client = NewClient(null);
    }

    public string Folder { get; }

    public OffsetClock Clock { get; private init; } = new();

    public RecordedPeople People { get; private init; } = new();

    public Uri Address => new(_app.Urls.First());

    public IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public static async Task<AccountsWorld> StartAsync(string connection = "", AccountsOptions? options = null, WebSettings? web = null, string? folder = null, ShopOptions? shop = null)
    {
        var clock = new OffsetClock();
        var people = new RecordedPeople();
        var messages = new RecordedMessages();
        folder ??= Directory.CreateTempSubdirectory("kindred-accounts-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddStorage(
            new PlatformSettings { DataFolder = folder },
            new DatabaseSettings { ConnectionString = connection },
            new Dictionary<string, CollectionSettings>(StringComparer.Ordinal)
            {
                ["shop"] = new() { EventTypes = new Dictionary<string, EventTypeSettings>(StringComparer.Ordinal) { ["purchase"] = new() } },
                ["films"] = new(),
            });
        builder.Services.AddKindredWeb((web ?? new WebSettings()) with { CinemaRequestsPerSecond = 0 });
        builder.Services.AddAccounts(options ?? new AccountsOptions { AttemptsPerMinute = 1_000_000 }).AddCatalog().AddFeedback(new FeedbackOptions());
        builder.Services.AddNotifications(new NotificationOptions(), new MailSettings(), new ChatSettings());
        builder.Services.AddMessaging(new MessagingSettings()).AddShop(shop ?? new ShopOptions());
        builder.Services.AddSingleton(messages).AddSingleton<IMessageHandler>(new RecordedMessages.Queue("test.changed", ProductTopics.Changed, messages))
            .AddSingleton<IMessageHandler>(new RecordedMessages.Queue("test.viewed", ProductTopics.Viewed, messages))
            .AddSingleton<IMessageHandler>(new RecordedMessages.Queue("test.verified", CinemaTopics.UserVerified, messages));
        builder.Services.AddRecommendations(new RecommendationSettings()).AddShopModels(new ShopModelSettings(), "shop").AddFilmLists(new FilmSettings(), "films").AddFilms("films");
        builder.Services.AddTraining(new TrainingSettings());
        builder.Services.AddTrainingSchedule("kindred", [], "{}");
        builder.Services.AddSingleton<IPeopleChanged>(people);
        var app = builder.Build();
        await app.Services.GetRequiredService<Migrator>().ApplyAsync(CancellationToken.None);
        await app.Services.GetRequiredService<CollectionRegistry>().LoadAsync(CancellationToken.None);
        app.UseKindredWeb();
        app.MapAccounts();
        app.MapNotifications();
        app.MapShop();
        app.MapFilms("films");
        app.MapSeeds("shop");
        app.MapPurchases("shop");
        app.MapInteractions("shop");
        app.MapFilmTastes("films");
        app.MapFilmLists("films");
        app.MapGeneration("shop");
        app.MapShopModels("shop");
        var group = app.MapGroup("/api/v1/collections/{collection}");
        group.MapCatalog();
        group.MapFeedback();
        group.MapRecommendations();
        group.MapTraining();
        await app.StartAsync();

        // Its work is done where a test says so.
        await app.Services.GetRequiredService<Upkeep>().StopAsync(CancellationToken.None);
        return new AccountsWorld(folder, app) { Clock = clock, People = people };
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<Reply> GetAsync(string path, string? bearer = null, string? cookie = null) => SendAsync(HttpMethod.Get, path, null, bearer, cookie);

    public Task<Reply> PostAsync(string path, object? body = null, string? bearer = null, string? cookie = null, bool page = false) => SendAsync(HttpMethod.Post, path, body, bearer, cookie, page: page);

    /// <summary>Sends a body: a dictionary as a form, a text as it stands, anything else as JSON. A bearer with a space is a whole header.</summary>
    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, string? bearer = null, string? cookie = null, HttpClient? client = null, bool page = false, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        request.Content = body switch
        {
            null => null,
            Dictionary<string, string> form => new FormUrlEncodedContent(form),
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            _ => new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        if (bearer is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", bearer.Contains(' ', StringComparison.Ordinal) ? bearer : "Bearer " + bearer);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await (client ?? _client).SendAsync(request);
        var type = response.Content.Headers.ContentType?.MediaType;
        var reply = new Reply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, type);
        if (reply.Status >= 400 && !(page && type == "text/html"))
        {
            type.ShouldBe("application/problem+json", $"{method} {path}: {reply.Text}");
        }

        return reply;
    }

    /// <summary>A client that comes from another address of the loopback network.</summary>
    public HttpClient NewClient(IPAddress? from) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        Expect100ContinueTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (from is not null)
            {
                socket.Bind(new IPEndPoint(from, 0));
            }

            await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = Address,
        DefaultRequestHeaders = { { "X-Request-Id", "a-test" } },
    };

    public async Task<Guid> RegisterAsync(string email, string password = Password)
    {
        var reply = await PostAsync("/auth/v1/register", new { email, password, name = "Anna", surname = "Karenina" });
        reply.Status.ShouldBe(201, reply.Text);
        return reply.Body.GetProperty("id").GetGuid();
    }

    public static Dictionary<string, string> Form(string username, string password = Password) => new(StringComparer.Ordinal) { ["username"] = username, ["password"] = password };

    public async Task<(string Access, string Refresh)> LoginAsync(string email, string password = Password)
    {
        var reply = await PostAsync("/auth/v1/jwt/login", Form(email, password));
        reply.Status.ShouldBe(200, reply.Text);
        return (reply["access_token"]!, reply.Cookie("refresh_token")!);
    }

    /// <summary>Registers somebody and gives them a role; returns an access token.</summary>
    public async Task<string> AdminAsync(string email = "admin@example.org")
    {
        var invitation = await Get<AccountsEntry>().InviteAsync(email, "admin", CancellationToken.None);
        var accepted = await PostAsync("/auth/v1/invitations/accept", new { token = Token(invitation.Link!), password = Password });
        accepted.Status.ShouldBe(200, accepted.Text);
        return (await LoginAsync(email)).Access;
    }

    public static string Token(string link) => link[(link.IndexOf("#token=", StringComparison.Ordinal) + "#token=".Length)..].Split('\n', '\r')[0].Trim();

    /// <summary>Lets what waits be handed over and reads all mails so far, oldest first: headers, an empty line, the text.</summary>
    public async Task<IReadOnlyList<string>> MailsAsync()
    {
        await Get<Upkeep>().RunOnceAsync(CancellationToken.None);
        await LettersLeftAsync();
        var folder = Path.Combine(Folder, "mail");
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder, "*.eml").Order(StringComparer.Ordinal).Select(path => Eml.Read(File.ReadAllText(path)))];
    }

    public async Task LettersLeftAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (await ScalarAsync<long>("select count(*) from outbox where topic like 'mail.%'") > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await Get<Database>().OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<T>(sql);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
