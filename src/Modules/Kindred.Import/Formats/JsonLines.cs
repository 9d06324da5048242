using System.Text.Json;
using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Platform.Collections;

namespace Kindred.Import.Formats;

/// <summary>One JSON object per line, as the API takes them: events, or items.</summary>
internal static class JsonLines
{
    public static bool Fits(ImportFile file) => file.Head.AsSpan().TrimStart() is ['{', ..];

    /// <summary>True when the first object is an event: it names a user.</summary>
    public static bool HoldsEvents(ImportFile file)
    {
        using var rows = new DelimitedReader(new StringReader(file.Head), "", quotes: false);
        if (!rows.Read() || rows.Fault is not null || Parse(rows[0], out _) is not { } document)
        {
            return true;
        }

        using (document)
        {
            return document.RootElement.TryGetProperty("user", out _);
        }
    }

    public static IEnumerable<Row<ImportedEvent>> ReadEvents(ImportFile file, Collection collection, string? type, double scale)
    {
        var events = new EventRows(collection, new EventColumns("user", "item", "value", "at", "type", "id"), scale);
        using var rows = new DelimitedReader(file.OpenText(), "", quotes: false);
        while (rows.Read())
        {
            if (Open(rows, out var fault) is not { } document)
            {
                yield return new(rows.Line, default, fault);
                continue;
            }

            using (document)
            {
                var json = document.RootElement;
                yield return events.Make(rows.Line, Text(json, "user"), Text(json, "item"), type ?? Text(json, "type"), Text(json, "value"), Text(json, "at"), Text(json, "id"));
            }
        }
    }

    public static IEnumerable<Row<ImportedItem>> ReadItems(ImportFile file)
    {
        using var rows = new DelimitedReader(file.OpenText(), "", quotes: false);
        while (rows.Read())
        {
            if (Open(rows, out var fault) is not { } document)
            {
                yield return new(rows.Line, null!, fault);
                continue;
            }

            using (document)
            {
                var item = Item(document.RootElement, out fault);
                yield return new(rows.Line, item!, fault);
            }
        }
    }

    private static ImportedItem? Item(JsonElement json, out Fault? fault)
    {
        var id = Text(json, "id").Trim();
        fault = EventRows.CheckId("id", id);
        var at = 0L;
        var time = Text(json, "timestamp");
        if (fault is null && time.Length > 0 && !Times.TryRead(time, out at))
        {
            fault = Fault.Of("timestamp", time, "is not a time");
        }

        List<string> categories = [];
        if (fault is null && json.TryGetProperty("categories", out var listed) && listed.ValueKind != JsonValueKind.Null)
        {
            if (listed.ValueKind != JsonValueKind.Array || listed.EnumerateArray().Any(entry => entry.ValueKind != JsonValueKind.String))
            {
                fault = Fault.Of("categories", listed.GetRawText(), "is not an array of texts");
            }
            else
            {
                categories.AddRange(listed.EnumerateArray().Select(entry => entry.GetString()!).Distinct(StringComparer.Ordinal));
            }
        }

        Dictionary<string, JsonElement> attributes = [];
        if (fault is null && json.TryGetProperty("attributes", out var pairs) && pairs.ValueKind == JsonValueKind.Object)
        {
            foreach (var pair in pairs.EnumerateObject())
            {
                attributes[pair.Name] = pair.Value.Clone();
            }
        }

        return fault is not null ? null : new ImportedItem(
            id.ToString(),
            Text(json, "title") is { Length: > 0 } title ? title : null,
            categories,
            attributes,
            time.Length > 0 ? DateTimeOffset.UnixEpoch.AddTicks(at * TimeSpan.TicksPerMicrosecond) : null,
            json.TryGetProperty("hidden", out var hidden) && hidden.ValueKind == JsonValueKind.True);
    }

    private static JsonDocument? Open(DelimitedReader row, out Fault? fault)
    {
        fault = row.Fault is null ? null : Fault.Of("", row.Excerpt, row.Fault);
        if (fault is not null)
        {
            return null;
        }

        var document = Parse(row[0], out var reason);
        fault = document is null ? Fault.Of("", row[0], reason) : null;
        return document;
    }

    private static JsonDocument? Parse(ReadOnlySpan<char> line, out string reason)
    {
        reason = "is not a JSON object";
        try
        {
            var document = JsonDocument.Parse(line.ToString());
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Ids and times may also be written as numbers; what is neither text nor number reads as its JSON and is then refused by the field's own rule.
    private static string Text(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? ""
        : value.ValueKind == JsonValueKind.String ? Unescape(value)
        : value.GetRawText();

    // Half a surrogate pair ("\ud800") is no text; the mark in its place is refused where an id must be text.
    private static string Unescape(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "\ufffd";
        }
    }
}
