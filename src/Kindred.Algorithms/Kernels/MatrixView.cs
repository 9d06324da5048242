namespace Kindred.Algorithms.Kernels;

/// <summary>A dense matrix over borrowed numbers, row-major, <b>[Rows x Columns]</b>; <see cref="Transposed"/> turns it without moving a number.</summary>
public readonly ref struct MatrixView
{
    /// <summary>Takes numbers whose rows begin <paramref name="stride"/> apart.</summary>
    /// <param name="values">At least (rows - 1) x stride + columns numbers, none needed where a side is 0.</param>
    /// <param name="rows">0 or more.</param>
    /// <param name="columns">0 or more.</param>
    /// <param name="stride">Distance of two rows, at least the columns.</param>
    /// <exception cref="ArgumentException">The numbers do not hold such a matrix.</exception>
    public MatrixView(ReadOnlySpan<float> values, int rows, int columns, int stride)
    {
        CheckShape(values.Length, rows, columns, stride);
        Values = values;
        Rows = rows;
        Columns = columns;
        RowStep = stride;
        ColumnStep = 1;
    }

    private MatrixView(MatrixView turned)
    {
        Values = turned.Values;
        Rows = turned.Columns;
        Columns = turned.Rows;
        RowStep = turned.ColumnStep;
        ColumnStep = turned.RowStep;
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>The transpose, over the same numbers.</summary>
    public MatrixView Transposed => new(this);

    internal ReadOnlySpan<float> Values { get; }

    internal nint RowStep { get; }

    internal nint ColumnStep { get; }

    /// <exception cref="ArgumentException">So many numbers do not hold such a matrix.</exception>
    internal static void CheckShape(int length, int rows, int columns, int stride)
    {
        if (rows < 0 || columns < 0 || stride < columns || (rows > 0 && columns > 0 && length < ((rows - 1L) * stride) + columns))
        {
            throw new ArgumentException($"{length} numbers hold no {rows} x {columns} matrix with rows {stride} apart.", nameof(length));
        }
    }
}
