using System.Runtime.InteropServices;

namespace Kindred.Algorithms.Sparse;

/// <summary>
/// Gathers (row, column, value) triplets in any order and builds a <see cref="CsrMatrix"/>; triplets of one cell are summed in the order they
/// came. Memory: 12 bytes a triplet while gathering, 20 more while building. Not safe for several threads.
/// </summary>
public sealed class CsrBuilder
{
    private readonly List<int> _rows;
    private readonly List<int> _columns;
    private readonly List<float> _values;

    /// <summary>Makes room for that many triplets; more may come.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    public CsrBuilder(int capacity = 0)
    {
        _rows = new List<int>(capacity);
        _columns = new List<int>(capacity);
        _values = new List<float>(capacity);
    }

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

    /// <summary>Builds the matrix <b>[rows x columns]</b>; the builder keeps its triplets. O(triplets + rows + columns).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A triplet lies outside the shape.</exception>
    public CsrMatrix Build(int rows, int columns)
    {
        var order = CellOrder.Of(CollectionsMarshal.AsSpan(_rows), CollectionsMarshal.AsSpan(_columns), rows, columns);
        var starts = new long[rows + 1];
        var cells = new int[order.Length];
        var values = new float[order.Length];
        var kept = 0;
        var row = -1;
        foreach (var k in order)
        {
            if (_rows[k] == row && cells[kept - 1] == _columns[k])
            {
                values[kept - 1] += _values[k];
                continue;
            }

            row = _rows[k];
            cells[kept] = _columns[k];
            values[kept++] = _values[k];
            starts[row + 1] = kept;
        }

        // A row without cells ends where the row before it ends.
        for (var r = 0; r < rows; r++)
        {
            starts[r + 1] = Math.Max(starts[r + 1], starts[r]);
        }

        Array.Resize(ref cells, kept);
        Array.Resize(ref values, kept);
        return new CsrMatrix(columns, starts, cells, values);
    }
}
