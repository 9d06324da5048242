namespace Kindred.Algorithms.Sparse;

/// <summary>
/// An immutable sparse matrix in compressed sparse rows, <b>[Rows x Columns]</b>. Column numbers ascend within a row, each at most once;
/// values are finite. Safe for any number of threads.
/// </summary>
public sealed class CsrMatrix
{
    private readonly long[] _rowStarts;
    private readonly int[] _columns;
    private readonly float[] _values;

    /// <summary>Takes ownership of the arrays.</summary>
    /// <param name="columnCount">Number of columns.</param>
    /// <param name="rowStarts"><b>[rows + 1]</b>, ascending from 0 to the number of non-zeros.</param>
    /// <param name="columns"><b>[non-zeros]</b>.</param>
    /// <param name="values"><b>[non-zeros]</b>.</param>
    /// <exception cref="ArgumentException">Lengths do not fit together, columns are out of range or out of order, or a value is not finite.</exception>
    public CsrMatrix(int columnCount, long[] rowStarts, int[] columns, float[] values)
    {
        _rowStarts = rowStarts;
        _columns = columns;
        _values = values;
        Columns = columnCount;
        Validate();
    }

    /// <summary>Number of rows.</summary>
    public int Rows => _rowStarts.Length - 1;

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Number of stored values.</summary>
    public long NonZeros => _rowStarts[^1];

    /// <summary>Start of each row in the stored values, <b>[rows + 1]</b>.</summary>
    public ReadOnlySpan<long> RowStarts => _rowStarts;

    /// <summary>Number of values stored in a row.</summary>
    public int RowLength(int row) => (int)(_rowStarts[row + 1] - _rowStarts[row]);

    /// <summary>Columns of a row, ascending.</summary>
    public ReadOnlySpan<int> RowColumns(int row) => _columns.AsSpan((int)_rowStarts[row], RowLength(row));

    /// <summary>Values of a row, one per column of <see cref="RowColumns"/>.</summary>
    public ReadOnlySpan<float> RowValues(int row) => _values.AsSpan((int)_rowStarts[row], RowLength(row));

    /// <summary>Columns of all stored values, row after row.</summary>
    public ReadOnlySpan<int> AllColumns => _columns.AsSpan(0, (int)NonZeros);

    /// <summary>All stored values, row after row.</summary>
    public ReadOnlySpan<float> AllValues => _values.AsSpan(0, (int)NonZeros);

    /// <summary>The value of a cell, 0 where none is stored: O(log of the row's length).</summary>
    public float ValueAt(int row, int column)
    {
        var at = RowColumns(row).BinarySearch(column);
        return at < 0 ? 0 : RowValues(row)[at];
    }

    /// <summary>The transpose, by counting sort: O(non-zeros + rows + columns).</summary>
    public CsrMatrix Transpose()
    {
        var starts = new long[Columns + 1];
        foreach (var column in AllColumns)
        {
            starts[column + 1]++;
        }

        for (var c = 0; c < Columns; c++)
        {
            starts[c + 1] += starts[c];
        }

        var next = starts.AsSpan(0, Columns).ToArray();
        var columns = new int[NonZeros];
        var values = new float[NonZeros];
        for (var row = 0; row < Rows; row++)
        {
            for (var k = _rowStarts[row]; k < _rowStarts[row + 1]; k++)
            {
                var to = next[_columns[k]]++;
                columns[to] = row;
                values[to] = _values[k];
            }
        }

        return new CsrMatrix(Rows, starts, columns, values);
    }

    private void Validate()
    {
        if (_rowStarts.Length == 0 || _rowStarts[0] != 0 || _rowStarts[^1] != _columns.Length || _columns.Length != _values.Length || Columns < 0)
        {
            throw new ArgumentException(
                $"Row starts, columns and values do not fit together: {_rowStarts.Length} starts, {_columns.Length} columns, {_values.Length} values.");
        }

        for (var row = 0; row < Rows; row++)
        {
            var previous = -1;
            if (_rowStarts[row + 1] < _rowStarts[row] || _rowStarts[row + 1] > _columns.Length)
            {
                throw new ArgumentException($"Row {row} starts at {_rowStarts[row]} and ends at {_rowStarts[row + 1]} of {_columns.Length} values.");
            }

            for (var k = _rowStarts[row]; k < _rowStarts[row + 1]; k++)
            {
                if (_columns[k] <= previous || _columns[k] >= Columns || !float.IsFinite(_values[k]))
                {
                    throw new ArgumentException(
                        $"Row {row} holds column {_columns[k]} with value {_values[k]} after column {previous}; columns ascend below {Columns} and values are finite.");
                }

                previous = _columns[k];
            }
        }
    }
}
