using System.Runtime.InteropServices;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// A large symmetric positive definite matrix that is inverted in place, by blocks: the pivot block is inverted, the rest of the lower
/// triangle is updated by one product of panels (the sweep operator, Goodnight 1979, with blocks for pivots; a pivot block by smaller blocks,
/// those by their Cholesky factor). About n³/2 fused operations, nearly all of them in <see cref="Gemm"/>'s tiles. Each number is one fixed
/// chain of operations: threads change no bit.
/// <para><b>Memory</b>: n² floats outside the garbage collector's heap, of which the system hands out the lower half, and 512 n more while it
/// works. Not safe for several threads from outside.</para>
/// </summary>
internal sealed unsafe class SymmetricInverse : IDisposable
{
    private const int Block = 256;
    private const int SmallBlock = 32; // A multiple of 8, as the Cholesky kernel wants.

    private readonly SimdPath _path;
    private readonly nint _stride;
    private float* _matrix;

    /// <summary>A matrix of zeros <b>[size x size]</b>.</summary>
    public SymmetricInverse(int size, SimdPath? path = null)
    {
        Size = size;
        _path = path ?? Simd.Path;

        // An odd number of cache lines, so that the numbers of a column do not fall upon each other in the caches.
        _stride = (((size + 15) / 16) | 1) * 16;
        _matrix = Allocate(size * _stride);
        for (var row = 0; row < size; row++)
        {
            Lower(row).Clear();
        }
    }

    public int Size { get; }

    /// <summary>The lower triangle's part of a row, <b>[row + 1]</b>.</summary>
    public Span<float> Lower(int row) => new(_matrix + (row * _stride), row + 1);

    /// <summary>Copies whole rows, <b>[count x size]</b>, from the lower triangle.</summary>
    public void CopyRows(int from, int count, Span<float> to)
    {
        for (var k = 0; k < count; k++)
        {
            Lower(from + k).CopyTo(to.Slice(k * Size, Size));
        }

        for (var below = from + 1; below < Size; below++)
        {
            var row = Lower(below);
            for (var k = 0; k < count && from + k < below; k++)
            {
                to[(k * Size) + below] = row[from + k];
            }
        }
    }

    /// <summary>Replaces the matrix by the negative of its inverse. False when it is not positive definite in single precision; it is spoilt then.</summary>
    public bool NegateInverse(int threads, IProgress<double>? progress, CancellationToken cancellation) =>
        Sweep(_matrix, _stride, Size, Block, new Way(_path, threads, progress, cancellation));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_matrix);
        _matrix = null;
    }

    private static float* Allocate(nint count) => (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);

    private static bool Sweep(float* matrix, nint stride, int size, int block, Way way)
    {
        var width = Math.Min(block, size);
        var columns = Allocate((nint)size * width);
        var products = Allocate((nint)size * width);
        var pivot = Allocate((nint)width * width);
        try
        {
            for (var from = 0; from < size; from += block)
            {
                if (!SweepBlock(new Pivot(matrix, stride, size, from, Math.Min(block, size - from)), columns, products, pivot, way))
                {
                    return false;
                }

                way.Progress?.Report((double)Math.Min(size, from + block) / size);
            }

            return true;
        }
        finally
        {
            NativeMemory.AlignedFree(columns);
            NativeMemory.AlignedFree(products);
            NativeMemory.AlignedFree(pivot);
        }
    }

    /// <summary>With D the pivot block and C its columns: the rest becomes A - C D^-1 C^T, the columns C D^-1, the block -D^-1.</summary>
    private static bool SweepBlock(Pivot at, float* columns, float* products, float* pivot, Way way)
    {
        var (from, end, width) = (at.From, at.From + at.Width, at.Width);
        for (var row = 0; row < width; row++)
        {
            new ReadOnlySpan<float>(at.Row(from + row) + from, row + 1).CopyTo(new Span<float>(pivot + (row * width), width));
        }

        var inverted = width > SmallBlock
            ? Sweep(pivot, width, width, SmallBlock, new Way(way.Path, 1, null, way.Cancellation))
            : InvertSmall(pivot, width, way.Path);
        if (!inverted)
        {
            return false;
        }

        for (var row = 0; row < width; row++)
        {
            for (var column = row + 1; column < width; column++)
            {
                pivot[(row * width) + column] = pivot[(column * width) + row];
            }
        }

        way.ForRows(at.Size, (first, last) => Gather(at, columns, first, last));
        Product(new(columns, width, 1), new(pivot, width, 1), products, width, width, add: false, lowerOnly: false, at.Size, width, way);

        // Three parts, so that the pivot's own rows and columns, which are known already, cost nothing.
        var transposed = new GemmSide(columns, 1, width);
        var below = at.Size - end;
        var late = new GemmSide(products + ((nint)end * width), width, 1);
        Product(new(products, width, 1), transposed, at.Row(0), at.Stride, width, add: true, lowerOnly: true, from, from, way);
        Product(late, transposed, at.Row(end), at.Stride, width, add: true, lowerOnly: false, below, from, way);
        Product(late, new(columns + ((nint)end * width), 1, width), at.Row(end) + end, at.Stride, width, add: true, lowerOnly: true, below, below, way);
        way.ForRows(at.Size, (first, last) => PutBack(at, products, pivot, first, last));
        return true;
    }

    private static void Product(
        GemmSide left, GemmSide right, float* to, nint stride, int inner, bool add, bool lowerOnly, int rows, int columns, Way way) =>
        new GemmTask(left, right, to, stride, inner, add, lowerOnly, way.Path).Run(rows, columns, way.Threads, way.Cancellation);

    /// <summary>Copies the pivot's columns, <b>[size x width]</b>, from the lower triangle.</summary>
    private static void Gather(Pivot at, float* columns, int first, int last)
    {
        var (from, end, width) = (at.From, at.From + at.Width, at.Width);
        for (var k = 0; k < width; k++)
        {
            var row = at.Row(from + k);
            for (var column = first; column < Math.Min(last, from); column++)
            {
                columns[((nint)column * width) + k] = row[column];
            }
        }

        for (var row = Math.Max(first, end); row < last; row++)
        {
            new ReadOnlySpan<float>(at.Row(row) + from, width).CopyTo(new Span<float>(columns + ((nint)row * width), width));
        }

        // The pivot's own rows only pass through the product; nothing reads what comes of them.
        for (var row = Math.Max(first, from); row < Math.Min(last, end); row++)
        {
            new Span<float>(columns + ((nint)row * width), width).Clear();
        }
    }

    private static void PutBack(Pivot at, float* products, float* pivot, int first, int last)
    {
        var (from, end, width) = (at.From, at.From + at.Width, at.Width);
        for (var k = 0; k < width; k++)
        {
            var row = at.Row(from + k);
            for (var column = first; column < Math.Min(last, from); column++)
            {
                row[column] = -products[((nint)column * width) + k];
            }
        }

        for (var row = Math.Max(first, from); row < Math.Min(last, end); row++)
        {
            new ReadOnlySpan<float>(pivot + ((row - from) * width), row - from + 1).CopyTo(new Span<float>(at.Row(row) + from, width));
        }

        for (var row = Math.Max(first, end); row < last; row++)
        {
            var to = at.Row(row) + from;
            var product = products + ((nint)row * width);
            for (var k = 0; k < width; k++)
            {
                to[k] = -product[k];
            }
        }
    }

    /// <summary>By the Cholesky factor and one solve a column; rows past the size, up to a multiple of 8, are those of the identity.</summary>
    private static bool InvertSmall(float* matrix, int size, SimdPath path)
    {
        Span<float> factor = stackalloc float[SmallBlock * SmallBlock];
        Span<float> lines = stackalloc float[3 * SmallBlock];
        var padded = (size + 7) & ~7;
        factor = factor[..(padded * padded)];
        factor.Clear();
        for (var row = 0; row < padded; row++)
        {
            factor[(row * padded) + row] = 1;
            for (var column = 0; column <= row && row < size; column++)
            {
                factor[(column * padded) + row] = matrix[(row * size) + column];
            }
        }

        var diagonal = lines[..padded];
        var right = lines.Slice(SmallBlock, padded);
        var solution = lines.Slice(2 * SmallBlock, padded);
        if (!SymmetricMatrix.Factor(factor, padded, diagonal, path))
        {
            return false;
        }

        for (var row = 0; row < size; row++)
        {
            right.Clear();
            right[row] = 1;
            SymmetricMatrix.Solve(factor, padded, diagonal, right, solution);
            for (var column = 0; column <= row; column++)
            {
                matrix[(row * size) + column] = -solution[column];
            }
        }

        return true;
    }

    /// <summary>A matrix, and the rows and columns [From, From + Width) that are swept.</summary>
    private readonly struct Pivot(float* matrix, nint stride, int size, int from, int width)
    {
        public nint Stride { get; } = stride;

        public int Size { get; } = size;

        public int From { get; } = from;

        public int Width { get; } = width;

        public float* Row(int row) => matrix + (row * Stride);
    }

    /// <summary>How the work is done.</summary>
    private sealed record Way(SimdPath Path, int Threads, IProgress<double>? Progress, CancellationToken Cancellation)
    {
        private const int RowsAtOnce = 128;

        public void ForRows(int rows, Action<int, int> work)
        {
            if (Threads == 1)
            {
                work(0, rows);
                return;
            }

            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = Cancellation };
            Parallel.For(0, (rows + RowsAtOnce - 1) / RowsAtOnce, parallel, part => work(part * RowsAtOnce, Math.Min(rows, (part + 1) * RowsAtOnce)));
        }
    }
}
