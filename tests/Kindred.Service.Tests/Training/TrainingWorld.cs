using System.Runtime.CompilerServices;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;
using Kindred.Training;
using Kindred.Training.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;

namespace Kindred.Service.Tests.Training;

/// <summary>A data folder with a real database, and an event log in memory that a test fills.</summary>
internal sealed class TrainingWorld : IAsyncDisposable, IEventReader, IItemReader
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindred-training-");
    private readonly Database _database;
    private readonly List<EventRecord> _events = [];
    private readonly List<ItemRecord> _items = [];

    private TrainingWorld()
    {
        Platform = new PlatformSettings { DataFolder = _folder.FullName };
        _database = new Database(new DatabaseSettings(), Platform);
        Store = new TrainingStore(_database, TimeProvider.System);
        Collections = new CollectionRegistry(_database, new Dictionary<string, CollectionSettings>(StringComparer.Ordinal)
        {
            ["shop"] = new() { EventTypes = { ["purchase"] = new EventTypeSettings(), ["view"] = new EventTypeSettings { Weight = 0.2f, Seen = false } }, Recommenders = ["popularity", "itemknn"] },
            ["films"] = new() { EventTypes = { ["rating"] = new EventTypeSettings { Positive = ">= 7", Negative = "<= 4" }, ["view"] = new EventTypeSettings { Weight = 0.2f } } },
        });
    }

    public PlatformSettings Platform { get; }

    public TrainingStore Store { get; }

    public CollectionRegistry Collections { get; }

    public Database Database => _database;

    public TrainingSettings Settings { get; init; } = new() { Threads = 1 };

    public Collection Shop => Collections.Find("shop")!;

    public Collection Films => Collections.Find("films")!;

    public TrainRun TrainRun => new(Store, this, this, Collections, Platform, Settings, TimeProvider.System, NullLogger<TrainRun>.Instance);

    public static async Task<TrainingWorld> CreateAsync()
    {
        var world = new TrainingWorld();
        var sources = new[] { new MigrationSource("platform", typeof(Database).Assembly), new MigrationSource("training", typeof(TrainingModule).Assembly) };
        await new Migrator(world._database, sources, TimeProvider.System).ApplyAsync(CancellationToken.None);
        await world.Collections.LoadAsync(CancellationToken.None);
        return world;
    }

    public void Add(int user, int item, Collection collection, string type, long at, float? value = null) =>
        _events.Add(new EventRecord(_events.Count + 1, user, item, collection.FindEventType(type)!.Number, value, at));

    public void AddItem(int number, bool deleted = false, params string[] categories) => _items.Add(new ItemRecord(
        number, $"p{number}", null, categories, new Dictionary<string, JsonElement>(StringComparer.Ordinal), null, Hidden: false, deleted, Version: number + 1));

    /// <summary>Two groups of customers, each with its own half of the products: whoever bought some of a half goes on with it.</summary>
    public void FillWithTaste(int users = 120, int items = 40, int perUser = 12)
    {
        var random = new Random(7);
        for (var n = 0; n < perUser; n++)
        {
            for (var user = 0; user < users; user++)
            {
                Add(user, (random.Next(items / 2) * 2) + (user % 2), Shop, "purchase", 1_000_000L * ((n * users) + user));
            }
        }
    }

    /// <summary>Customers who buy whatever is popular and share nothing else.</summary>
    public void FillWithFashion(int users = 120, int items = 40, int perUser = 12)
    {
        var random = new Random(7);
        for (var n = 0; n < perUser; n++)
        {
            for (var user = 0; user < users; user++)
            {
                Add(user, (int)(items * Math.Pow(random.NextDouble(), 2.5)), Shop, "purchase", 1_000_000L * ((n * users) + user));
            }
        }
    }

    public void Clear() => _events.Clear();

    /// <summary>Asks for a run of the shop and does it.</summary>
    public Task<Run> RunAsync(params string[] recommenders) => RunAsync(Shop, memory: null, recommenders);

    /// <summary>Asks for a run of a collection, within a memory if one is given, and does it.</summary>
    public async Task<Run> RunAsync(Collection collection, long? memory, params string[] recommenders)
    {
        var options = TrainingJson.Write(new RunOptions { Recommenders = recommenders, Memory = memory });
        var run = await Store.RequestAsync(collection.Number, RunTrigger.Hand, options, Settings.LeaseTime, CancellationToken.None);
        return (await TrainRun.ExecuteAsync(run.ShouldNotBeNull().Id, "test", told: null, CancellationToken.None)).ShouldNotBeNull();
    }

    public async IAsyncEnumerable<ItemRecord> ReadAllAsync(int collection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var item in _items)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    public ValueTask<IReadOnlyList<ItemRecord>> ReadChangesAsync(int collection, long afterVersion, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ItemRecord>> ReadRangeAsync(int collection, int from, int to, CancellationToken cancellation) => throw new NotSupportedException();

    public async IAsyncEnumerable<EventRecord> ReadAsync(int collection, long afterSequence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var recorded in _events)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return recorded;
        }
    }

    public ValueTask<IReadOnlyList<EventRecord>> ReadUserAsync(int collection, int user, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<(int Item, int Type)>> ReadUserItemsAsync(int collection, int user, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<long> LastSequenceAsync(int collection, CancellationToken cancellation) => new(_events.Count);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
