namespace Kindred.Import.Content;

/// <summary>Section <c>etl</c>: following a content database while the server runs.</summary>
public sealed record EtlSettings
{
    private const double ComparedShare = 0.05;

    /// <summary>PostgreSQL connection string of the content database; empty means none is followed.</summary>
    public string Source { get; init; } = "";

    /// <summary>How often changes are looked for.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often everything is compared, which finds what no <c>modified</c> tells: what is deleted, and what was committed late.</summary>
    public TimeSpan CompareEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What is wrong with the connection string of a source, without repeating it; null when nothing is.</summary>
    public static string? SourceFault(string connection) => ContentSource.Fault(connection);

    /// <summary>When to compare again after a pass that did: never more than a twentieth of the time goes into that.</summary>
    public static TimeSpan NextCompare(TimeSpan compareEvery, EtlSummary last)
    {
        ArgumentNullException.ThrowIfNull(last);
        return TimeSpan.FromSeconds(Math.Max(compareEvery.TotalSeconds, last.Seconds / ComparedShare));
    }

    /// <summary>Faults by the path within the section.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        foreach (var (path, wait) in new[] { ("every", Every), ("compare_every", CompareEvery) })
        {
            if (wait <= TimeSpan.Zero || wait > TimeSpan.FromDays(1))
            {
                yield return (path, "a wait is above zero and at most a day");
            }
        }

        if (Source.Length > 0 && ContentSource.Fault(Source) is { } fault)
        {
            yield return ("source", fault);
        }
    }
}
