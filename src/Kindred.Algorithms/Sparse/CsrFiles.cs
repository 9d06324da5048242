using Kindred.Algorithms.Files;

namespace Kindred.Algorithms.Sparse;

/// <summary>A sparse matrix as three sections of a model file: <c>name.starts</c>, <c>name.columns</c>, <c>name.values</c>.</summary>
internal static class CsrFiles
{
    public static void Write(ModelFileWriter file, string name, CsrMatrix matrix)
    {
        file.Add(name + ".starts", matrix.RowStarts);
        file.Add(name + ".columns", matrix.AllColumns);
        file.Add(name + ".values", matrix.AllValues);
    }

    /// <exception cref="ArgumentException">The sections do not make a matrix.</exception>
    public static CsrMatrix Read(ModelFile file, string name, int columns) => new(
        columns,
        file.Read<long>(name + ".starts").ToArray(),
        file.Read<int>(name + ".columns").ToArray(),
        file.Read<float>(name + ".values").ToArray());
}
