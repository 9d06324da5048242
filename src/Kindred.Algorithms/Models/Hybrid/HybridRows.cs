using System.Runtime.CompilerServices;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>
/// Parameters in rows, each followed by what its steps remember: <b>[rows x planes x stride]</b>, the first plane being the vector. Pinned and
/// aligned to cache lines, so that rows of neighbouring numbers worked on by different threads share none where the stride fills whole lines.
/// </summary>
internal sealed unsafe class HybridRows
{
    private const int LineBytes = 64;

    private readonly float[] _store;
    private readonly nint _start;
    private readonly int _width;

    /// <exception cref="ArgumentException">One array does not hold as many numbers.</exception>
    public HybridRows(int rows, int stride, int planes)
    {
        _width = stride * planes;
        if (((long)rows * _width) + LineBytes > Array.MaxLength)
        {
            throw new ArgumentException($"{rows} rows of {_width} numbers are more than one array holds ({Array.MaxLength}); use fewer factors.", nameof(rows));
        }

        Rows = rows;
        Stride = stride;
        Planes = planes;
        _store = GC.AllocateArray<float>((rows * _width) + (LineBytes / sizeof(float)), pinned: true);
        fixed (float* first = _store)
        {
            _start = ((nint)first + LineBytes - 1) & -LineBytes;
        }
    }

    public int Rows { get; }

    public int Stride { get; }

    public int Planes { get; }

    /// <summary>Start of a row; valid as long as this object is reachable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int row) => (float*)_start + ((long)row * _width);

    /// <summary>A plane of a row, <b>[stride]</b>.</summary>
    public Span<float> Plane(int row, int plane = 0) => new(At(row) + (plane * Stride), Stride);
}
