using Kindred.Contracts;
using Kindred.Import;
using Kindred.Platform.Collections;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Import;

/// <summary>A folder, two collections and a store that keeps what the real ones promise: an event id counts once, an equal item changes nothing.</summary>
internal sealed class ImportWorld : IDisposable, IEventImport, IItemImport
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindred-import-");

    public static Collection Films { get; } = Make(1, "films", ("rating", new EventTypeSettings { Minimum = 1, Maximum = 10, ValueRequired = true, Positive = ">= 7" }));

    public static Collection Shop { get; } = Make(2, "shop", ("purchase", new EventTypeSettings { Minimum = 0 }), ("view", new EventTypeSettings()));

    public string Folder => _folder.FullName;

    public Dictionary<string, ImportedEvent> Events { get; } = [];

    public Dictionary<string, ImportedItem> Items { get; } = [];

    public int EventBatches { get; private set; }

    /// <summary>Throws instead of storing this batch, counted from 1.</summary>
    public int FailAtBatch { get; set; }

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public Task<ImportSummary> ImportAsync(string path, Collection collection, Func<ImportRequest, ImportRequest>? change = null)
    {
        var request = new ImportRequest { Paths = [path], Collection = collection.Name, ReportFolder = Folder };
        return new Importer(null!, this, this, TimeProvider.System).RunAsync(change is null ? request : change(request), collection, null, TestContext.Current.CancellationToken);
    }

    public string[] RejectedRows(string name) => [.. File.ReadAllLines(Path.Combine(Folder, name + ".rejected.csv")).Skip(1)];

    ValueTask<ImportedBatch> IEventImport.WriteAsync(int collection, IReadOnlyList<ImportedEvent> events, CancellationToken cancellation)
    {
        if (++EventBatches == FailAtBatch)
        {
            throw new InvalidOperationException("killed");
        }

        var added = events.Count(one => Events.TryAdd(one.Id, one));
        return new(new ImportedBatch(added, events.Count - added, []));
    }

    ValueTask<ImportedBatch> IItemImport.WriteAsync(int collection, IReadOnlyList<ImportedItem> items, CancellationToken cancellation)
    {
        foreach (var item in items)
        {
            Items[item.Id] = item;
        }

        return new(new ImportedBatch(items.Count, 0, []));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A folder of the shared data sets; the test is skipped where they are not beside the checkout.</summary>
    public static string Shared(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var shared in new[] { Path.Combine(folder.FullName, "..", "shared", "data"), Path.Combine(folder.FullName, "..", "..", "shared", "data") })
            {
                if (File.Exists(Path.Combine(folder.FullName, "Kindred.slnx")) && Directory.Exists(shared))
                {
                    return Path.Combine([shared, .. parts]);
                }
            }
        }

        Assert.Skip("The shared data sets are not beside the checkout.");
        return "";
    }

    private static Collection Make(int number, string name, params (string Name, EventTypeSettings Settings)[] types) =>
        new(number, name, new CollectionSettings(), [.. types.Select((type, index) => new EventType(index, type.Name, type.Settings))]);
}
