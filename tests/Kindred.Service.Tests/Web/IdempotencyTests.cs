using System.Net;
using System.Text;
using Kindred.Accounts;
using Kindred.Notifications;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Web;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-idempotency-").FullName;
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;
    private int _runs;

    public ValueTask InitializeAsync() => StartAsync(new WebSettings());

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Fifty_at_once_run_it_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync("k1", """{"n":1}""")));
        _runs.ShouldBe(1);
        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.Created || answer.Status == HttpStatusCode.Conflict);
        answers.Where(answer => answer.Status == HttpStatusCode.Created).ShouldAllBe(answer => answer.Body == "\"made 1\"");

        var again = await PostAsync("k1", """{"n":1}""");
        again.ShouldBe((HttpStatusCode.Created, "\"made 1\""));
        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_a_conflict()
    {
        (await PostAsync("k2", """{"n":1}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await PostAsync("k2", """{"n":2}""")).Status.ShouldBe(HttpStatusCode.Conflict);
        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task A_failure_frees_the_key()
    {
        (await PostAsync("k3", """{"n":-1}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync("k3", "{")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync("k3", """{"n":1}""")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Without_a_key_every_request_runs_and_a_bad_key_is_refused()
    {
        await PostAsync(null, """{"n":1}""");
        await PostAsync(null, """{"n":1}""");
        _runs.ShouldBe(2);
        (await PostAsync(new string('x', 256), """{"n":1}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task One_caller_may_not_send_more_than_the_limit()
    {
        await _app.DisposeAsync();
        await StartAsync(new WebSettings { RequestsPerSecond = 0.01 });
        (await PostAsync(null, """{"n":1}""")).Status.ShouldBe(HttpStatusCode.Created);
        (await PostAsync(null, """{"n":1}""")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    private async ValueTask StartAsync(WebSettings web)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddStorage(
            new PlatformSettings { DataFolder = _folder },
            new DatabaseSettings(),
            new Dictionary<string, CollectionSettings>(StringComparer.Ordinal) { ["shop"] = new() { PublicWrites = true } });
        builder.Services.AddKindredWeb(web);
        builder.Services.AddAccounts(new AccountsOptions()).AddMessaging(new MessagingSettings()).AddNotifications(new NotificationOptions(), new MailSettings());
        _app = builder.Build();
        await _app.Services.GetRequiredService<Migrator>().ApplyAsync(CancellationToken.None);
        await _app.Services.GetRequiredService<CollectionRegistry>().LoadAsync(CancellationToken.None);
        _app.UseKindredWeb();
        _app.MapPost("/shop/things", IResult (Thing thing) =>
            thing.N < 0 ? Problems.Invalid("n is below 0") : TypedResults.Created("/things/1", $"made {Interlocked.Increment(ref _runs)}"))
            .RequireScope(Scopes.ItemsWrite).InCollection("shop");
        await _app.StartAsync();
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string? key, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _app.Urls.First() + "/shop/things") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await _client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public sealed record Thing(int N);
}
