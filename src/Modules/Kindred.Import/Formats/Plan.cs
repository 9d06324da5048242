using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Platform.Collections;

namespace Kindred.Import.Formats;

/// <summary>How one file is read: as events, as items, or as events that bring items along.</summary>
internal sealed record Plan(ImportFile File, string Format, IEnumerable<Row<ImportedEvent>>? Events, IEnumerable<Row<ImportedItem>>? Items) : IDisposable
{
    private const string Rating = "rating";
    private const string Purchase = "purchase";

    public void Dispose() => File.Dispose();

    /// <summary>The files behind a path: itself, or the known files of a folder, items before events.</summary>
    public static IReadOnlyList<string> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return System.IO.File.Exists(path) || path == "-" ? [path] : throw new ImportRefusedException($"There is no file or folder \"{path}\".");
        }

        string[] known = ["items.jsonl", "movies.csv", "movies.dat", "ratings.csv", "ratings.dat", "events.jsonl"];
        string[] found = [.. known.Select(name => Path.Combine(path, name)).Where(System.IO.File.Exists)];
        return found.Length > 0 ? found : throw new ImportRefusedException($"The folder \"{path}\" holds none of {string.Join(", ", known)}.");
    }

    /// <exception cref="ImportRefusedException">The file cannot be read as asked, or as anything known.</exception>
    public static Plan For(ImportFile file, ImportRequest request, Collection collection)
    {
        var scale = request.Scale ?? 1;
        switch (request.Format == ImportFormat.Auto ? Detect(file, request) : request.Format)
        {
            case ImportFormat.MovieLens when MovieLens.IsRatings(file):
                var type = request.Type ?? Rating;
                var factor = request.Scale ?? MovieLens.DetectScale(file, collection, type);
                return new(file, factor == 1 ? "MovieLens ratings" : $"MovieLens ratings times {factor:0.##}", MovieLens.ReadRatings(file, collection, type, factor), null);
            case ImportFormat.MovieLens when MovieLens.IsMovies(file):
                return new(file, "MovieLens films", null, MovieLens.ReadMovies(file));
            case ImportFormat.MovieLens:
                throw new ImportRefusedException($"\"{file.Path}\" holds neither MovieLens ratings nor films.");
            case ImportFormat.OnlineRetail:
                var retail = new OnlineRetail(file, collection, request.Type ?? Purchase);
                return new(file, "Online Retail", retail.ReadPurchases(), retail.Products());
            case ImportFormat.JsonLines:
                return HoldsEvents(request) ?? JsonLines.HoldsEvents(file)
                    ? new(file, "JSON lines of events", JsonLines.ReadEvents(file, collection, request.Type, scale), null)
                    : new(file, "JSON lines of items", null, JsonLines.ReadItems(file));
            default:
                return HoldsEvents(request) ?? (request.Map.ContainsKey("user") || Header.Of(file).Find("user") >= 0 || !request.Map.ContainsKey("id"))
                    ? new(file, "delimited text of events", MappedCsv.ReadEvents(file, collection, request.Map, request.Type, scale), null)
                    : new(file, "delimited text of items", null, MappedCsv.ReadItems(file, request.Map));
        }
    }

    private static bool? HoldsEvents(ImportRequest request) => request.Rows == ImportRows.Auto ? null : request.Rows == ImportRows.Events;

    private static ImportFormat Detect(ImportFile file, ImportRequest request) =>
        JsonLines.Fits(file) ? ImportFormat.JsonLines
        : request.Map.Count > 0 ? ImportFormat.Csv
        : MovieLens.IsRatings(file) || MovieLens.IsMovies(file) ? ImportFormat.MovieLens
        : OnlineRetail.Fits(Header.Of(file)) ? ImportFormat.OnlineRetail
        : ImportFormat.Csv;
}
