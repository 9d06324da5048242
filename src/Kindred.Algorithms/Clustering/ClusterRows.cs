using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Clustering;

/// <summary>
/// The rows that are clustered: distinct ones, each with the number of times it occurred. Rows of texts repeat a lot, and equal rows always share a
/// cluster, so the work is done once for all of them.
/// </summary>
internal abstract class ClusterRows
{
    /// <summary>Rows in one piece of work. Sums run within pieces, then over them: the same bits for any number of threads.</summary>
    public const int ChunkRows = 2048;

    protected ClusterRows(DistinctRows distinct, int columns)
    {
        Distinct = distinct;
        Columns = columns;
        Squares = new double[distinct.Count];
    }

    /// <summary>Which rows are equal.</summary>
    public DistinctRows Distinct { get; }

    /// <summary>Number of distinct rows.</summary>
    public int Count => Distinct.Count;

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>How often each row occurred, <b>[rows]</b>.</summary>
    public double[] Weights => Distinct.Weights;

    /// <summary>Squared length of each row, <b>[rows]</b>.</summary>
    public double[] Squares { get; }

    /// <summary>Columns of a row's entries.</summary>
    public abstract ReadOnlySpan<int> RowColumns(int row);

    /// <summary>Values of a row's entries.</summary>
    public abstract ReadOnlySpan<float> RowValues(int row);

    /// <summary>Columns whose sums are taken in one piece of work.</summary>
    public abstract int ChunkColumns { get; }

    /// <summary>
    /// Adds weight times value of every row to the sums of its cluster, for some neighbouring columns, rows in order: a column belongs to one worker.
    /// </summary>
    /// <param name="labels"><b>[rows]</b>.</param>
    /// <param name="from">First column.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="sums"><b>[count x stride]</b>, zeros.</param>
    /// <param name="stride">Numbers per column, at least the clusters.</param>
    public abstract void AddColumns(ReadOnlySpan<int> labels, int from, int count, Span<double> sums, int stride);

    /// <summary>Calls for every piece of rows, on several threads.</summary>
    public void ForChunks(ParallelOptions parallel, Action<int, int, int> work)
    {
        var chunks = Chunks;
        Parallel.For(0, chunks, parallel, chunk => work(chunk, chunk * ChunkRows, Math.Min(Count, (chunk + 1) * ChunkRows)));
    }

    public int Chunks => (Count + ChunkRows - 1) / ChunkRows;

    /// <summary>Sum over the rows of a number each, piece by piece.</summary>
    public double Sum(ParallelOptions parallel, Func<int, double> of)
    {
        var parts = new double[Chunks];
        ForChunks(parallel, (chunk, from, to) =>
        {
            var sum = 0.0;
            for (var row = from; row < to; row++)
            {
                sum += of(row);
            }

            parts[chunk] = sum;
        });
        return parts.Sum();
    }

    protected void FillSquares()
    {
        for (var row = 0; row < Count; row++)
        {
            var sum = 0.0;
            foreach (var value in RowValues(row))
            {
                sum += (double)value * value;
            }

            Squares[row] = sum;
        }
    }
}

/// <summary>Sparse rows, kept by row and by column.</summary>
internal sealed class SparseClusterRows : ClusterRows
{
    private readonly CsrMatrix _rows;
    private readonly CsrMatrix _byColumn;

    public SparseClusterRows(CsrMatrix rows, DistinctRows distinct)
        : base(distinct, rows.Columns)
    {
        _rows = distinct.Count == rows.Rows ? rows : Gather(rows, distinct.First);
        _byColumn = _rows.Transpose();
        FillSquares();
    }

    public override int ChunkColumns => 32;

    public override ReadOnlySpan<int> RowColumns(int row) => _rows.RowColumns(row);

    public override ReadOnlySpan<float> RowValues(int row) => _rows.RowValues(row);

    public override void AddColumns(ReadOnlySpan<int> labels, int from, int count, Span<double> sums, int stride)
    {
        for (var column = 0; column < count; column++)
        {
            var to = sums.Slice(column * stride, stride);
            var rows = _byColumn.RowColumns(from + column);
            var values = _byColumn.RowValues(from + column);
            if (Distinct.AllOnce)
            {
                // All weights are 1; not reading them saves one miss of the cache in two.
                for (var k = 0; k < rows.Length; k++)
                {
                    to[labels[rows[k]]] += values[k];
                }
            }
            else
            {
                for (var k = 0; k < rows.Length; k++)
                {
                    to[labels[rows[k]]] += Weights[rows[k]] * values[k];
                }
            }
        }
    }

    private static CsrMatrix Gather(CsrMatrix rows, int[] chosen)
    {
        var starts = new long[chosen.Length + 1];
        for (var k = 0; k < chosen.Length; k++)
        {
            starts[k + 1] = starts[k] + rows.RowLength(chosen[k]);
        }

        var columns = new int[starts[^1]];
        var values = new float[starts[^1]];
        for (var k = 0; k < chosen.Length; k++)
        {
            rows.RowColumns(chosen[k]).CopyTo(columns.AsSpan((int)starts[k]));
            rows.RowValues(chosen[k]).CopyTo(values.AsSpan((int)starts[k]));
        }

        return new CsrMatrix(rows.Columns, starts, columns, values);
    }
}

/// <summary>Dense rows, row-major.</summary>
internal sealed class DenseClusterRows : ClusterRows
{
    private readonly float[] _values;
    private readonly int[] _columns;

    public DenseClusterRows(ReadOnlySpan<float> rows, int columns, DistinctRows distinct)
        : base(distinct, columns)
    {
        _columns = new int[columns];
        for (var column = 0; column < columns; column++)
        {
            _columns[column] = column;
        }

        _values = new float[distinct.Count * columns];
        for (var k = 0; k < distinct.Count; k++)
        {
            rows.Slice(distinct.First[k] * columns, columns).CopyTo(_values.AsSpan(k * columns));
        }

        FillSquares();
    }

    // One cache line: every line of the rows is read by one worker, once.
    public override int ChunkColumns => 16;

    public override ReadOnlySpan<int> RowColumns(int row) => _columns;

    public override ReadOnlySpan<float> RowValues(int row) => _values.AsSpan(row * Columns, Columns);

    public override void AddColumns(ReadOnlySpan<int> labels, int from, int count, Span<double> sums, int stride)
    {
        for (var row = 0; row < Count; row++)
        {
            var values = _values.AsSpan((row * Columns) + from, count);
            var weight = Weights[row];
            var label = labels[row];
            for (var column = 0; column < count; column++)
            {
                sums[(column * stride) + label] += weight * values[column];
            }
        }
    }
}
