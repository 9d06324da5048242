using Kindred.Import.Reading;

namespace Kindred.Import.Formats;

/// <summary>The first row of a delimited file and its delimiter.</summary>
internal sealed class Header
{
    private static readonly char[] s_delimiters = [',', ';', '\t', '|'];

    private Header(string delimiter, IReadOnlyList<string> names)
    {
        Delimiter = delimiter;
        Names = names;
    }

    public string Delimiter { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads the header of a file, with the delimiter that cuts it into the most names.</summary>
    public static Header Of(ImportFile file)
    {
        var best = new Header(",", []);
        foreach (var delimiter in s_delimiters)
        {
            using var reader = new DelimitedReader(new StringReader(file.Head), delimiter.ToString(), quotes: true);
            if (reader.Read() && reader.Count > best.Names.Count)
            {
                best = new Header(delimiter.ToString(), [.. Enumerable.Range(0, reader.Count).Select(field => reader[field].Trim().ToString())]);
            }
        }

        return best;
    }

    /// <summary>Place of the column of one of these names, whatever their case; -1 when there is none.</summary>
    public int Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            for (var column = 0; column < Names.Count; column++)
            {
                if (string.Equals(Names[column], name, StringComparison.OrdinalIgnoreCase))
                {
                    return column;
                }
            }
        }

        return -1;
    }

    /// <summary>As <see cref="Find"/>, for a column that must be there.</summary>
    /// <exception cref="ImportRefusedException">It is not.</exception>
    public int Require(params ReadOnlySpan<string> names)
    {
        var column = Find(names);
        return column >= 0 ? column : throw new ImportRefusedException($"There is no column \"{names[0]}\". The columns are: {string.Join(", ", Names)}.");
    }

    /// <exception cref="ImportRefusedException">There is no header, or a name stands in it twice.</exception>
    public Header Checked()
    {
        if (Names.Count == 0)
        {
            throw new ImportRefusedException("The file is empty; its first line must name the columns.");
        }

        var twice = Names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? this : throw new ImportRefusedException($"The header names the column \"{twice.Key}\" twice.");
    }

    /// <summary>Opens the rows after the header.</summary>
    public DelimitedReader OpenRows(ImportFile file)
    {
        var rows = new DelimitedReader(file.OpenText(), Delimiter, quotes: true);
        rows.Read();
        return rows;
    }

    /// <summary>What is wrong with a row as a whole, or null.</summary>
    public Fault? Check(DelimitedReader row) =>
        row.Fault is not null ? Fault.Of("", row.Excerpt, row.Fault)
        : row.Count == Names.Count ? null
        : Fault.Of("", row[0], $"begins a row of {row.Count} fields where the header has {Names.Count}");
}
