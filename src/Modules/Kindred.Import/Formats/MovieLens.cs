using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Platform.Collections;

namespace Kindred.Import.Formats;

/// <summary>
/// MovieLens ratings and films: comma-separated with a header (ml-latest, ml-25m), or separated by <c>::</c> without one (ml-1m, MovieTweetings).
/// </summary>
internal static partial class MovieLens
{
    private const int ScaleRows = 10_000;
    private const string Separator = "::";
    private static readonly string[] s_noGenres = ["(no genres listed)", ""];

    public static bool IsRatings(ImportFile file) =>
        IsDat(file) ? FirstRow(file) is [_, _, var value, var time] && double.TryParse(value, CultureInfo.InvariantCulture, out _) && long.TryParse(time, out _)
        : Header.Of(file) is var header && header.Find("userId") >= 0 && header.Find("movieId") >= 0 && header.Find("rating") >= 0;

    public static bool IsMovies(ImportFile file) =>
        IsDat(file) ? FirstRow(file).Length == 3
        : Header.Of(file) is var header && header.Find("movieId") >= 0 && header.Find("title") >= 0 && header.Find("genres") >= 0;

    /// <summary>
    /// The factor that brings the file's ratings to the collection's: 2 when none of the first 10,000 is above 5 and the collection rates up to 10, else 1.
    /// </summary>
    public static double DetectScale(ImportFile file, Collection collection, string type)
    {
        var columns = Columns(file);
        using var rows = Open(new StringReader(file.Head), file);
        var highest = 0.0;
        for (var row = 0; row < ScaleRows && rows.Read(); row++)
        {
            if (rows.Count > columns.Value && double.TryParse(rows[columns.Value], CultureInfo.InvariantCulture, out var value))
            {
                highest = Math.Max(highest, value);
            }
        }

        return highest is > 0 and <= 5 && collection.FindEventType(type)?.Settings.Maximum == 10 ? 2 : 1;
    }

    public static IEnumerable<Row<ImportedEvent>> ReadRatings(ImportFile file, Collection collection, string type, double scale)
    {
        var events = new EventRows(collection, new EventColumns("user", "movie", "rating", "timestamp", "type", "id"), scale);
        var (user, item, value, time, width) = Columns(file);
        using var rows = Open(file.OpenText(), file);
        while (rows.Read())
        {
            yield return Check(rows, width) is { } fault
                ? new Row<ImportedEvent>(rows.Line, default, fault)
                : events.Make(rows.Line, rows[user], rows[item], type, rows[value], rows[time], default);
        }
    }

    public static IEnumerable<Row<ImportedItem>> ReadMovies(ImportFile file)
    {
        var dat = IsDat(file);
        var header = dat ? null : Header.Of(file).Checked();
        var (id, title, genres, width) = header is null ? (0, 1, 2, 3) : (header.Require("movieId"), header.Require("title"), header.Require("genres"), header.Names.Count);
        using var rows = Open(file.OpenText(), file);
        while (rows.Read())
        {
            var fault = Check(rows, width) ?? EventRows.CheckId("movie", rows[id].Trim());
            yield return fault is null ? new(rows.Line, Movie(rows[id], rows[title], rows[genres]), null) : new(rows.Line, null!, fault);
        }
    }

    private static ImportedItem Movie(ReadOnlySpan<char> id, ReadOnlySpan<char> title, ReadOnlySpan<char> genres)
    {
        var name = title.Trim().ToString();
        Dictionary<string, JsonElement> attributes = [];
        if (Year().Match(name) is { Success: true } match)
        {
            attributes["year"] = JsonSerializer.SerializeToElement(int.Parse(match.Groups["year"].ValueSpan, CultureInfo.InvariantCulture));
        }

        return new ImportedItem(
            id.Trim().ToString(),
            name.Length == 0 ? null : name,
            [.. genres.ToString().Split('|', StringSplitOptions.TrimEntries).Except(s_noGenres, StringComparer.Ordinal)],
            attributes,
            Timestamp: null,
            Hidden: false);
    }

    private static (int User, int Item, int Value, int Time, int Width) Columns(ImportFile file)
    {
        if (IsDat(file))
        {
            return (0, 1, 2, 3, 4);
        }

        var header = Header.Of(file).Checked();
        return (header.Require("userId"), header.Require("movieId"), header.Require("rating"), header.Require("timestamp"), header.Names.Count);
    }

    private static DelimitedReader Open(TextReader text, ImportFile file)
    {
        if (IsDat(file))
        {
            return new DelimitedReader(text, Separator, quotes: false);
        }

        var rows = new DelimitedReader(text, Header.Of(file).Delimiter, quotes: true);
        rows.Read();
        return rows;
    }

    private static Fault? Check(DelimitedReader row, int width) =>
        row.Fault is not null ? Fault.Of("", row.Excerpt, row.Fault)
        : row.Count == width ? null
        : Fault.Of("", row[0], $"begins a row of {row.Count} fields where {width} are expected");

    private static bool IsDat(ImportFile file) => FirstRow(file).Length >= 3;

    private static string[] FirstRow(ImportFile file)
    {
        using var rows = new DelimitedReader(new StringReader(file.Head), Separator, quotes: false);
        return rows.Read() && rows.Fault is null ? [.. Enumerable.Range(0, rows.Count).Select(field => rows[field].ToString())] : [];
    }

    [GeneratedRegex(@"\((?<year>[0-9]{4})\)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Year();
}
