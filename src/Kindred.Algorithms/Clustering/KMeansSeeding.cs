using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Clustering;

/// <summary>
/// k-means++ (Arthur and Vassilvitskii 2007), greedy as its section 6 proposes: each next centre is the best of <c>2 + ln k</c> rows drawn with
/// probability in proportion to the squared distance to the nearest centre so far. Cost: clusters x rows x candidates products of a row.
/// </summary>
internal sealed class KMeansSeeding
{
    private readonly ClusterRows _rows;
    private readonly ParallelOptions _parallel;
    private readonly double[] _nearest;
    private readonly double[] _potentials;
    private readonly float[] _table;
    private readonly float[] _start;
    private readonly int _candidates;
    private readonly int _stride;
    private SeededRandom _random;

    private KMeansSeeding(ClusterRows rows, int clusters, int seed, int restart, ParallelOptions parallel)
    {
        _rows = rows;
        _parallel = parallel;
        _random = new SeededRandom(seed, restart);
        _nearest = new double[rows.Count];
        _potentials = new double[rows.Chunks];
        _candidates = 2 + (int)Math.Log(clusters);
        _stride = KMeansModel.StrideOf(_candidates);
        _table = new float[rows.Columns * _stride];
        _start = new float[_stride];
    }

    /// <summary>Numbers of the rows to start from, distinct, as many as there are clusters.</summary>
    public static int[] Choose(ClusterRows rows, int clusters, int seed, int restart, ParallelOptions parallel) =>
        new KMeansSeeding(rows, clusters, seed, restart, parallel).Choose(clusters);

    private int[] Choose(int clusters)
    {
        var chosen = new int[clusters];
        Array.Fill(_nearest, 1);
        Weigh();
        chosen[0] = Draw();
        Array.Fill(_nearest, double.PositiveInfinity);
        Approach(chosen[0]);
        var drawn = new int[_candidates];
        for (var c = 1; c < clusters; c++)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            if (_potentials.Sum() <= 0)
            {
                // Rows so near to each other that their distances vanish: any that is not taken.
                chosen[c] = Enumerable.Range(0, _rows.Count).First(row => Array.IndexOf(chosen, row, 0, c) < 0);
                continue;
            }

            for (var k = 0; k < drawn.Length; k++)
            {
                drawn[k] = Draw();
            }

            chosen[c] = Best(drawn);
            Approach(chosen[c]);
        }

        return chosen;
    }

    /// <summary>Draws a row in proportion to weight times squared distance.</summary>
    private int Draw()
    {
        var left = _random.Unit() * _potentials.Sum();
        var chunk = 0;
        while (chunk < _potentials.Length - 1 && left >= _potentials[chunk])
        {
            left -= _potentials[chunk++];
        }

        // Rounding may leave a little after the last row that can be drawn.
        var drawn = -1;
        for (var row = chunk * ClusterRows.ChunkRows; row < _rows.Count; row++)
        {
            var part = _rows.Weights[row] * _nearest[row];
            if (part > 0)
            {
                drawn = row;
                left -= part;
            }

            if (left < 0)
            {
                break;
            }
        }

        return drawn >= 0 ? drawn : Array.FindLastIndex(_nearest, distance => distance > 0);
    }

    /// <summary>The drawn row that leaves the least sum of squared distances, of equal ones the first drawn.</summary>
    private int Best(int[] drawn)
    {
        Array.Clear(_start);
        for (var k = 0; k < drawn.Length; k++)
        {
            Scatter(drawn[k], k, clear: false);
            _start[k] = (float)(-_rows.Squares[drawn[k]] / 2);
        }

        var parts = new double[_rows.Chunks][];
        _rows.ForChunks(_parallel, (chunk, from, to) =>
        {
            Span<float> closeness = stackalloc float[_stride];
            var sums = new double[drawn.Length];
            for (var row = from; row < to; row++)
            {
                RowProducts.Multiply(_rows.RowColumns(row), _rows.RowValues(row), _table, _start, closeness);
                for (var k = 0; k < sums.Length; k++)
                {
                    sums[k] += _rows.Weights[row] * Math.Min(_nearest[row], Math.Max(0, _rows.Squares[row] - (2.0 * closeness[k])));
                }
            }

            parts[chunk] = sums;
        });
        for (var k = 0; k < drawn.Length; k++)
        {
            Scatter(drawn[k], k, clear: true);
        }

        var best = 0;
        var least = double.PositiveInfinity;
        for (var k = 0; k < drawn.Length; k++)
        {
            var sum = parts.Sum(part => part[k]);
            if (sum < least)
            {
                least = sum;
                best = k;
            }
        }

        return drawn[best];
    }

    /// <summary>Takes a row as centre: no distance is longer than that to it, its own is 0.</summary>
    private void Approach(int centre)
    {
        Scatter(centre, 0, clear: false);
        _rows.ForChunks(_parallel, (_, from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                var columns = _rows.RowColumns(row);
                var values = _rows.RowValues(row);
                var product = 0.0;
                for (var e = 0; e < columns.Length; e++)
                {
                    product += (double)values[e] * _table[columns[e] * _stride];
                }

                _nearest[row] = Math.Min(_nearest[row], Math.Max(0, _rows.Squares[row] - (2 * product) + _rows.Squares[centre]));
            }
        });
        Scatter(centre, 0, clear: true);
        _nearest[centre] = 0;
        Weigh();
    }

    private void Weigh() => _rows.ForChunks(_parallel, (chunk, from, to) =>
    {
        var sum = 0.0;
        for (var row = from; row < to; row++)
        {
            sum += _rows.Weights[row] * _nearest[row];
        }

        _potentials[chunk] = sum;
    });

    private void Scatter(int row, int lane, bool clear)
    {
        var columns = _rows.RowColumns(row);
        var values = _rows.RowValues(row);
        for (var e = 0; e < columns.Length; e++)
        {
            _table[(columns[e] * _stride) + lane] = clear ? 0 : values[e];
        }
    }
}
