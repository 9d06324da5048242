using System.Buffers;

namespace Kindred.Algorithms.Kernels;

/// <summary>A matrix somewhere in memory: its number (i, j) stands at i x rowStep + j x columnStep.</summary>
internal readonly unsafe struct GemmSide(float* at, nint rowStep, nint columnStep)
{
    public nint RowStep { get; } = rowStep;

    public nint ColumnStep { get; } = columnStep;

    public float* At(nint row, nint column) => at + (row * RowStep) + (column * ColumnStep);
}

/// <summary>One product, ready to run: the sides, where it goes and how. The memory outlives the run.</summary>
/// <param name="left"><b>[rows x inner]</b>.</param>
/// <param name="right"><b>[inner x columns]</b>.</param>
/// <param name="to"><b>[rows x columns]</b>, row-major.</param>
/// <param name="stride">Distance of two rows of the result.</param>
/// <param name="inner">Terms of a sum.</param>
/// <param name="add">Whether what is there counts.</param>
/// <param name="lowerOnly">Whether nothing above the diagonal is computed or touched.</param>
/// <param name="path">Path.</param>
internal sealed unsafe class GemmTask(GemmSide left, GemmSide right, float* to, nint stride, int inner, bool add, bool lowerOnly, SimdPath path)
{
    /// <summary>Terms a tile sums at a time: a strip of the right side then fits the first-level cache.</summary>
    private const int InnerPanel = 256;

    /// <summary>Rows of the left side packed at a time, a multiple of every tile's: with <see cref="InnerPanel"/> they fit the second-level cache.</summary>
    private const int RowPanel = 96;

    /// <summary>Columns of the right side packed at a time, a multiple of every tile's: they fit the third-level cache.</summary>
    private const int ColumnPanel = 2048;

    /// <summary>Floats that pooled memory is longer by, so that it can begin at a cache line.</summary>
    private const int Alignment = 16;

    private readonly int _tileRows = path == SimdPath.Vector512 ? GemmTiles.Rows512 : GemmTiles.Rows256;
    private readonly int _tileColumns = path == SimdPath.Vector512 ? GemmTiles.Columns512 : GemmTiles.Columns256;

    public void Run(int rows, int columns, int threads, CancellationToken cancellation)
    {
        if (inner == 0 && !add)
        {
            Clear(rows, columns);
        }

        var room = Math.Min(ColumnPanel, (columns + _tileColumns - 1) / _tileColumns * _tileColumns) * Math.Min(InnerPanel, inner);
        var packed = ArrayPool<float>.Shared.Rent(room + Alignment);
        fixed (float* rented = packed)
        {
            for (var column = 0; column < columns; column += ColumnPanel)
            {
                for (var from = 0; from < inner; from += InnerPanel)
                {
                    var panel = new Panel(Align(rented), column, Math.Min(ColumnPanel, columns - column), from, Math.Min(InnerPanel, inner - from));
                    RunPanel(panel, rows, threads, cancellation);
                }
            }
        }

        ArrayPool<float>.Shared.Return(packed);
    }

    private static float* Align(float* memory) => (float*)(((nuint)memory + 63) & ~(nuint)63);

    private void Clear(int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            new Span<float>(to + (row * stride), lowerOnly ? Math.Min(row + 1, columns) : columns).Clear();
        }
    }

    private void RunPanel(Panel panel, int rows, int threads, CancellationToken cancellation)
    {
        var strips = (panel.Width + _tileColumns - 1) / _tileColumns;
        var first = lowerOnly ? panel.Column / RowPanel : 0;
        var blocks = (rows + RowPanel - 1) / RowPanel;
        if (threads == 1 || blocks - first <= 1)
        {
            PackRight(panel, 0, strips);
            for (var block = first; block < blocks; block++)
            {
                cancellation.ThrowIfCancellationRequested();
                RunBlock(panel, block, rows);
            }

            return;
        }

        const int StripsAtOnce = 8;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, (strips + StripsAtOnce - 1) / StripsAtOnce, parallel, part =>
            PackRight(panel, part * StripsAtOnce, Math.Min(strips, (part + 1) * StripsAtOnce)));

        // From the last block, the longest of a triangle, so that no thread is left with it at the end.
        Parallel.For(0, blocks - first, parallel, back => RunBlock(panel, blocks - 1 - back, rows));
    }

    private void RunBlock(Panel panel, int block, int rows)
    {
        var packed = ArrayPool<float>.Shared.Rent((RowPanel * panel.Depth) + Alignment);
        fixed (float* rented = packed)
        {
            var strips = Align(rented);
            var from = block * RowPanel;
            var height = Math.Min(RowPanel, rows - from);
            PackLeft(strips, from, height, panel);
            for (var j = 0; j < panel.Width && !(lowerOnly && panel.Column + j >= from + height); j += _tileColumns)
            {
                for (var i = 0; i < height; i += _tileRows)
                {
                    RunTile(strips + ((nint)i * panel.Depth), panel, j, from + i, Math.Min(_tileRows, height - i));
                }
            }
        }

        ArrayPool<float>.Shared.Return(packed);
    }

    private void RunTile(float* strip, Panel panel, int offset, int row, int height)
    {
        var column = panel.Column + offset;
        var width = Math.Min(_tileColumns, panel.Width - offset);
        if (lowerOnly && column >= row + height)
        {
            return;
        }

        var other = panel.Strips + ((nint)offset * panel.Depth);
        var load = add || panel.From > 0;
        var tile = to + (row * stride) + column;
        if (height == _tileRows && width == _tileColumns && !(lowerOnly && column + width > row + 1))
        {
            RunWhole(strip, other, panel.Depth, tile, stride, load);
            return;
        }

        // Tiles that stick out, or reach over the diagonal, are summed aside: the chain of each number stays the same.
        var aside = stackalloc float[GemmTiles.Rows512 * GemmTiles.Columns512];
        for (var i = 0; i < height && load; i++)
        {
            new ReadOnlySpan<float>(tile + (i * stride), Inside(i)).CopyTo(new Span<float>(aside + (i * _tileColumns), width));
        }

        RunWhole(strip, other, panel.Depth, aside, _tileColumns, load);
        for (var i = 0; i < height; i++)
        {
            new ReadOnlySpan<float>(aside + (i * _tileColumns), Inside(i)).CopyTo(new Span<float>(tile + (i * stride), width));
        }

        int Inside(int i) => lowerOnly ? Math.Clamp(row + i + 1 - column, 0, width) : width;
    }

    private void RunWhole(float* strip, float* other, int depth, float* tile, nint tileStride, bool load)
    {
        switch (path)
        {
            case SimdPath.Vector512:
                GemmTiles.Run512(strip, other, depth, tile, tileStride, load);
                break;
            case SimdPath.Vector256:
                GemmTiles.Run256(strip, other, depth, tile, tileStride, load);
                break;
            default:
                GemmTiles.RunPlain(strip, other, depth, tile, tileStride, load);
                break;
        }
    }

    /// <summary>Strips of a tile's columns, <b>[strip][inner][column]</b>, filled up with zeros.</summary>
    private void PackRight(Panel panel, int fromStrip, int toStrip)
    {
        for (var at = fromStrip * _tileColumns; at < toStrip * _tileColumns; at += _tileColumns)
        {
            var count = Math.Min(_tileColumns, panel.Width - at);
            Pack(panel.Strips + ((nint)at * panel.Depth), right.At(panel.From, panel.Column + at), right.ColumnStep, right.RowStep, count, _tileColumns, panel.Depth);
        }
    }

    /// <summary>Strips of a tile's rows, <b>[strip][inner][row]</b>, filled up with zeros.</summary>
    private void PackLeft(float* strips, int from, int height, Panel panel)
    {
        for (var at = 0; at < height; at += _tileRows)
        {
            var count = Math.Min(_tileRows, height - at);
            Pack(strips + ((nint)at * panel.Depth), left.At(from + at, panel.From), left.RowStep, left.ColumnStep, count, _tileRows, panel.Depth);
        }
    }

    private static void Pack(float* strip, float* from, nint step, nint innerStep, int count, int room, int depth)
    {
        if (count < room)
        {
            new Span<float>(strip, room * depth).Clear();
        }

        if (step == 1)
        {
            for (var k = 0; k < depth; k++, from += innerStep, strip += room)
            {
                new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(strip, room));
            }

            return;
        }

        // Written in order, read from as many rows at once as the tile has.
        for (var k = 0; k < depth; k++, from += innerStep, strip += room)
        {
            var source = from;
            for (var i = 0; i < count; i++, source += step)
            {
                strip[i] = *source;
            }
        }
    }

    /// <summary>A part of the right side: its packed strips, its columns [Column, Column + Width) and its rows [From, From + Depth).</summary>
    private readonly struct Panel(float* strips, int column, int width, int from, int depth)
    {
        public float* Strips { get; } = strips;

        public int Column { get; } = column;

        public int Width { get; } = width;

        public int From { get; } = from;

        public int Depth { get; } = depth;
    }
}
