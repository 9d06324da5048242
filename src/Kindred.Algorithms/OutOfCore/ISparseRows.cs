namespace Kindred.Algorithms.OutOfCore;

/// <summary>Rows of a sparse matrix, in memory or in a file. Safe for any number of threads.</summary>
internal interface ISparseRows
{
    int Rows { get; }

    long NonZeros { get; }

    /// <summary>Entries a window holds at most, unless it is of one row.</summary>
    long WindowEntries { get; }

    int RowLength(int row);

    /// <summary>Opens the rows from <paramref name="from"/> up to <paramref name="to"/>, not included.</summary>
    IRowWindow Open(int from, int to);
}

/// <summary>Some rows that can be read until it is disposed.</summary>
internal interface IRowWindow : IDisposable
{
    ReadOnlySpan<int> RowColumns(int row);

    ReadOnlySpan<float> RowValues(int row);
}
