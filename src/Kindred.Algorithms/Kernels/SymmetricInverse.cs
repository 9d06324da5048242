using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// A large symmetric positive definite matrix that is inverted in place, by blocks: the pivot block is inverted by its Cholesky factor, the
/// rest of the lower triangle is updated by one product of panels (the sweep operator, Goodnight 1979, with blocks for pivots). About n³/2
/// fused operations, all but a sliver of them in one kernel. Each number is one fixed chain of operations: threads change no bit.
/// <para><b>Memory</b>: n² floats outside the garbage collector's heap. Not safe for several threads from outside.</para>
/// </summary>
internal sealed unsafe class SymmetricInverse : IDisposable
{
    private const int Block = 96; // A multiple of the kernel's 6 x 16 tile and of 8; three panels of it fit the second-level cache.
    private const int TileRows = 6;
    private const int Strip = 16;

    private readonly int _padded;
    private readonly SimdPath _path;
    private float* _matrix;
    private float* _left;
    private float* _strips;
    private float* _update;
    private float* _pivot;

    /// <summary>A matrix of zeros <b>[size x size]</b>; rows past the size, up to a multiple of the block, are those of the identity.</summary>
    public SymmetricInverse(int size, SimdPath? path = null)
    {
        Size = size;
        _path = path ?? Simd.Path;
        _padded = (size + Block - 1) / Block * Block;
        _matrix = Allocate((nuint)_padded * (nuint)_padded);
        _left = Allocate((nuint)_padded * Block);
        _strips = Allocate((nuint)_padded * Block);
        _update = Allocate((nuint)_padded * Block);
        _pivot = Allocate(Block * Block);
        for (var k = size; k < _padded; k++)
        {
            Row(k)[k] = 1;
        }
    }

    public int Size { get; }

    /// <summary>The lower triangle's part of a row, <b>[row + 1]</b>.</summary>
    public Span<float> Lower(int row) => new(Row(row), row + 1);

    /// <summary>The value at a place, from the lower triangle.</summary>
    public float this[int row, int column] => row >= column ? Row(row)[column] : Row(column)[row];

    /// <summary>Replaces the matrix by the negative of its inverse. False when it is not positive definite in single precision; it is spoilt then.</summary>
    public bool NegateInverse(int threads, IProgress<double>? progress, CancellationToken cancellation)
    {
        var blocks = _padded / Block;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        var inverse = new float[Block * Block];
        for (var pivot = 0; pivot < blocks; pivot++)
        {
            var at = pivot;
            Parallel.For(0, blocks, parallel, block => Gather(block, at));
            if (!InvertPivot(pivot, inverse))
            {
                return false;
            }

            Parallel.For(0, blocks, parallel, block =>
            {
                var from = (nuint)block * Block * Block;
                new Span<float>(_update + from, Block * Block).Clear();
                Multiply(_update + from, Block, _left + from, _pivot, Block);
            });

            // The longest rows first, so that no thread is left with them at the end.
            Parallel.For(0, blocks, parallel, back =>
            {
                var block = blocks - 1 - back;
                Multiply(Row(block * Block), _padded, _update + ((nuint)block * Block * Block), _strips, (block + 1) * Block);
                PutBack(block, at, inverse);
            });
            PutBackPivotRow(pivot);
            progress?.Report((pivot + 1.0) / blocks);
        }

        return true;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_matrix);
        NativeMemory.AlignedFree(_left);
        NativeMemory.AlignedFree(_strips);
        NativeMemory.AlignedFree(_update);
        NativeMemory.AlignedFree(_pivot);
        _matrix = _left = _strips = _update = _pivot = null;
    }

    private static float* Allocate(nuint count)
    {
        var memory = (float*)NativeMemory.AlignedAlloc(count * sizeof(float), 64);
        NativeMemory.Clear(memory, count * sizeof(float));
        return memory;
    }

    private float* Row(int row) => _matrix + ((nuint)row * (nuint)_padded);

    /// <summary>Copies a block of the pivot's columns: by rows, and negated in strips of 16 rows, as the kernel reads its two sides.</summary>
    private void Gather(int block, int pivot)
    {
        for (var r = 0; r < Block; r++)
        {
            var row = (block * Block) + r;
            var left = _left + ((nuint)row * Block);
            var strip = _strips + ((nuint)(row / Strip) * Strip * Block) + (row % Strip);
            for (var k = 0; k < Block; k++)
            {
                var column = (pivot * Block) + k;
                var value = row >= column ? Row(row)[column] : Row(column)[row];
                left[k] = value;
                strip[k * Strip] = -value;
            }
        }
    }

    private bool InvertPivot(int pivot, float[] inverse)
    {
        var factor = new Span<float>(_left + ((nuint)pivot * Block * Block), Block * Block).ToArray();
        Span<float> diagonal = stackalloc float[Block];
        Span<float> right = stackalloc float[Block];
        if (!SymmetricMatrix.Factor(factor, Block, diagonal, _path))
        {
            return false;
        }

        for (var k = 0; k < Block; k++)
        {
            right.Clear();
            right[k] = 1;
            SymmetricMatrix.Solve(factor, Block, diagonal, right, inverse.AsSpan(k * Block, Block));
        }

        for (var k = 0; k < Block; k++)
        {
            for (var j = 0; j < Block; j++)
            {
                _pivot[((j / Strip) * Strip * Block) + (k * Strip) + (j % Strip)] = inverse[(Math.Max(k, j) * Block) + Math.Min(k, j)];
            }
        }

        return true;
    }

    /// <summary>Writes the swept pivot block and the pivot's columns below it.</summary>
    private void PutBack(int block, int pivot, float[] inverse)
    {
        for (var r = 0; r < Block && block >= pivot; r++)
        {
            var to = Row((block * Block) + r) + (pivot * Block);
            var from = _update + ((nuint)((block * Block) + r) * Block);
            for (var k = 0; k < Block; k++)
            {
                to[k] = block == pivot ? -inverse[(Math.Max(k, r) * Block) + Math.Min(k, r)] : from[k];
            }
        }
    }

    private void PutBackPivotRow(int pivot)
    {
        for (var k = 0; k < Block; k++)
        {
            var to = Row((pivot * Block) + k);
            for (var column = 0; column < pivot * Block; column++)
            {
                to[column] = _update[((nuint)column * Block) + (nuint)k];
            }
        }
    }

    /// <summary>Adds left <b>[96 x 96]</b> times the strips to 96 rows of <paramref name="to"/>, up to the given column.</summary>
    private void Multiply(float* to, int stride, float* left, float* strips, int columns)
    {
        for (var column = 0; column < columns; column += Strip)
        {
            var strip = strips + ((nuint)column * Block);
            for (var row = 0; row < Block; row += TileRows)
            {
                var tile = to + ((nuint)row * (nuint)stride) + column;
                if (_path == SimdPath.Plain)
                {
                    TilePlain(tile, stride, left + (row * Block), strip);
                }
                else
                {
                    TileVector(tile, (nuint)stride, left + (row * Block), strip);
                }
            }
        }
    }

    private static void TilePlain(float* to, int stride, float* left, float* strip)
    {
        for (var r = 0; r < TileRows; r++)
        {
            for (var c = 0; c < Strip; c++)
            {
                var sum = to[((nuint)r * (nuint)stride) + (nuint)c];
                for (var k = 0; k < Block; k++)
                {
                    sum = MathF.FusedMultiplyAdd(left[(r * Block) + k], strip[(k * Strip) + c], sum);
                }

                to[((nuint)r * (nuint)stride) + (nuint)c] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TileVector(float* to, nuint stride, float* left, float* strip)
    {
        float* t1 = to + stride, t2 = t1 + stride, t3 = t2 + stride, t4 = t3 + stride, t5 = t4 + stride;
        Vector256<float> a0 = Vector256.Load(to), b0 = Vector256.Load(to + 8), a1 = Vector256.Load(t1), b1 = Vector256.Load(t1 + 8);
        Vector256<float> a2 = Vector256.Load(t2), b2 = Vector256.Load(t2 + 8), a3 = Vector256.Load(t3), b3 = Vector256.Load(t3 + 8);
        Vector256<float> a4 = Vector256.Load(t4), b4 = Vector256.Load(t4 + 8), a5 = Vector256.Load(t5), b5 = Vector256.Load(t5 + 8);
        for (var k = 0; k < Block; k++, left++, strip += Strip)
        {
            var x = Vector256.Load(strip);
            var y = Vector256.Load(strip + 8);
            var w = Vector256.Create(left[0]);
            a0 = Vector256.FusedMultiplyAdd(w, x, a0);
            b0 = Vector256.FusedMultiplyAdd(w, y, b0);
            w = Vector256.Create(left[Block]);
            a1 = Vector256.FusedMultiplyAdd(w, x, a1);
            b1 = Vector256.FusedMultiplyAdd(w, y, b1);
            w = Vector256.Create(left[2 * Block]);
            a2 = Vector256.FusedMultiplyAdd(w, x, a2);
            b2 = Vector256.FusedMultiplyAdd(w, y, b2);
            w = Vector256.Create(left[3 * Block]);
            a3 = Vector256.FusedMultiplyAdd(w, x, a3);
            b3 = Vector256.FusedMultiplyAdd(w, y, b3);
            w = Vector256.Create(left[4 * Block]);
            a4 = Vector256.FusedMultiplyAdd(w, x, a4);
            b4 = Vector256.FusedMultiplyAdd(w, y, b4);
            w = Vector256.Create(left[5 * Block]);
            a5 = Vector256.FusedMultiplyAdd(w, x, a5);
            b5 = Vector256.FusedMultiplyAdd(w, y, b5);
        }

        a0.Store(to);
        b0.Store(to + 8);
        a1.Store(t1);
        b1.Store(t1 + 8);
        a2.Store(t2);
        b2.Store(t2 + 8);
        a3.Store(t3);
        b3.Store(t3 + 8);
        a4.Store(t4);
        b4.Store(t4 + 8);
        a5.Store(t5);
        b5.Store(t5 + 8);
    }
}
