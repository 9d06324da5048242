using System.IO.MemoryMappedFiles;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>
/// A sparse matrix in compressed sparse rows on disk: columns in one file, values in another, row starts in memory. It is read through windows that map a few
/// rows and give their pages back when disposed, because mapped pages count as memory of the process as long as they are mapped.
/// </summary>
internal sealed class CsrFile : ISparseRows, IDisposable
{
    private readonly long[] _rowStarts;
    private readonly MemoryMappedFile? _columns;
    private readonly MemoryMappedFile? _values;

    public CsrFile(string path, long[] rowStarts, long windowEntries)
    {
        _rowStarts = rowStarts;
        WindowEntries = windowEntries;
        for (var row = 0; row < Rows; row++)
        {
            LongestRow = Math.Max(LongestRow, RowLength(row));
        }

        // An empty file cannot be mapped.
        _columns = NonZeros == 0 ? null : Map(path + ".columns");
        _values = NonZeros == 0 ? null : Map(path + ".values");
    }

    /// <summary>Entries of a window, a compromise between the number of maps and what they hold: 4 MiB of columns and values.</summary>
    public const long Window = 1L << 19;

    public int Rows => _rowStarts.Length - 1;

    public long NonZeros => _rowStarts[^1];

    public long WindowEntries { get; }

    /// <summary>Entries of the longest row: a row is always in one window.</summary>
    public int LongestRow { get; }

    public int RowLength(int row) => (int)(_rowStarts[row + 1] - _rowStarts[row]);

    public IRowWindow Open(int from, int to) => new MappedRows(this, from, to);

    public void Dispose()
    {
        _columns?.Dispose();
        _values?.Dispose();
    }

    private static MemoryMappedFile Map(string path) => MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);

    private sealed unsafe class MappedRows : IRowWindow
    {
        private readonly CsrFile _file;
        private readonly long _first;
        private readonly MemoryMappedViewAccessor? _columns;
        private readonly MemoryMappedViewAccessor? _values;
        private readonly int* _column;
        private readonly float* _value;

        public MappedRows(CsrFile file, int from, int to)
        {
            (_file, _first) = (file, file._rowStarts[from]);
            var count = file._rowStarts[to] - _first;
            if (count == 0)
            {
                return;
            }

            _columns = file._columns!.CreateViewAccessor(_first * sizeof(int), count * sizeof(int), MemoryMappedFileAccess.Read);
            _values = file._values!.CreateViewAccessor(_first * sizeof(float), count * sizeof(float), MemoryMappedFileAccess.Read);
            _column = (int*)Start(_columns);
            _value = (float*)Start(_values);
        }

        public ReadOnlySpan<int> RowColumns(int row) => new(_column + (_file._rowStarts[row] - _first), _file.RowLength(row));

        public ReadOnlySpan<float> RowValues(int row) => new(_value + (_file._rowStarts[row] - _first), _file.RowLength(row));

        public void Dispose()
        {
            foreach (var view in (ReadOnlySpan<MemoryMappedViewAccessor?>)[_columns, _values])
            {
                if (view is not null)
                {
                    view.SafeMemoryMappedViewHandle.ReleasePointer();
                    view.Dispose();
                }
            }
        }

        // A view begins at a page; what was asked for lies somewhere in it.
        private static byte* Start(MemoryMappedViewAccessor view)
        {
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return start + view.PointerOffset;
        }
    }
}
