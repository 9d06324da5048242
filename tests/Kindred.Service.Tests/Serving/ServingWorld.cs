using System.Text.Json;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Catalog;
using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Feedback;
using Kindred.Feedback.Events;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Recommendations;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Serving;
using Kindred.Training.Bundles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Kindred.Service.Tests.Serving;

/// <summary>
/// The real store, event log, catalogue and serving over a SQLite file, with models trained here. Films f0..f39 in two tastes: even numbers are
/// dramas, odd ones comedies; users of a taste like films of it.
/// </summary>
internal sealed class ServingWorld : IAsyncDisposable, IModelHeads
{
    public const int Films = 40;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindred-serving-");
    private readonly ServiceProvider _services;
    private ModelHead? _head;
    private int _events;

    private ServingWorld()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddStorage(new PlatformSettings { DataFolder = _folder.FullName }, new DatabaseSettings(), new Dictionary<string, CollectionSettings>(StringComparer.Ordinal)
        {
            ["films"] = new CollectionSettings
            {
                EventTypes =
                {
                    ["rating"] = new EventTypeSettings { Positive = ">= 7", Negative = "<= 4", ValueRequired = true },
                    ["view"] = new EventTypeSettings(),
                    ["impression"] = new EventTypeSettings { Seen = false, Positive = "> 0" },
                },
            },
        });
        services.AddFeedback(new FeedbackOptions());
        services.AddCatalog();
        services.AddMessaging(new MessagingSettings());
        services.AddRecommendations(new RecommendationSettings { PollEvery = TimeSpan.FromHours(1) });
        services.RemoveAll<IModelHeads>();
        services.AddSingleton<IModelHeads>(this);
        _services = services.BuildServiceProvider();
        Directory.CreateDirectory(Models);
    }

    public static CancellationToken Now => TestContext.Current.CancellationToken;

    public string Models => Path.Combine(_folder.FullName, "models");

    public Collection Collection => _services.GetRequiredService<CollectionRegistry>().Find("films")!;

    public LocalRecommendations Recommendations => _services.GetRequiredService<LocalRecommendations>();

    public ServedCollection Served => _services.GetRequiredService<ServedCollections>().Find("films")!;

    public Receipts Receipts => _services.GetRequiredService<Receipts>();

    public CatalogStore Catalog => _services.GetRequiredService<CatalogStore>();

    public IEventReader Events => _services.GetRequiredService<IEventReader>();

    public static async Task<ServingWorld> StartAsync(bool films = true, bool trained = true)
    {
        var world = new ServingWorld();
        await world._services.GetRequiredService<Migrator>().ApplyAsync(Now);
        await world._services.GetRequiredService<CollectionRegistry>().LoadAsync(Now);
        if (films)
        {
            await world.Catalog.PutAsync(world.Collection, [.. Enumerable.Range(0, Films).Select(Film)], Now);
            foreach (var user in Enumerable.Range(0, 30))
            {
                // Twelve of the twenty films of a taste each, never the last four of it.
                await world.LikeAsync($"u{user}", [.. Enumerable.Range(0, 12).Select(k => (((user * 3) + k) % 16 * 2) + (user % 2))]);
            }
        }

        if (trained)
        {
            await world.TrainAsync("1");
        }

        foreach (var hosted in world._services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Now);
        }

        return world;
    }

    public static NewItem Film(int number) => new(
        $"f{number}",
        $"Film {number}",
        number % 2 == 0 ? ["Drama"] : ["Comedy"],
        new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["price"] = JsonSerializer.SerializeToElement(number),
            ["in_stock"] = JsonSerializer.SerializeToElement(number % 3 != 0),
            ["studio"] = JsonSerializer.SerializeToElement(number < 20 ? "North" : "South"),
            ["tags"] = JsonSerializer.SerializeToElement(new[] { "all", number < 10 ? "old" : "new" }),
        },
        new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(number),
        Hidden: false);

    public Task LikeAsync(string user, params int[] films) => RecordAsync(user, "rating", 9, films);

    public async Task RecordAsync(string user, string type, float? value, params int[] films)
    {
        var kind = Collection.FindEventType(type)!;
        NewEvent[] events = [.. films.Select(film => Next(user, $"f{film}", kind, value))];
        var log = _services.GetRequiredService<EventLog>();
        await log.RecordAsync(Collection, events, Now);
    }

    public Task<bool> ForgetAsync(string user) => _services.GetRequiredService<FeedbackStore>().ForgetUserAsync(Collection, user, Now);

    public Task HideAsync(int film) => Catalog.ChangeAsync(Collection, $"f{film}", item => item with { Hidden = true }, Now);

    public Task DeleteAsync(int film) => Catalog.DeleteAsync(Collection, $"f{film}", Now);

    public async Task<AnsweredList> AskAsync(string user, ListQuery? query = null) =>
        (await Recommendations.RecommendAsync("films", user, query ?? ListQuery.Default, Now))!;

    /// <summary>Trains on the log and moves the head; the bundle is taken only by a refresh.</summary>
    public async Task<string> TrainAsync(string run, string personal = "itemknn", Action<string>? damage = null)
    {
        var builder = new CsrBuilder();
        var users = 0;
        var seen = new HashSet<(int, int)>();
        await foreach (var record in Events.ReadAsync(Collection.Number, 0, Now))
        {
            if (Collection.FindEventType(record.Type)!.Judge(record.Value) == Judgement.Positive && seen.Add((record.User, record.Item)))
            {
                builder.Add(record.User, record.Item, 1);
                users = Math.Max(users, record.User + 1);
            }
        }

        var items = 0;
        await foreach (var _ in _services.GetRequiredService<IItemReader>().ReadAllAsync(Collection.Number, Now))
        {
            items++;
        }

        var data = new Interactions(builder.Build(users, items));
        var context = new TrainingContext { Threads = 1 };
        var models = new[] { personal, "popularity", "copurchase" }.Distinct(StringComparer.Ordinal)
            .Select(name => (Recommenders.Find(name)!.Train(data, null, context), (IReadOnlyDictionary<string, double>)new Dictionary<string, double>(StringComparer.Ordinal)))
            .ToList();
        var path = new BundleFolder(Models).Write(
            new BundleManifest(1, run, items, users, data.Count, 0, DateTimeOffset.UnixEpoch, $"{personal}.model", []), models);
        damage?.Invoke(Path.GetDirectoryName(Path.Combine(Models, path))!);
        _head = new ModelHead(Collection.Number, (_head?.Version ?? 0) + 1, run, path, DateTimeOffset.UnixEpoch);
        return path;
    }

    public Task RefreshAsync() => Recommendations.RefreshAsync("films", Now);

    public ValueTask<ModelHead?> ReadAsync(int collection, CancellationToken cancellation) => new(_head);

    public async ValueTask DisposeAsync()
    {
        foreach (var hosted in _services.GetServices<IHostedService>())
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private NewEvent Next(string user, string item, EventType type, float? value)
    {
        var number = Interlocked.Increment(ref _events);
        return new NewEvent($"e{number}", user, item, type, value, 1_700_000_000_000_000 + (number * 1_000_000L), null);
    }
}
