namespace Kindred.Algorithms.Clustering;

/// <summary>
/// Rounds of assigning rows and moving centres (Lloyd 1982) with one upper and one lower bound per row (Hamerly 2010): a row whose own centre is
/// surely nearer than any other is not looked at. The bounds allow for the rounding of the distances they came from, so labels, centres and
/// rounds are those of the plain rounds, to the bit; <c>useBounds: false</c> is the twin that shows it.
/// </summary>
internal sealed class Lloyd
{
    private readonly ClusterRows _rows;
    private readonly ParallelOptions _parallel;
    private readonly bool _useBounds;
    private readonly int _clusters;
    private readonly int[] _labels;
    private readonly double[] _upper;
    private readonly double[] _lower;
    private KMeansModel _model;

    public Lloyd(ClusterRows rows, int[] seeds, bool useBounds, ParallelOptions parallel)
    {
        _rows = rows;
        _parallel = parallel;
        _useBounds = useBounds;
        _clusters = seeds.Length;
        _labels = new int[rows.Count];
        _upper = new double[rows.Count];
        _lower = new double[rows.Count];
        Array.Fill(_upper, double.PositiveInfinity);
        Array.Fill(_labels, -1);
        var stride = KMeansModel.StrideOf(_clusters);
        if ((long)rows.Columns * stride > Array.MaxLength)
        {
            throw new ArgumentException($"{_clusters} centres of {rows.Columns} columns are more numbers than one array holds ({Array.MaxLength}); ask for fewer clusters.");
        }

        var table = new float[rows.Columns * stride];
        for (var c = 0; c < seeds.Length; c++)
        {
            var columns = rows.RowColumns(seeds[c]);
            var values = rows.RowValues(seeds[c]);
            for (var e = 0; e < columns.Length; e++)
            {
                table[(columns[e] * stride) + c] = values[e];
            }
        }

        _model = new KMeansModel(table, _clusters, rows.Columns);
    }

    /// <summary>Rounds done.</summary>
    public int Iterations { get; private set; }

    /// <summary>Rows whose distances to all centres were computed, over all rounds.</summary>
    public long FullComparisons { get; private set; }

    /// <summary>Cluster of each distinct row.</summary>
    public int[] Labels => _labels;

    public KMeansModel Model => _model;

    /// <summary>Runs until no label changes, the centres move by no more than the tolerance, or the rounds are used up.</summary>
    public void Run(KMeansOptions options, Action<int>? eachRound)
    {
        var tolerance = options.Tolerance * MeanVariance();
        var settled = false;
        while (!settled && Iterations < options.MaxIterations)
        {
            Iterations++;
            eachRound?.Invoke(Iterations);
            if (Assign() == 0)
            {
                return;
            }

            settled = Move() <= tolerance;
        }

        Assign();
    }

    /// <summary>Sum of squared distances to the own centres, in double.</summary>
    public double Inertia() => _rows.Sum(_parallel, row => _rows.Weights[row] * Distance(row));

    /// <summary>
    /// Simplified silhouette (Hruschka, de Castro and Campello 2004): distances to centres stand in for mean distances to the rows of a cluster.
    /// A row alone in its cluster counts 0.
    /// </summary>
    public double Silhouette()
    {
        var sizes = Sizes();
        var sum = _rows.Sum(_parallel, row =>
        {
            if (_clusters == 1 || sizes[_labels[row]] <= 1)
            {
                return 0;
            }

            Span<float> closeness = _model.Stride <= 1024 ? stackalloc float[_model.Stride] : new float[_model.Stride];
            var second = _model.Best(_rows.RowColumns(row), _rows.RowValues(row), closeness).Second;
            var own = Math.Sqrt(Distance(row));
            var other = Math.Sqrt(Math.Max(0, _rows.Squares[row] - (2.0 * second)));
            var longer = Math.Max(own, other);
            return longer > 0 ? _rows.Weights[row] * (other - own) / longer : 0;
        });
        return sum / _rows.Weights.Sum();
    }

    private double Distance(int row) => _model.Distance(_rows.RowColumns(row), _rows.RowValues(row), _rows.Squares[row], _labels[row]);

    /// <summary>Number of rows that changed their cluster.</summary>
    private int Assign()
    {
        var changed = 0;
        var compared = 0L;
        var longest = Math.Sqrt(_model.LongestSquare);
        _rows.ForChunks(_parallel, (_, from, to) =>
        {
            Span<float> closeness = _model.Stride <= 1024 ? stackalloc float[_model.Stride] : new float[_model.Stride];
            var (moved, full) = (0, 0);
            for (var row = from; row < to; row++)
            {
                var columns = _rows.RowColumns(row);
                var values = _rows.RowValues(row);
                var slack = Slack(columns.Length, Math.Sqrt(_rows.Squares[row]) + longest);
                if (_useBounds && _labels[row] >= 0 && SurelyStays(row, columns, values, slack))
                {
                    continue;
                }

                full++;
                var (label, first, second) = _model.Best(columns, values, closeness);
                _upper[row] = Math.Sqrt(Math.Max(0, _rows.Squares[row] - (2.0 * first)) + slack);
                _lower[row] = Math.Sqrt(Math.Max(0, _rows.Squares[row] - (2.0 * second) - slack));
                moved += label == _labels[row] ? 0 : 1;
                _labels[row] = label;
            }

            Interlocked.Add(ref changed, moved);
            Interlocked.Add(ref compared, full);
        });
        FullComparisons += compared;
        return changed;
    }

    /// <summary>
    /// True when the computed distance to the own centre is surely the least computed one: true distances lie within the bounds, computed squares
    /// within the slack of the true ones. Looks first at the bounds as they are, then with the distance to the own centre computed anew.
    /// </summary>
    private bool SurelyStays(int row, ReadOnlySpan<int> columns, ReadOnlySpan<float> values, double slack)
    {
        var limit = (_lower[row] * _lower[row]) - (2 * slack);
        if (_upper[row] * _upper[row] < limit)
        {
            return true;
        }

        if (limit <= 0)
        {
            return false;
        }

        _upper[row] = Math.Sqrt(_model.Distance(columns, values, _rows.Squares[row], _labels[row]) + slack);
        return _upper[row] * _upper[row] < limit;
    }

    /// <summary>
    /// How far a squared distance computed in single precision may lie from the true one: each of the entries' fused operations, and the start, round
    /// by 2^-24 of no more than <c>(|x| + |c|)² / 2</c>, and the square is twice that sum; the rest is for the bounds' own rounding.
    /// </summary>
    private static double Slack(int entries, double reach) => (entries + 8) * (1.0 / (1 << 24)) * reach * reach;

    private double[] Sizes()
    {
        var sizes = new double[_clusters];
        for (var row = 0; row < _labels.Length; row++)
        {
            sizes[_labels[row]] += _rows.Weights[row];
        }

        return sizes;
    }

    /// <summary>Moves the centres to the means of their rows; returns the sum of the squared moves.</summary>
    private double Move()
    {
        var sizes = Sizes();
        FillEmpty(sizes);
        var stride = _model.Stride;
        var old = _model;
        var table = new float[_rows.Columns * stride];
        var pieces = (_rows.Columns + _rows.ChunkColumns - 1) / _rows.ChunkColumns;
        var squares = new double[pieces][];
        Parallel.For(0, pieces, _parallel, piece =>
        {
            var from = piece * _rows.ChunkColumns;
            var count = Math.Min(_rows.ChunkColumns, _rows.Columns - from);
            var sums = new double[count * stride];
            _rows.AddColumns(_labels, from, count, sums, stride);
            var moves = new double[_clusters];
            for (var column = 0; column < count; column++)
            {
                for (var c = 0; c < _clusters; c++)
                {
                    var at = ((from + column) * stride) + c;
                    table[at] = (float)(sums[(column * stride) + c] / sizes[c]);
                    var move = (double)table[at] - old.Table[at];
                    moves[c] += move * move;
                }
            }

            squares[piece] = moves;
        });
        var distances = new double[_clusters];
        foreach (var piece in squares)
        {
            for (var c = 0; c < _clusters; c++)
            {
                distances[c] += piece[c];
            }
        }

        var total = distances.Sum();
        _model = new KMeansModel(table, _clusters, _rows.Columns);
        Loosen(Array.ConvertAll(distances, Math.Sqrt));
        return total;
    }

    /// <summary>No distance changed by more than its centre moved.</summary>
    private void Loosen(double[] moves)
    {
        var farthest = 0;
        var next = 0.0;
        for (var c = 0; c < moves.Length; c++)
        {
            farthest = moves[c] > moves[farthest] ? c : farthest;
        }

        for (var c = 0; c < moves.Length; c++)
        {
            next = c == farthest ? next : Math.Max(next, moves[c]);
        }

        _rows.ForChunks(_parallel, (_, from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                _upper[row] += moves[_labels[row]];
                _lower[row] = Math.Max(0, _lower[row] - (_labels[row] == farthest ? next : moves[farthest]));
            }
        });
    }

    /// <summary>
    /// Gives every empty cluster the row that lies farthest from its centre and does not leave its own cluster empty. There always is one: there are
    /// at least as many distinct rows as clusters.
    /// </summary>
    private void FillEmpty(double[] sizes)
    {
        if (Array.TrueForAll(sizes, size => size > 0))
        {
            return;
        }

        var members = new int[_clusters];
        foreach (var label in _labels)
        {
            members[label]++;
        }

        for (var c = 0; c < _clusters; c++)
        {
            if (members[c] > 0)
            {
                continue;
            }

            var farthest = -1;
            var distance = -1.0;
            for (var row = 0; row < _labels.Length; row++)
            {
                if (members[_labels[row]] > 1 && Distance(row) is var candidate && candidate > distance)
                {
                    (farthest, distance) = (row, candidate);
                }
            }

            members[_labels[farthest]]--;
            sizes[_labels[farthest]] -= _rows.Weights[farthest];
            _labels[farthest] = c;
            members[c]++;
            sizes[c] += _rows.Weights[farthest];

            // Its bounds told of another centre: it is compared with all in the next round.
            _upper[farthest] = double.PositiveInfinity;
            _lower[farthest] = 0;
        }
    }

    /// <summary>Mean over the columns of the population variance, as scikit-learn scales its tolerance.</summary>
    private double MeanVariance()
    {
        if (_rows.Columns == 0)
        {
            return 0;
        }

        var weight = _rows.Weights.Sum();
        var one = new int[_rows.Count];
        var pieces = (_rows.Columns + _rows.ChunkColumns - 1) / _rows.ChunkColumns;
        var parts = new double[pieces];
        Parallel.For(0, pieces, _parallel, piece =>
        {
            var from = piece * _rows.ChunkColumns;
            var sums = new double[Math.Min(_rows.ChunkColumns, _rows.Columns - from)];
            _rows.AddColumns(one, from, sums.Length, sums, 1);
            parts[piece] = sums.Sum(sum => sum / weight * (sum / weight));
        });
        var squares = _rows.Sum(_parallel, row => _rows.Weights[row] * _rows.Squares[row]);
        return Math.Max(0, (squares / weight) - parts.Sum()) / _rows.Columns;
    }
}
