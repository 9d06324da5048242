namespace Kindred.Algorithms.Sparse;

/// <summary>
/// Gathers (row, column, value) triplets in any order and builds a <see cref="CsrMatrix"/>; triplets of one cell are summed in the order they
/// came. Memory: 12 bytes a triplet while gathering, and as much again while building. Not safe for several threads.
/// </summary>
public sealed class CsrBuilder
{
    private readonly List<int> _rows = [];
    private readonly List<int> _columns = [];
    private readonly List<float> _values = [];

    /// <summary>Number of triplets gathered.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a value to a cell.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or the value is not finite.</exception>
    public void Add(int row, int column, float value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        if (!float.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "A matrix holds finite values only.");
        }

        _rows.Add(row);
        _columns.Add(column);
        _values.Add(value);
    }

    /// <summary>Builds the matrix <b>[rows x columns]</b>; the builder keeps its triplets.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A triplet lies outside the shape.</exception>
    public CsrMatrix Build(int rows, int columns)
    {
        var starts = new long[rows + 1];
        for (var k = 0; k < _rows.Count; k++)
        {
            if (_rows[k] >= rows || _columns[k] >= columns)
            {
                throw new ArgumentOutOfRangeException(nameof(rows), $"Cell ({_rows[k]}, {_columns[k]}) lies outside a {rows} x {columns} matrix.");
            }

            starts[_rows[k] + 1]++;
        }

        for (var r = 0; r < rows; r++)
        {
            starts[r + 1] += starts[r];
        }

        var next = starts.AsSpan(0, rows).ToArray();
        var cells = new int[_rows.Count];
        var values = new float[_rows.Count];
        for (var k = 0; k < _rows.Count; k++)
        {
            var to = next[_rows[k]]++;
            cells[to] = _columns[k];
            values[to] = _values[k];
        }

        return Compact(columns, starts, cells, values);
    }

    private static CsrMatrix Compact(int columns, long[] starts, int[] cells, float[] values)
    {
        var kept = 0;
        var begin = 0L;
        for (var row = 0; row + 1 < starts.Length; row++)
        {
            var length = (int)(starts[row + 1] - begin);
            var at = (int)begin;
            begin = starts[row + 1];

            // A stable order of equal columns keeps the sum of a cell independent of the sort: keys are (column, position).

            var keys = new long[length];
            for (var k = 0; k < length; k++)
            {
                keys[k] = ((long)cells[at + k] << 32) | (uint)k;
            }

            Array.Sort(keys);
            var rowValues = values.AsSpan(at, length).ToArray();
            var rowStart = kept;
            foreach (var key in keys)
            {
                var column = (int)(key >> 32);
                var value = rowValues[(int)(key & 0xffffffff)];
                if (kept > rowStart && cells[kept - 1] == column)
                {
                    values[kept - 1] += value;
                }
                else
                {
                    cells[kept] = column;
                    values[kept++] = value;
                }
            }

            starts[row + 1] = kept;
        }

        return new CsrMatrix(columns, starts, cells.AsSpan(0, kept).ToArray(), values.AsSpan(0, kept).ToArray());
    }
}
