using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models;

/// <summary><see cref="ItemRows"/> as sections of a model file: the popularity of items and the rows.</summary>
internal static class ItemRowsFile
{
    public static void Write(ModelFileWriter file, ItemRows rows)
    {
        file.Add<double>("popularity", rows.Ties.Popularity);
        CsrFiles.Write(file, "rows", rows.Rows);
    }

    /// <exception cref="ArgumentException">The sections do not make one.</exception>
    public static ItemRows Read(ModelFile file)
    {
        var popularity = file.Read<double>("popularity");
        foreach (var value in popularity)
        {
            if (!double.IsFinite(value))
            {
                throw new ArgumentException($"Popularity holds {value}.", nameof(file));
            }
        }

        var rows = CsrFiles.Read(file, "rows", popularity.Length);
        if (rows.Rows != popularity.Length)
        {
            throw new ArgumentException($"{rows.Rows} rows, but {popularity.Length} items.", nameof(file));
        }

        return new ItemRows(rows, new PopularityTies(popularity));
    }
}
