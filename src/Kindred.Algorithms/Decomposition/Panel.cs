namespace Kindred.Algorithms.Decomposition;

/// <summary>A tall dense matrix in double, <b>[rows x width]</b>, row-major.</summary>
internal sealed class Panel(int rows, int width)
{
    /// <summary>Rows in one piece of work; sums run within pieces, then over them.</summary>
    public const int ChunkRows = 1024;

    // A column that keeps less of its length than this when the others are taken off it is rounding: they already span it.
    private const double Dependent = 1e-12;

    private readonly double[] _values = new double[checked(rows * width)];

    public int Rows => rows;

    public int Width => width;

    public Span<double> Row(int row) => _values.AsSpan(row * width, width);

    /// <summary><c>XᵀX</c>, <b>[width x width]</b>.</summary>
    public double[] Gram(ParallelOptions parallel)
    {
        var gram = new double[width * width];
        for (var f = 0; f < width; f++)
        {
            // The upper half gives the lower one.
            var products = Products(f, f, width - f, parallel);
            for (var g = f; g < width; g++)
            {
                gram[(f * width) + g] = gram[(g * width) + f] = products[g - f];
            }
        }

        return gram;
    }

    /// <summary>
    /// Makes the columns orthonormal by Gram-Schmidt, each taken off the ones before it twice ("twice is enough", Giraud and others 2005). A column
    /// that depends on the ones before it becomes 0.
    /// </summary>
    public void Orthonormalise(ParallelOptions parallel)
    {
        for (var f = 0; f < width; f++)
        {
            var before = Math.Sqrt(Products(f, f, 1, parallel)[0]);
            for (var pass = 0; pass < 2 && f > 0; pass++)
            {
                TakeOff(f, Products(f, 0, f, parallel), parallel);
            }

            var length = Math.Sqrt(Products(f, f, 1, parallel)[0]);
            Scale(f, length > before * Dependent && length > 0 ? 1 / length : 0, parallel);
        }
    }

    /// <summary>Scalar products of a column with some neighbouring ones.</summary>
    private double[] Products(int column, int from, int count, ParallelOptions parallel)
    {
        var parts = new double[(rows + ChunkRows - 1) / ChunkRows][];
        ForChunks(parallel, (chunk, start, end) =>
        {
            var sums = new double[count];
            for (var row = start; row < end; row++)
            {
                var line = Row(row);
                var value = line[column];
                for (var k = 0; k < count; k++)
                {
                    sums[k] += value * line[from + k];
                }
            }

            parts[chunk] = sums;
        });
        var products = new double[count];
        foreach (var part in parts)
        {
            for (var k = 0; k < count; k++)
            {
                products[k] += part[k];
            }
        }

        return products;
    }

    private void TakeOff(int column, double[] products, ParallelOptions parallel) => ForChunks(parallel, (_, start, end) =>
    {
        for (var row = start; row < end; row++)
        {
            var line = Row(row);
            var sum = 0.0;
            for (var k = 0; k < products.Length; k++)
            {
                sum += products[k] * line[k];
            }

            line[column] -= sum;
        }
    });

    private void Scale(int column, double scale, ParallelOptions parallel) => ForChunks(parallel, (_, start, end) =>
    {
        for (var row = start; row < end; row++)
        {
            Row(row)[column] *= scale;
        }
    });

    private void ForChunks(ParallelOptions parallel, Action<int, int, int> work) =>
        Parallel.For(0, (rows + ChunkRows - 1) / ChunkRows, parallel, chunk => work(chunk, chunk * ChunkRows, Math.Min(rows, (chunk + 1) * ChunkRows)));
}
