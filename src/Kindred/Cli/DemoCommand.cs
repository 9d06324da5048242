using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Hosting;
using Kindred.Import.Demo;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Settings;

namespace Kindred.Cli;

/// <summary><c>kindred demo</c>: a world of films and a shop, trained and served; <c>--check</c> asks it one question and ends.</summary>
internal static class DemoCommand
{
    private const int TestUsers = 5;
    private static readonly string[] s_collections = ["films", "shop"];
    private static readonly Option<bool> s_check = new("--check") { Description = "Ask one recommendation over HTTP, print it with its reason, and end" };
    private static readonly Option<int> s_seed = new("--seed") { Description = "Seed of the world", HelpName = "N", DefaultValueFactory = _ => 42 };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "demo",
        "Makes a believable world of films and a shop, trains on it and serves it; the folder is temporary unless --data names one",
        "kindred demo",
        "kindred demo --check",
        "kindred demo --data demo-data --urls http://127.0.0.1:9000")
    {
        s_check, s_seed, CommonOptions.Urls,
    }.Runs(open, DemoAsync);

    private static async Task<int> DemoAsync(CommandContext context)
    {
        var temporary = context.Flags.Data is null ? Directory.CreateTempSubdirectory("kindred-demo-") : null;
        try
        {
            return await DemoAsync(context, temporary?.FullName);
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private static async Task<int> DemoAsync(CommandContext context, string? temporary)
    {
        var check = context.Get(s_check);
        var flags = context.Flags;
        flags = flags with { Data = flags.Data ?? temporary, Urls = flags.Urls ?? (check ? "http://127.0.0.1:0" : null) };
        var loaded = CommandContext.LoadSettings(flags, Preset());
        using var folder = DataFolder.Open(loaded);
        var world = new DemoWorld(new DemoOptions { Now = TimeProvider.System.GetUtcNow(), Seed = context.Get(s_seed) });
        var (key, emails, password) = await PrepareAsync(context, loaded.Settings, world);

        await using var app = await KindredHost.StartAsync(loaded.Settings, context.Terminal, context.Cancellation);
        var url = app.Urls.First();
        var user = Someone(world);
        var request = $"{url}/api/v1/collections/films/users/{Uri.EscapeDataString(user)}/recommendations?n=3";
        if (check)
        {
            var code = await CheckAsync(context, request, key, user);
            await app.StopAsync(CancellationToken.None);
            return code;
        }

        context.Terminal.Write($"ready {url}");
        context.Terminal.Write($"curl -s '{request}' -H 'Authorization: Bearer {key}'");
        context.Terminal.Say($"Sign in as {emails[0]} (admin) or {emails[1]} to {emails[^1]}, password {password}");
        context.Terminal.Say($"Chat: {url}/ws/v1/chat/; letters lie in {Path.Combine(loaded.Settings.Data, "mail")}");
        context.Terminal.Say($"In the demo reading, purchases and lists need no key; other writing does. Try {url}/docs. Ctrl-C ends it{(temporary is null ? "" : " and removes its folder")}.");
        try
        {
            await app.WaitForShutdownAsync(context.Cancellation);
        }
        catch (OperationCanceledException)
        {
        }

        return ExitCode.Ok;
    }

    // Fills and trains in a workplace of its own, whose memory goes back before the server starts.
    private static async Task<(string Key, IReadOnlyList<string> Emails, string Password)> PrepareAsync(CommandContext context, KindredSettings settings, DemoWorld world)
    {
        var terminal = context.Terminal;
        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var registry = workplace.Get<CollectionRegistry>();
        var known = 0L;
        foreach (var name in s_collections)
        {
            known += await workplace.Get<IEventReader>().LastSequenceAsync(Find(registry, name).Number, context.Cancellation);
        }

        if (known == 0)
        {
            terminal.Say("inventing a cinema and a shop ...");
            var filled = await workplace.Get<DemoStore>().FillAsync(world, context.Cancellation);
            terminal.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"  {filled.Films.Items.New:N0} films with {filled.Films.Events.New:N0} ratings, {filled.Shop.Items.New:N0} products with {filled.Shop.Events.New:N0} purchases and views, in {filled.Seconds:0.0} s"));
        }

        foreach (var name in s_collections)
        {
            if (await workplace.Get<IModelHeads>().ReadAsync(Find(registry, name).Number, context.Cancellation) is null)
            {
                var run = await TrainCommand.TrainAsync(workplace, terminal, name, "demo", [], seed: null, context.Cancellation);
                var seconds = (run.FinishedAt - run.StartedAt)?.TotalSeconds ?? 0;
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"trained {name} in {seconds:0.0} s: {run.Report?.Reason ?? run.Error}"));
                if (run.State != "succeeded")
                {
                    throw new CommandException(ExitCode.Failed, $"Training {name} ended as {run.State}: {run.Error ?? run.Report?.Reason}");
                }
            }
        }

        var (_, secret) = await workplace.Get<ApiKeys>().CreateAsync("demo", [Scopes.Admin], s_collections, expiresAt: null, context.Cancellation);
        var (emails, password) = await workplace.Get<AccountsEntry>().AddDemoPeopleAsync(People(world), context.Cancellation);
        return (secret, emails, password);
    }

    private static async Task<int> CheckAsync(CommandContext context, string request, string key, string user)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.GetAsync(request, context.Cancellation);
        var body = await answer.Content.ReadAsStringAsync(context.Cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandException(ExitCode.Failed, $"{request} answered {(int)answer.StatusCode}: {body}");
        }

        var list = JsonDocument.Parse(body).RootElement;
        if (list.GetProperty("source").GetString() != "personal" || list.GetProperty("data").GetArrayLength() == 0)
        {
            throw new CommandException(ExitCode.Failed, $"The answer is not personal: {body}");
        }

        if (context.Terminal.Json)
        {
            context.Terminal.Write(body);
            return ExitCode.Ok;
        }

        var first = list.GetProperty("data")[0];
        context.Terminal.Write($"For {user}: {first.GetProperty("title").GetString()} ({first.GetProperty("item").GetString()}; {first.GetProperty("source").GetString()}, {list.GetProperty("model").GetProperty("recommender").GetString()})");
        context.Terminal.Write(Reason(first));
        return ExitCode.Ok;
    }

    private static string Reason(JsonElement item) =>
        item.GetProperty("reason") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : item.GetProperty("reason").GetProperty("text").GetString()!;

    private static Collection Find(CollectionRegistry registry, string name) =>
        registry.Find(name) ?? throw new CommandException(ExitCode.Usage, $"The demo needs its collection \"{name}\".", "Settings took it away; use another --data or --config.");

    // Somebody with a few dozen ratings: enough to have a taste, few enough to be read.
    private static string Someone(DemoWorld world) => People(world)[0];

    private static string[] People(DemoWorld world) =>
    [
        .. world.FilmEvents().CountBy(rating => rating.User).OrderBy(pair => Math.Abs(pair.Value - 30)).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(TestUsers).Select(pair => pair.Key),
    ];

    private static JsonObject Preset() => new()
    {
        ["collections"] = new JsonObject(s_collections.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["public_reads"] = true, ["public_writes"] = true }))),
    };
}
