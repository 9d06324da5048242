using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models;

/// <summary><see cref="ItemRows"/> as sections of a model file: the popularity of items and the rows.</summary>
internal static class ItemRowsFile
{
    public static void Write(ModelFileWriter file, ItemRows rows) => Write(file, rows.Rows, rows.Ties);

    /// <summary>Rows of any number over the items, and the items' popularity.</summary>
    public static void Write(ModelFileWriter file, CsrMatrix rows, PopularityTies ties)
    {
        file.Add<double>("popularity", ties.Popularity);
        CsrFiles.Write(file, "rows", rows);
    }

    /// <exception cref="ArgumentException">The sections do not make one.</exception>
    public static ItemRows Read(ModelFile file)
    {
        var (rows, ties) = ReadRows(file);
        return rows.Rows == rows.Columns
            ? new ItemRows(rows, ties)
            : throw new ArgumentException($"{rows.Rows} rows, but {rows.Columns} items.", nameof(file));
    }

    /// <exception cref="ArgumentException">The sections do not make rows over the items.</exception>
    public static (CsrMatrix Rows, PopularityTies Ties) ReadRows(ModelFile file)
    {
        var popularity = file.Read<double>("popularity");
        foreach (var value in popularity)
        {
            if (!double.IsFinite(value))
            {
                throw new ArgumentException($"Popularity holds {value}.", nameof(file));
            }
        }

        return (CsrFiles.Read(file, "rows", popularity.Length), new PopularityTies(popularity));
    }
}
