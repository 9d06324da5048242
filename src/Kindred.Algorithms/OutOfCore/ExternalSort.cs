using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>
/// Orders more records than memory holds: runs that fit are sorted (by 16 bits of the key at a time) and spilled to one file, then merged. Stable: records of
/// one key come out in the order they went in. Records that fit altogether touch no disk.
/// <para><b>Cost</b>: each record is written once and read once, once more for every factor of the number of runs that can be merged at a time
/// (memory / 64 KiB). Memory: what was granted and some kilobytes; not safe for several threads.</para>
/// </summary>
public sealed class ExternalSort<T> : IDisposable
    where T : unmanaged, ISortRecord
{
    /// <summary>Least memory a sort can be granted.</summary>
    public const long LeastMemory = 1L << 20;

    private const int LeastReadBytes = 1 << 16;
    private const int DigitBits = 16;

    private readonly string _folder;
    private readonly long _memory;
    private readonly int _capacity;
    private readonly List<Run> _runs = [];
    private T[] _records = [];
    private T[] _scratch = [];
    private int _count;
    private FileStream? _file;
    private long _end;
    private bool _sorted;

    /// <summary>Makes an empty sort.</summary>
    /// <param name="folder">Where runs are spilled to; the file is gone when the sort is disposed, also when the process dies.</param>
    /// <param name="memory">Bytes it may hold at a time, <see cref="LeastMemory"/> or more.</param>
    public ExternalSort(string folder, long memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memory, LeastMemory);
        (_folder, _memory) = (folder, memory);
        _capacity = (int)Math.Min(memory / 2 / Unsafe.SizeOf<T>(), Array.MaxLength / 2);
    }

    /// <summary>Number of records added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a record.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(in T record)
    {
        Debug.Assert(!_sorted, "Records are added before they are read.");
        if (_count == _records.Length)
        {
            Grow();
        }

        _records[_count++] = record;
        Count++;
    }

    /// <summary>All records in order; to be gone through once.</summary>
    public IEnumerable<T> Sorted()
    {
        Debug.Assert(!_sorted, "Records are read once.");
        _sorted = true;
        if (_runs.Count == 0)
        {
            SortRun();
            for (var k = 0; k < _count; k++)
            {
                yield return _records[k];
            }

            yield break;
        }

        Spill();
        (_records, _scratch) = ([], []);
        var most = (int)Math.Max(2, (_memory / LeastReadBytes) - 1);
        while (_runs.Count > most)
        {
            MergeFirst(most);
        }

        foreach (var record in Merge(_runs))
        {
            yield return record;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        (_records, _scratch) = ([], []);
    }

    private void Grow()
    {
        if (_count < _capacity)
        {
            Array.Resize(ref _records, (int)Math.Min(_capacity, Math.Max(1024, _count * 4L)));
            return;
        }

        Spill();
    }

    private void Spill()
    {
        SortRun();
        _file ??= new FileStream(
            Path.Combine(_folder, $"{Path.GetRandomFileName()}.sort"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        RandomAccess.Write(_file.SafeFileHandle, MemoryMarshal.AsBytes(_records.AsSpan(0, _count)), _end);
        var bytes = (long)_count * Unsafe.SizeOf<T>();
        _runs.Add(new Run(_end, _count));
        _end += bytes;
        _count = 0;
    }

    // Stable, by the digits that differ at all: numbers of users and items leave most of the key's upper bits at 0.
    private void SortRun()
    {
        ulong some = 0, all = ulong.MaxValue;
        foreach (ref readonly var record in _records.AsSpan(0, _count))
        {
            some |= record.Key;
            all &= record.Key;
        }

        if (_scratch.Length < _count && some != all)
        {
            _scratch = new T[_records.Length];
        }

        var starts = new int[1 << DigitBits];
        for (var shift = 0; shift < 64; shift += DigitBits)
        {
            if ((((some ^ all) >> shift) & 0xFFFF) == 0)
            {
                continue;
            }

            Array.Clear(starts);
            var from = _records.AsSpan(0, _count);
            foreach (ref readonly var record in from)
            {
                starts[(int)(record.Key >> shift) & 0xFFFF]++;
            }

            var at = 0;
            foreach (ref var start in starts.AsSpan())
            {
                (start, at) = (at, at + start);
            }

            foreach (ref readonly var record in from)
            {
                _scratch[starts[(int)(record.Key >> shift) & 0xFFFF]++] = record;
            }

            (_records, _scratch) = (_scratch, _records);
        }
    }

    // Neighbours in age, put where the oldest of them stood: order among equals is kept.
    private void MergeFirst(int most)
    {
        var merged = _runs.GetRange(0, most);
        var start = _end;
        var buffer = new T[LeastReadBytes / Unsafe.SizeOf<T>()];
        var count = 0;
        foreach (var record in Merge(merged))
        {
            buffer[count++] = record;
            if (count == buffer.Length)
            {
                Flush();
            }
        }

        Flush();
        _runs.RemoveRange(0, most);
        _runs.Insert(0, new Run(start, merged.Sum(run => run.Count)));

        void Flush()
        {
            RandomAccess.Write(_file!.SafeFileHandle, MemoryMarshal.AsBytes(buffer.AsSpan(0, count)), _end);
            _end += (long)count * Unsafe.SizeOf<T>();
            count = 0;
        }
    }

    private IEnumerable<T> Merge(List<Run> runs)
    {
        var room = (int)(Math.Min(_memory / (runs.Count + 1), 4L << 20) / Unsafe.SizeOf<T>());
        var readers = runs.ConvertAll(run => new Reader(_file!, run, room));
        var next = new PriorityQueue<int, (ulong Key, int Run)>(readers.Count);
        for (var run = 0; run < readers.Count; run++)
        {
            if (readers[run].Move())
            {
                next.Enqueue(run, (readers[run].Current.Key, run));
            }
        }

        while (next.TryPeek(out var run, out _))
        {
            var reader = readers[run];
            yield return reader.Current;
            if (reader.Move())
            {
                next.DequeueEnqueue(run, (reader.Current.Key, run));
            }
            else
            {
                next.Dequeue();
            }
        }
    }

    private readonly record struct Run(long Offset, long Count);

    private sealed class Reader(FileStream file, Run run, int room)
    {
        private readonly T[] _buffer = new T[Math.Min(room, run.Count)];
        private long _read;
        private int _at;
        private int _filled;

        public ref readonly T Current => ref _buffer[_at];

        public bool Move()
        {
            if (++_at < _filled)
            {
                return true;
            }

            _filled = (int)Math.Min(_buffer.Length, run.Count - _read);
            var bytes = MemoryMarshal.AsBytes(_buffer.AsSpan(0, _filled));
            var offset = run.Offset + (_read * Unsafe.SizeOf<T>());
            while (bytes.Length > 0)
            {
                var got = RandomAccess.Read(file.SafeFileHandle, bytes, offset);
                if (got == 0)
                {
                    throw new EndOfStreamException($"{file.Name} ends at byte {offset}; a run of records goes on.");
                }

                bytes = bytes[got..];
                offset += got;
            }

            _read += _filled;
            _at = 0;
            return _filled > 0;
        }
    }
}
