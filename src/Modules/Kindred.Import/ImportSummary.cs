namespace Kindred.Import;

/// <summary>What became of rows.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="New">Rows that changed something; in a dry run, rows that could.</param>
/// <param name="Repeated">Rows that were there already.</param>
/// <param name="Rejected">Rows left out, with a line each in the file of rejected rows.</param>
public readonly record struct ImportCounts(long Rows, long New, long Repeated, long Rejected)
{
    /// <summary>Sums.</summary>
    public static ImportCounts operator +(ImportCounts left, ImportCounts right) => left.Plus(right);

    /// <summary>Sums.</summary>
    public ImportCounts Plus(ImportCounts other) => new(Rows + other.Rows, New + other.New, Repeated + other.Repeated, Rejected + other.Rejected);
}

/// <summary>How an import went.</summary>
/// <param name="Events">Events.</param>
/// <param name="Items">Items.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="RejectedFiles">Files that list the rejected rows.</param>
/// <param name="FirstRejection">The first rejected row for people: <c>line 8114  rating "6" is above 5</c>; null when there is none.</param>
/// <param name="Formats">What each file was read as.</param>
/// <param name="Error">Why the import did not begin or stopped before its end; null when it went through. What was written until then stays.</param>
public sealed record ImportSummary(
    ImportCounts Events,
    ImportCounts Items,
    double Seconds,
    IReadOnlyList<string> RejectedFiles,
    string? FirstRejection,
    IReadOnlyList<string> Formats,
    string? Error)
{
    /// <summary>Events and items together.</summary>
    public ImportCounts All => Events + Items;
}

/// <summary>How far an import is, told after every batch.</summary>
/// <param name="File">Path of the file being read.</param>
/// <param name="Rows">Rows of it that are done.</param>
/// <param name="Bytes">Bytes of it that are read.</param>
/// <param name="TotalBytes">Its size, or null when unknown.</param>
/// <param name="RowsPerSecond">Since this file began.</param>
public readonly record struct ImportProgress(string File, long Rows, long Bytes, long? TotalBytes, double RowsPerSecond);
