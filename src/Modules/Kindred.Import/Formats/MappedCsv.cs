using System.Globalization;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Platform.Collections;

namespace Kindred.Import.Formats;

/// <summary>Any delimited file with a header, by a map from our words to its columns. Without a map the columns must bear our words.</summary>
internal static class MappedCsv
{
    private static readonly string[] s_eventWords = ["user", "item", "value", "time", "type", "id"];
    private static readonly string[] s_itemWords = ["id", "title", "categories", "timestamp", "hidden"];

    public static IEnumerable<Row<ImportedEvent>> ReadEvents(ImportFile file, Collection collection, IReadOnlyDictionary<string, string> map, string? type, double scale)
    {
        CheckMap(map, s_eventWords);
        var header = Header.Of(file).Checked();
        var user = Column(header, map, "user", required: true);
        var item = Column(header, map, "item", required: true);
        var value = Column(header, map, "value", required: false);
        var time = Column(header, map, "time", required: true, "at", "timestamp");
        var kind = type is null ? Column(header, map, "type", required: true) : -1;
        var id = Column(header, map, "id", required: false);
        var events = new EventRows(
            collection, new EventColumns(header.Names[user], header.Names[item], Name(header, value), header.Names[time], kind < 0 ? "type" : header.Names[kind], Name(header, id)), scale);
        return Read();

        IEnumerable<Row<ImportedEvent>> Read()
        {
            using var rows = header.OpenRows(file);
            while (rows.Read())
            {
                yield return header.Check(rows) is { } fault
                    ? new Row<ImportedEvent>(rows.Line, default, fault)
                    : events.Make(rows.Line, rows[user], rows[item], kind < 0 ? type : rows[kind], Field(rows, value), rows[time], Field(rows, id));
            }
        }
    }

    /// <summary>Every word of the map that is none of ours names an attribute; without a map all other columns become attributes.</summary>
    public static IEnumerable<Row<ImportedItem>> ReadItems(ImportFile file, IReadOnlyDictionary<string, string> map)
    {
        var header = Header.Of(file).Checked();
        var id = Column(header, map, "id", required: true, "item");
        var title = Column(header, map, "title", required: false);
        var categories = Column(header, map, "categories", required: false);
        var timestamp = Column(header, map, "timestamp", required: false);
        var hidden = Column(header, map, "hidden", required: false);
        int[] ours = [id, title, categories, timestamp, hidden];
        (string Name, int Column)[] attributes = map.Count > 0
            ? [.. map.Where(pair => !s_itemWords.Contains(pair.Key)).Select(pair => (pair.Key, header.Require(pair.Value)))]
            : [.. header.Names.Select((name, column) => (name, column)).Where(pair => !ours.Contains(pair.column))];
        return Read();

        IEnumerable<Row<ImportedItem>> Read()
        {
            using var rows = header.OpenRows(file);
            while (rows.Read())
            {
                var at = 0L;
                var fault = header.Check(rows) ?? EventRows.CheckId(header.Names[id], rows[id].Trim());
                if (fault is null && !Field(rows, timestamp).Trim().IsEmpty && !Times.TryRead(Field(rows, timestamp).Trim(), out at))
                {
                    fault = Fault.Of(header.Names[timestamp], rows[timestamp], "is not a time");
                }

                yield return fault is null ? new(rows.Line, Item(rows, at), null) : new(rows.Line, null!, fault);
            }
        }

        ImportedItem Item(DelimitedReader row, long at)
        {
            var titleText = Field(row, title).Trim().ToString();
            return new ImportedItem(
                row[id].Trim().ToString(),
                titleText.Length == 0 ? null : titleText,
                [.. Field(row, categories).ToString().Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)],
                Attributes(row),
                Field(row, timestamp).Trim().IsEmpty ? null : DateTimeOffset.UnixEpoch.AddTicks(at * TimeSpan.TicksPerMicrosecond),
                Field(row, hidden).Trim() is var text && (text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase)));
        }

        Dictionary<string, JsonElement> Attributes(DelimitedReader row)
        {
            Dictionary<string, JsonElement> read = [];
            foreach (var (name, column) in attributes)
            {
                if (!row[column].Trim().IsEmpty)
                {
                    read[name] = Attribute(row[column].Trim());
                }
            }

            return read;
        }
    }

    // A number only where it reads back the same: 007 and 1e3 stay text.
    private static JsonElement Attribute(ReadOnlySpan<char> text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && text.SequenceEqual(number.ToString(CultureInfo.InvariantCulture))
        ? JsonSerializer.SerializeToElement(number)
        : text is "true" or "false" ? JsonSerializer.SerializeToElement(text is "true")
        : JsonSerializer.SerializeToElement(text.ToString());

    private static int Column(Header header, IReadOnlyDictionary<string, string> map, string word, bool required, params string[] aliases)
    {
        if (map.TryGetValue(word, out var named))
        {
            return header.Require(named);
        }

        string[] names = [word, .. aliases];
        return required && header.Find(names) < 0
            ? throw new ImportRefusedException($"Say which column is the {word}: --map {word}=COLUMN. The columns are: {string.Join(", ", header.Names)}.")
            : header.Find(names);
    }

    private static void CheckMap(IReadOnlyDictionary<string, string> map, string[] words)
    {
        if (map.Keys.FirstOrDefault(word => !words.Contains(word)) is { } unknown)
        {
            throw new ImportRefusedException($"--map knows no \"{unknown}\"; it knows {string.Join(", ", words)}.");
        }
    }

    private static string Name(Header header, int column) => column < 0 ? "" : header.Names[column];

    private static ReadOnlySpan<char> Field(DelimitedReader row, int column) => column < 0 ? default : row[column];
}
