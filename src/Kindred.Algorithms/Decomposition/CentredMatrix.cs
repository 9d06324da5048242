using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Decomposition;

/// <summary>A sparse matrix minus the means of its columns, as products know it: <c>(A - 1 mᵀ) X = A X - 1 (mᵀ X)</c>.</summary>
internal sealed class CentredMatrix
{
    private readonly CsrMatrix _rows;
    private readonly CsrMatrix _byColumn;

    public CentredMatrix(CsrMatrix rows, TrainingContext context)
    {
        _rows = rows;
        _byColumn = rows.Transpose();
        Parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Means = new double[rows.Columns];
        for (var column = 0; column < Means.Length; column++)
        {
            var values = _byColumn.RowValues(column);
            foreach (var value in values)
            {
                Means[column] += value;
            }

            Means[column] /= rows.Rows;
            var squares = (rows.Rows - values.Length) * Means[column] * Means[column];
            foreach (var value in values)
            {
                squares += (value - Means[column]) * (value - Means[column]);
            }

            TotalVariance += squares / (rows.Rows - 1);
        }
    }

    public ParallelOptions Parallel { get; }

    public double[] Means { get; }

    /// <summary>Sum over the columns of the sample variance.</summary>
    public double TotalVariance { get; }

    /// <summary><c>to = (A - 1 mᵀ) x</c>, <b>[rows x width]</b>.</summary>
    public void TimesRight(Panel x, Panel to)
    {
        var shift = new double[x.Width];
        for (var column = 0; column < x.Rows; column++)
        {
            Add(x.Row(column), Means[column], shift);
        }

        Multiply(_rows, x, to, (_, line) => Add(shift, -1, line));
    }

    /// <summary><c>to = (A - 1 mᵀ)ᵀ x</c>, <b>[columns x width]</b>.</summary>
    public void TimesLeft(Panel x, Panel to)
    {
        var sums = new double[x.Width];
        for (var row = 0; row < x.Rows; row++)
        {
            Add(x.Row(row), 1, sums);
        }

        Multiply(_byColumn, x, to, (column, line) => Add(sums, -Means[column], line));
    }

    /// <summary>A row of the result belongs to one worker, which adds the entries in their order.</summary>
    private void Multiply(CsrMatrix matrix, Panel x, Panel to, Shift shift) =>
        System.Threading.Tasks.Parallel.For(0, (matrix.Rows + Panel.ChunkRows - 1) / Panel.ChunkRows, Parallel, chunk =>
        {
            var end = Math.Min(matrix.Rows, (chunk + 1) * Panel.ChunkRows);
            for (var row = chunk * Panel.ChunkRows; row < end; row++)
            {
                var line = to.Row(row);
                line.Clear();
                var columns = matrix.RowColumns(row);
                var values = matrix.RowValues(row);
                for (var e = 0; e < columns.Length; e++)
                {
                    Add(x.Row(columns[e]), values[e], line);
                }

                shift(row, line);
            }
        });

    private static void Add(ReadOnlySpan<double> row, double scale, Span<double> to)
    {
        for (var f = 0; f < to.Length; f++)
        {
            to[f] += scale * row[f];
        }
    }

    private delegate void Shift(int row, Span<double> line);
}
