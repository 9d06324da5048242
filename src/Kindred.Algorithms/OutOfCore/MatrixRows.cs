using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>A matrix in memory as rows: every window is the whole.</summary>
internal sealed class MatrixRows(CsrMatrix matrix) : ISparseRows, IRowWindow
{
    public int Rows => matrix.Rows;

    public long NonZeros => matrix.NonZeros;

    public long WindowEntries => long.MaxValue;

    public int RowLength(int row) => matrix.RowLength(row);

    public IRowWindow Open(int from, int to) => this;

    public ReadOnlySpan<int> RowColumns(int row) => matrix.RowColumns(row);

    public ReadOnlySpan<float> RowValues(int row) => matrix.RowValues(row);

    public void Dispose()
    {
        // Nothing was opened.
    }
}
