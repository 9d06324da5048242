using System.Buffers;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Clustering;

/// <summary>
/// Centres of K-Means, and which of them a row is nearest to. Centres are kept turned, <b>[columns x stride]</b>, so that a row's distances to
/// all of them come from one pass over its entries. Immutable, safe for any number of threads.
/// </summary>
public sealed class KMeansModel
{
    private readonly float[] _table;
    private readonly float[] _start;
    private readonly double[] _squares;

    /// <summary>Takes ownership of the turned centres; lanes behind the clusters hold 0.</summary>
    internal KMeansModel(float[] table, int clusters, int columns)
    {
        _table = table;
        Clusters = clusters;
        Columns = columns;
        Stride = StrideOf(clusters);
        _squares = new double[clusters];
        for (var column = 0; column < columns; column++)
        {
            for (var c = 0; c < clusters; c++)
            {
                double value = table[(column * Stride) + c];
                _squares[c] += value * value;
            }
        }

        _start = new float[Stride];
        _start.AsSpan().Fill(float.NegativeInfinity);
        for (var c = 0; c < clusters; c++)
        {
            _start[c] = (float)(-_squares[c] / 2);
            LongestSquare = Math.Max(LongestSquare, _squares[c]);
        }
    }

    /// <summary>Number of clusters.</summary>
    public int Clusters { get; }

    /// <summary>Number of columns of a row.</summary>
    public int Columns { get; }

    internal int Stride { get; }

    internal ReadOnlySpan<float> Table => _table;

    /// <summary>Largest squared length of a centre.</summary>
    internal double LongestSquare { get; }

    /// <summary>The coordinate of a centre in a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such cluster or column.</exception>
    public float Centre(int cluster, int column)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cluster, (uint)Clusters, nameof(cluster));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)Columns, nameof(column));
        return _table[(column * Stride) + cluster];
    }

    /// <summary>The cluster whose centre is nearest, of equally near ones the smallest number.</summary>
    /// <param name="columns">Columns of the row's entries; the others are 0. Each at most once.</param>
    /// <param name="values">A finite value per column.</param>
    /// <exception cref="ArgumentException">The spans differ in length or a column is unknown.</exception>
    public int Nearest(ReadOnlySpan<int> columns, ReadOnlySpan<float> values)
    {
        if (columns.Length != values.Length)
        {
            throw new ArgumentException($"A row needs as many values as columns: {columns.Length} columns, {values.Length} values.", nameof(values));
        }

        foreach (var column in columns)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)Columns, nameof(columns));
        }

        var rented = ArrayPool<float>.Shared.Rent(Stride);
        var cluster = Best(columns, values, rented.AsSpan(0, Stride)).First;
        ArrayPool<float>.Shared.Return(rented);
        return cluster;
    }

    /// <summary>Writes the sections <c>name.shape</c> and <c>name.centres</c>.</summary>
    public void Write(ModelFileWriter file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var centres = new float[Clusters * Columns];
        for (var c = 0; c < Clusters; c++)
        {
            for (var column = 0; column < Columns; column++)
            {
                centres[(c * Columns) + column] = _table[(column * Stride) + c];
            }
        }

        file.Add<int>(name + ".shape", [Clusters, Columns]);
        file.Add<float>(name + ".centres", centres);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The sections do not make one.</exception>
    public static KMeansModel Read(ModelFile file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var shape = file.Read<int>(name + ".shape", 2);
        var (clusters, columns) = (shape[0], shape[1]);
        if (clusters < 1 || columns < 0 || (long)columns * StrideOf(clusters) > Array.MaxLength)
        {
            throw file.Refused($"section '{name}.shape' tells of {clusters} clusters and {columns} columns");
        }

        var centres = file.Read<float>(name + ".centres", (long)clusters * columns);
        var stride = StrideOf(clusters);
        var table = new float[columns * stride];
        for (var c = 0; c < clusters; c++)
        {
            for (var column = 0; column < columns; column++)
            {
                table[(column * stride) + c] = centres[(c * columns) + column];
            }
        }

        return new KMeansModel(table, clusters, columns);
    }

    internal static int StrideOf(int clusters) => (clusters + 7) & ~7;

    /// <summary>
    /// The nearest centre and how near it and the second are: a closeness is <c>x·c - |c|²/2</c>, so the squared distance is
    /// <c>|x|² - 2 closeness</c>. The second is negative infinity where there is one centre.
    /// </summary>
    internal (int First, float Closeness, float Second) Best(ReadOnlySpan<int> columns, ReadOnlySpan<float> values, Span<float> closeness)
    {
        RowProducts.Multiply(columns, values, _table, _start, closeness);
        return TopTwo.Of(closeness);
    }

    /// <summary>Squared distance of a row to a centre, in double throughout, 0 or more.</summary>
    internal double Distance(ReadOnlySpan<int> columns, ReadOnlySpan<float> values, double square, int cluster)
    {
        var product = 0.0;
        for (var e = 0; e < columns.Length; e++)
        {
            product += (double)values[e] * _table[(columns[e] * Stride) + cluster];
        }

        return Math.Max(0, square - (2 * product) + _squares[cluster]);
    }
}
