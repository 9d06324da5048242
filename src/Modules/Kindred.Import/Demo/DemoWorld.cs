using System.Text;
using System.Text.Json;
using Kindred.Contracts;

namespace Kindred.Import.Demo;

/// <summary>
/// A cinema and a shop, invented: items, and the events of people with tastes. Nothing in it comes from outside data. Memory grows with the world's size
/// (a moment is 16 bytes, an item about a kilobyte); events are made as they are read.
/// </summary>
public sealed class DemoWorld(DemoOptions options)
{
    private readonly Lazy<Cinema> _cinema = new(() => new Cinema(options));
    private readonly Lazy<Shop> _shop = new(() => new Shop(options));

    /// <summary>The films.</summary>
    public IReadOnlyList<ImportedItem> Films => _cinema.Value.Items;

    /// <summary>The products.</summary>
    public IReadOnlyList<ImportedItem> Products => _shop.Value.Items;

    /// <summary>Events of type <c>rating</c>, 1 to 10, in time order; the same at every call.</summary>
    public IEnumerable<ImportedEvent> FilmEvents() => _cinema.Value.Ratings();

    /// <summary>Events of types <c>purchase</c> (the value is the quantity) and <c>view</c>, in time order; the same at every call.</summary>
    public IEnumerable<ImportedEvent> ShopEvents() => _shop.Value.Events();

    /// <summary>Writes <c>films/</c> and <c>shop/</c> with <c>items.jsonl</c> and <c>events.jsonl</c> each, as the import reads them.</summary>
    public async Task WriteJsonLinesAsync(string folder, CancellationToken cancellation)
    {
        await WriteAsync(Path.Combine(folder, "films"), Films, FilmEvents(), cancellation);
        await WriteAsync(Path.Combine(folder, "shop"), Products, ShopEvents(), cancellation);
    }

    private static async Task WriteAsync(string folder, IReadOnlyList<ImportedItem> items, IEnumerable<ImportedEvent> events, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        await WriteLinesAsync(Path.Combine(folder, "items.jsonl"), items, WriteItem, cancellation);
        await WriteLinesAsync(Path.Combine(folder, "events.jsonl"), events, WriteEvent, cancellation);
    }

    private static async Task WriteLinesAsync<T>(string path, IEnumerable<T> values, Action<Utf8JsonWriter, T> write, CancellationToken cancellation)
    {
        const int flushAt = 1 << 16;
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var buffer = new MemoryStream();
        await using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        foreach (var value in values)
        {
            write(json, value);
            await json.FlushAsync(cancellation);
            json.Reset();
            buffer.WriteByte((byte)'\n');
            if (buffer.Length >= flushAt)
            {
                await Move();
            }
        }

        await Move();

        async Task Move()
        {
            await file.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellation);
            buffer.SetLength(0);
        }
    }

    private static void WriteItem(Utf8JsonWriter json, ImportedItem item)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Id);
        json.WriteString("title", item.Title);
        json.WriteStartArray("categories");
        foreach (var category in item.Categories)
        {
            json.WriteStringValue(category);
        }

        json.WriteEndArray();
        json.WriteStartObject("attributes");
        foreach (var (name, value) in item.Attributes)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
        if (item.Timestamp is { } timestamp)
        {
            json.WriteString("timestamp", timestamp);
        }

        json.WriteBoolean("hidden", item.Hidden);
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, ImportedEvent one)
    {
        json.WriteStartObject();
        json.WriteString("id", one.Id);
        json.WriteString("user", one.User);
        json.WriteString("item", one.Item);
        json.WriteString("type", one.Type);
        if (one.Value is { } value)
        {
            json.WriteNumber("value", value);
        }

        json.WriteString("at", DateTimeOffset.UnixEpoch.AddTicks(one.At * TimeSpan.TicksPerMicrosecond));
        json.WriteEndObject();
    }
}
