using System.Text;
using System.Text.Json;
using Kindred.Hosting;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;
using Kindred.Settings;
using Kindred.Service.Tests.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kindred.Service.Tests.Systems;

/// <summary>The whole program in this process, behind the real Kestrel, on a folder of its own.</summary>
internal sealed class ProgramWorld : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private ProgramWorld(string folder, WebApplication app)
    {
        _folder = folder;
        _app = app;
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()), DefaultRequestHeaders = { { "X-Request-Id", "a-test" } } };
    }

    public string Folder => _folder;

    public IReadOnlyList<Uri> Addresses => [.. _app.Urls.Select(url => new Uri(url))];

    /// <summary>Starts it in the development environment, where systems without accounts are open, unless the settings say otherwise.</summary>
    public static async Task<ProgramWorld> StartAsync(string connection = "", Func<KindredSettings, KindredSettings>? change = null, TimeProvider? clock = null, Action<IServiceCollection>? services = null)
    {
        var folder = Directory.CreateTempSubdirectory("kindred-program-").FullName;
        var settings = KindredSettings.Default with
        {
            Data = folder,
            Urls = "http://127.0.0.1:0",
            Environment = "development",
            Database = new DatabaseSettings { ConnectionString = connection },
        };
        var app = KindredHost.Build(change?.Invoke(settings) ?? settings, readableLogs: false, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(clock ?? TimeProvider.System);
            services?.Invoke(builder.Services);
        });
        await KindredHost.PrepareAsync(app.Services, CancellationToken.None);
        await app.StartAsync();
        return new ProgramWorld(folder, app);
    }

    /// <summary>Default settings with another form of the shop's collection.</summary>
    public static KindredSettings WithShop(KindredSettings settings, Func<CollectionSettings, CollectionSettings> change) => settings with
    {
        Collections = new Dictionary<string, CollectionSettings>(settings.Collections, StringComparer.Ordinal) { ["shop"] = change(settings.Collections["shop"]) },
    };

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<Reply> GetAsync(string path, string? bearer = null) => SendAsync(HttpMethod.Get, path, null, bearer);

    public Task<Reply> PostAsync(string path, object? body = null, string? bearer = null) => SendAsync(HttpMethod.Post, path, body, bearer);

    /// <summary>Sends a body: a text as it stands, anything else as JSON.</summary>
    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, string? bearer = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        foreach (var (name, value) in bearer is null ? headers : [.. headers, ("Authorization", "Bearer " + bearer)])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        var type = response.Content.Headers.ContentType?.MediaType;
        var reply = new Reply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, type);
        if (reply.Status >= 400)
        {
            type.ShouldBe("application/problem+json", $"{method} {path}: {reply.Text}");
        }

        return reply;
    }

    /// <summary>Registers somebody and logs them in.</summary>
    public async Task<(Guid Id, string Token)> PersonAsync(string email)
    {
        var registered = await PostAsync("/auth/v1/register", new { email, password = AccountsWorld.Password, name = "Anna", surname = "Karenina" });
        registered.Status.ShouldBe(201, registered.Text);
        using var form = new FormUrlEncodedContent(AccountsWorld.Form(email));
        using var login = await _client.PostAsync("/auth/v1/jwt/login", form);
        return (registered.Body.GetProperty("id").GetGuid(), JsonElement.Parse(await login.Content.ReadAsStringAsync()).GetProperty("access_token").GetString()!);
    }

    /// <summary>Posts a form.</summary>
    public async Task<Reply> SendFormAsync(string path, IEnumerable<(string Name, string Value)> fields, string? bearer, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        foreach (var (name, value) in bearer is null ? headers : [.. headers, ("Authorization", "Bearer " + bearer)])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        return new Reply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers.ContentType?.MediaType);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
