using System.Runtime.InteropServices;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>Writes a <see cref="CsrFile"/> from entries in the order of rows and columns, through two small buffers.</summary>
internal sealed class CsrFileWriter : IDisposable
{
    private const int Buffered = 1 << 15;

    private readonly string _path;
    private readonly FileStream _columns;
    private readonly FileStream _values;
    private readonly int[] _column = new int[Buffered];
    private readonly float[] _value = new float[Buffered];
    private readonly long[] _rowStarts;
    private int _count;
    private long _written;
    private int _row;
    private int _last = -1;

    public CsrFileWriter(string path, int rows)
    {
        _path = path;
        _rowStarts = new long[rows + 1];
        _columns = new FileStream(path + ".columns", FileMode.Create, FileAccess.Write, FileShare.None, 1);
        _values = new FileStream(path + ".values", FileMode.Create, FileAccess.Write, FileShare.None, 1);
    }

    /// <exception cref="ArgumentException">The entry does not come after the one before.</exception>
    public void Add(int row, int column, float value)
    {
        if (row < _row || row >= _rowStarts.Length - 1 || (row == _row && column <= _last) || column < 0)
        {
            throw new ArgumentException($"Cell ({row}, {column}) comes after ({_row}, {_last}) in a matrix of {_rowStarts.Length - 1} rows.", nameof(row));
        }

        while (_row < row)
        {
            _rowStarts[++_row] = _written + _count;
        }

        _last = column;
        (_column[_count], _value[_count]) = (column, value);
        if (++_count == Buffered)
        {
            Flush();
        }
    }

    public CsrFile Finish(long windowEntries)
    {
        Flush();
        while (_row < _rowStarts.Length - 1)
        {
            _rowStarts[++_row] = _written;
        }

        Dispose();
        return new CsrFile(_path, _rowStarts, windowEntries);
    }

    public void Dispose()
    {
        _columns.Dispose();
        _values.Dispose();
    }

    private void Flush()
    {
        _columns.Write(MemoryMarshal.AsBytes(_column.AsSpan(0, _count)));
        _values.Write(MemoryMarshal.AsBytes(_value.AsSpan(0, _count)));
        _written += _count;
        _count = 0;
    }
}
