using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>Records of fixed size on disk, written once and then read from the beginning as often as wanted, through one small buffer. Not safe for several threads.</summary>
public sealed class RecordFile<T> : IDisposable
    where T : unmanaged
{
    private readonly FileStream _file;
    private readonly T[] _buffer = new T[Math.Max(1, (1 << 18) / Unsafe.SizeOf<T>())];
    private int _buffered;

    /// <summary>Makes an empty file; it is gone when this is disposed, also when the process dies.</summary>
    public RecordFile(string folder) => _file = new FileStream(
        Path.Combine(folder, $"{Path.GetRandomFileName()}.records"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    /// <summary>Number of records.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a record at the end.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(in T record)
    {
        if (_buffered == _buffer.Length)
        {
            Flush();
        }

        _buffer[_buffered++] = record;
        Count++;
    }

    /// <summary>All records in the order they were added; none is added meanwhile.</summary>
    /// <exception cref="EndOfStreamException">The file was cut from outside.</exception>
    public IEnumerable<T> Read()
    {
        Flush();
        var read = new T[_buffer.Length];
        for (var from = 0L; from < Count; from += read.Length)
        {
            var count = (int)Math.Min(read.Length, Count - from);
            Fill(read.AsSpan(0, count), from * Unsafe.SizeOf<T>());
            for (var k = 0; k < count; k++)
            {
                yield return read[k];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        RandomAccess.Write(_file.SafeFileHandle, MemoryMarshal.AsBytes(_buffer.AsSpan(0, _buffered)), (Count - _buffered) * Unsafe.SizeOf<T>());
        _buffered = 0;
    }

    private void Fill(Span<T> records, long offset)
    {
        var bytes = MemoryMarshal.AsBytes(records);
        while (bytes.Length > 0)
        {
            var got = RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
            if (got == 0)
            {
                throw new EndOfStreamException($"{_file.Name} ends at byte {offset}; {Count} records were written.");
            }

            bytes = bytes[got..];
            offset += got;
        }
    }
}
