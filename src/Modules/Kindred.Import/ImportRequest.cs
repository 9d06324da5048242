namespace Kindred.Import;

/// <summary>What a file holds.</summary>
public enum ImportFormat
{
    /// <summary>Found out from the content.</summary>
    Auto,

    /// <summary>MovieLens or MovieTweetings: a folder, or single files of ratings and films.</summary>
    MovieLens,

    /// <summary>UCI Online Retail, also gzipped.</summary>
    OnlineRetail,

    /// <summary>Delimited text with a header, by a map.</summary>
    Csv,

    /// <summary>One JSON object per line.</summary>
    JsonLines,
}

/// <summary>Whether rows are events or items, where the content does not tell.</summary>
public enum ImportRows
{
    /// <summary>Found out from the content and the map.</summary>
    Auto,

    /// <summary>Events.</summary>
    Events,

    /// <summary>Items.</summary>
    Items,
}

/// <summary>One import: which files into which collection, and how to read them.</summary>
public sealed record ImportRequest
{
    /// <summary>Files or folders, in order; <c>-</c> is standard input. Whatever the caller may read is read: who lets others name paths must check them.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Name of the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Format of all paths.</summary>
    public ImportFormat Format { get; init; }

    /// <summary>What the rows are.</summary>
    public ImportRows Rows { get; init; }

    /// <summary>
    /// Our words to the file's columns. Events: user, item, value, time, type, id. Items: id, title, categories (separated by <c>|</c>), timestamp, hidden,
    /// and any other word as the name of an attribute.
    /// </summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Event type of all rows; null takes the column, or <c>rating</c> and <c>purchase</c> for the known formats.</summary>
    public string? Type { get; init; }

    /// <summary>Factor for values; null means 1, and for MovieLens what brings half stars to the collection's ten.</summary>
    public double? Scale { get; init; }

    /// <summary>The import stops when more rows than this are rejected.</summary>
    public int MaxErrors { get; init; } = 10_000;

    /// <summary>Goes on after the last durable batch of an import that was cut off, instead of offering every row again. Right either way; faster with it.</summary>
    public bool Resume { get; init; }

    /// <summary>Reads and checks everything, writes nothing but the file of rejected rows.</summary>
    public bool DryRun { get; init; }

    /// <summary>Folder of the rejected rows and the progress file; null means beside the file read.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>Rows of one transaction.</summary>
    public int BatchRows { get; init; } = 5_000;
}
