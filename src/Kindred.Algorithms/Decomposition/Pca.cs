using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Decomposition;

/// <summary>
/// Principal components by randomized SVD (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1). Rows are centred without being filled: the
/// means are taken off the products instead. Signs are fixed: the largest coordinate of a component by size is positive. All arithmetic is in
/// double. Same data, options and seed give the same bits for any number of threads. Immutable, safe for any number of threads.
/// <para><b>Cost</b>: <c>2 · (power iterations + 1)</c> passes over the entries, each times the directions, and as many orthonormalisations of
/// (rows + columns) x directions². <b>Memory</b>: the entries twice, (rows + columns) x directions doubles.</para>
/// <para><b>Source</b>: <c>docs/algorithms/pca.md</c>.</para>
/// </summary>
public sealed class Pca
{
    // A direction whose variance is this much smaller than the first one's is rounding: the Gram matrix squares the singular values.
    private const double Negligible = 1e-13;

    private readonly double[] _means;
    private readonly double[] _components;
    private readonly double[] _variances;

    private Pca(double[] means, double[] components, double[] variances, double totalVariance)
    {
        _means = means;
        _components = components;
        _variances = variances;
        TotalVariance = totalVariance;
    }

    /// <summary>Number of components.</summary>
    public int Components => _variances.Length;

    /// <summary>Number of columns of a row.</summary>
    public int Columns => _means.Length;

    /// <summary>Mean of each column, <b>[columns]</b>.</summary>
    public ReadOnlySpan<double> Means => _means;

    /// <summary>Sample variance (divided by rows - 1) along each component, descending, <b>[components]</b>; 0 behind the rank of the rows.</summary>
    public ReadOnlySpan<double> Variances => _variances;

    /// <summary>Sum of the sample variances of all columns.</summary>
    public double TotalVariance { get; }

    /// <summary>A component: a direction of length 1, <b>[columns]</b>; zeros where its variance is 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public ReadOnlySpan<double> Component(int component)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)component, (uint)Components, nameof(component));
        return _components.AsSpan(component * Columns, Columns);
    }

    /// <summary>Finds the components of sparse rows.</summary>
    /// <exception cref="ArgumentException">There are fewer than two rows, or no columns.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static Pca Fit(CsrMatrix rows, PcaOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (rows.Rows < 2 || rows.Columns < 1)
        {
            throw new ArgumentException($"Components need two rows and a column, not {rows.Rows} x {rows.Columns}.", nameof(rows));
        }

        var matrix = new CentredMatrix(rows, context);
        var width = Math.Min(options.Components + options.Oversampling, Math.Min(rows.Rows, rows.Columns));
        var right = new Panel(rows.Columns, width);
        Fill(right, context.Seed);
        var left = new Panel(rows.Rows, width);
        matrix.TimesRight(right, left);
        left.Orthonormalise(matrix.Parallel);
        for (var round = 0; round < options.PowerIterations; round++)
        {
            context.Progress?.Report(new TrainingProgress(round / (options.PowerIterations + 1.0), $"round {round + 1} of {options.PowerIterations}"));
            matrix.TimesLeft(left, right);
            right.Orthonormalise(matrix.Parallel);
            matrix.TimesRight(right, left);
            left.Orthonormalise(matrix.Parallel);
        }

        matrix.TimesLeft(left, right);
        var (squares, vectors) = SymmetricEigen.Decompose(right.Gram(matrix.Parallel), width);
        context.Progress?.Report(new TrainingProgress(1, "done"));
        return Take(Math.Min(options.Components, width), rows.Rows, matrix, right, squares, vectors);
    }

    /// <summary>Finds the components of dense rows.</summary>
    /// <param name="rows"><b>[rows x columns]</b>, row-major, finite.</param>
    /// <param name="columns">Numbers in a row, 1 or more.</param>
    /// <param name="options">Settings.</param>
    /// <param name="context">Seed, threads, progress, cancellation.</param>
    /// <exception cref="ArgumentException">The numbers do not make two or more whole rows, or one is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static Pca Fit(ReadOnlySpan<float> rows, int columns, PcaOptions options, TrainingContext context) =>
        Fit(AsSparse(rows, columns), options, context);

    /// <summary>Coordinates of rows along the components, <b>[rows x components]</b>, row-major.</summary>
    /// <exception cref="ArgumentException">The rows have another number of columns.</exception>
    public float[] Transform(CsrMatrix rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Columns != Columns)
        {
            throw new ArgumentException($"Rows of {Columns} columns are expected, not of {rows.Columns}.", nameof(rows));
        }

        var origin = new double[Components];
        for (var k = 0; k < origin.Length; k++)
        {
            for (var column = 0; column < Columns; column++)
            {
                origin[k] += _means[column] * _components[(k * Columns) + column];
            }
        }

        var coordinates = new float[checked(rows.Rows * Components)];
        for (var row = 0; row < rows.Rows; row++)
        {
            var columns = rows.RowColumns(row);
            var values = rows.RowValues(row);
            for (var k = 0; k < origin.Length; k++)
            {
                var sum = 0.0;
                for (var e = 0; e < columns.Length; e++)
                {
                    sum += values[e] * _components[(k * Columns) + columns[e]];
                }

                coordinates[(row * Components) + k] = (float)(sum - origin[k]);
            }
        }

        return coordinates;
    }

    /// <summary>As for sparse rows, from dense ones <b>[rows x columns]</b>.</summary>
    /// <exception cref="ArgumentException">The numbers do not make whole rows, or one is not finite.</exception>
    public float[] Transform(ReadOnlySpan<float> rows) => Transform(AsSparse(rows, Columns));

    private static CsrMatrix AsSparse(ReadOnlySpan<float> rows, int columns)
    {
        if (columns < 1 || rows.Length % columns != 0)
        {
            throw new ArgumentException($"{rows.Length} numbers do not make rows of {columns}.", nameof(columns));
        }

        var starts = new long[(rows.Length / columns) + 1];
        var kept = new List<int>(rows.Length);
        var values = new List<float>(rows.Length);
        for (var k = 0; k < rows.Length; k++)
        {
            if (rows[k] is not 0)
            {
                kept.Add(k % columns);
                values.Add(rows[k]);
            }

            starts[(k / columns) + 1] = kept.Count;
        }

        return new CsrMatrix(columns, starts, [.. kept], [.. values]);
    }

    /// <summary>Normal numbers (Box and Muller 1958), each row from a stream of its own.</summary>
    private static void Fill(Panel panel, int seed)
    {
        for (var row = 0; row < panel.Rows; row++)
        {
            var random = new SeededRandom(seed, row);
            foreach (ref var value in panel.Row(row))
            {
                value = Math.Sqrt(-2 * Math.Log(1 - random.Unit())) * Math.Cos(2 * Math.PI * random.Unit());
            }
        }
    }

    private static Pca Take(int components, int rows, CentredMatrix matrix, Panel right, double[] squares, double[] vectors)
    {
        var width = squares.Length;
        var taken = new double[components * right.Rows];
        var variances = new double[components];
        for (var k = 0; k < components; k++)
        {
            if (squares[k] <= squares[0] * Negligible)
            {
                break;
            }

            variances[k] = squares[k] / (rows - 1);
            var component = taken.AsSpan(k * right.Rows, right.Rows);
            var scale = 1 / Math.Sqrt(squares[k]);
            var longest = 0;
            for (var column = 0; column < component.Length; column++)
            {
                var line = right.Row(column);
                for (var f = 0; f < width; f++)
                {
                    component[column] += line[f] * vectors[(f * width) + k];
                }

                component[column] *= scale;
                longest = Math.Abs(component[column]) > Math.Abs(component[longest]) ? column : longest;
            }

            if (component[longest] < 0)
            {
                System.Numerics.Tensors.TensorPrimitives.Negate<double>(component, component);
            }
        }

        return new Pca(matrix.Means, taken, variances, matrix.TotalVariance);
    }
}
