using Shouldly;
using Xunit;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Kindred.Accounts;
using Kindred.Catalog;
using Kindred.Feedback;
using Kindred.Notifications;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kindred.Service.Tests.Web;

/// <summary>A server with accounts, catalogue and feedback on a folder of its own, behind the real Kestrel.</summary>
internal sealed class WebWorld : IAsyncDisposable
{
    public const string Shop = "/api/v1/collections/shop";

    private readonly string _folder;
    private readonly WebApplication _app;

    private WebWorld(string folder, WebApplication app, string key)
    {
        _folder = folder;
        _app = app;
        Key = key;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public HttpClient Client { get; }

    public string Key { get; }

    public ApiKeys Keys => _app.Services.GetRequiredService<ApiKeys>();

    public IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public static async Task<WebWorld> StartAsync(string environment = "Production")
    {
        var folder = Directory.CreateTempSubdirectory("kindred-web-").FullName;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Dictionary<string, CollectionSettings> collections = new(StringComparer.Ordinal)
        {
            ["shop"] = new()
            {
                EventTypes = new Dictionary<string, EventTypeSettings>(StringComparer.Ordinal)
                {
                    ["purchase"] = new(),
                    ["rating"] = new() { Minimum = 1, Maximum = 10, ValueRequired = true },
                },
            },
            ["films"] = new(),
        };
        builder.Services.AddStorage(new PlatformSettings { DataFolder = folder }, new DatabaseSettings(), collections);
        builder.Services.AddKindredWeb(new WebSettings());
        builder.Services.AddAccounts(new AccountsOptions()).AddCatalog().AddFeedback(new FeedbackOptions());
        builder.Services.AddMessaging(new MessagingSettings()).AddNotifications(new NotificationOptions(), new MailSettings());
        var app = builder.Build();
        await app.Services.GetRequiredService<Migrator>().ApplyAsync(CancellationToken.None);
        await app.Services.GetRequiredService<CollectionRegistry>().LoadAsync(CancellationToken.None);
        app.UseKindredWeb();
        app.MapAccounts();
        var group = app.MapGroup("/api/v1/collections/{collection}");
        group.MapCatalog();
        group.MapFeedback();
        await app.StartAsync();
        var (_, secret) = await app.Services.GetRequiredService<ApiKeys>().CreateAsync("test", [Scopes.Admin], [], expiresAt: null, CancellationToken.None);
        return new WebWorld(folder, app, secret);
    }

    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string path, string? json = null, string type = "application/json")
    {
        // The path goes out as it is written: Uri would undo and normalise escapes.
        var address = new Uri(Client.BaseAddress!.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if ((int)response.StatusCode >= 400)
        {
            response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", $"{method} {path}: {text}");
        }

        return ((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    public async Task<int> CountAsync(string list) => (await SendAsync("GET", Shop + list)).Body.GetProperty("data").GetArrayLength();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
