using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Sparse;

/// <summary>
/// The item-by-item product of weighted interactions, <c>P[i, j] = sum over users u of A[i, u] * B[u, j]</c>, row by row, every row by one worker
/// in one order, so that the bits do not depend on the number of threads.
/// <para><b>Cost</b>: the sum over users of the square of their number of items. <b>Memory</b>: the result twice, and per worker one dense
/// row <b>[items]</b> of sums, whatever the data.</para>
/// </summary>
internal static class ItemProducts
{
    private const int RowsPerChunk = 32;

    /// <param name="byItem">A <b>[items x users]</b>.</param>
    /// <param name="byUser">B <b>[users x items]</b>.</param>
    /// <param name="keep">Most values kept in a row, the largest (of equal ones the smaller item number); 0 keeps all.</param>
    /// <param name="diagonal">Whether an item's product with itself is kept.</param>
    /// <param name="context">Threads, progress, cancellation.</param>
    public static CsrMatrix Compute(CsrMatrix byItem, CsrMatrix byUser, int keep, bool diagonal, TrainingContext context)
    {
        var items = byItem.Rows;
        var chunks = new Chunk[(items + RowsPerChunk - 1) / RowsPerChunk];
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(
            0,
            chunks.Length,
            parallel,
            () => new Worker(byItem, byUser, keep, diagonal),
            (c, _, worker) =>
            {
                chunks[c] = worker.Run(c * RowsPerChunk, Math.Min(items, (c + 1) * RowsPerChunk));
                var rows = Math.Min(items, Interlocked.Add(ref done, RowsPerChunk));
                context.Progress?.Report(new TrainingProgress((double)rows / items, $"{rows} of {items} items"));
                return worker;
            },
            _ => { });
        return Join(chunks, items);
    }

    private static CsrMatrix Join(Chunk[] chunks, int items)
    {
        var starts = new long[items + 1];
        var row = 0;
        foreach (var chunk in chunks)
        {
            foreach (var length in chunk.Lengths)
            {
                starts[row + 1] = starts[row] + length;
                row++;
            }
        }

        if (starts[items] > Array.MaxLength)
        {
            throw new InvalidOperationException($"{starts[items]:N0} item pairs are more than one matrix holds; cap the neighbours of a row.");
        }

        var columns = new int[starts[items]];
        var values = new float[starts[items]];
        var at = 0;
        for (var c = 0; c < chunks.Length; c++)
        {
            chunks[c].Columns.CopyTo(columns.AsSpan(at));
            chunks[c].Values.CopyTo(values.AsSpan(at));
            at += chunks[c].Columns.Length;
            chunks[c] = default;
        }

        return new CsrMatrix(items, starts, columns, values);
    }

    private readonly record struct Chunk(int[] Lengths, int[] Columns, float[] Values);

    private sealed class Worker(CsrMatrix byItem, CsrMatrix byUser, int keep, bool diagonal)
    {
        private readonly double[] _sums = new double[byUser.Columns];
        private readonly int[] _touched = new int[byUser.Columns];
        private readonly int[] _touchedFor = Filled(byUser.Columns);
        private readonly ScoredItem[] _best = new ScoredItem[Math.Min(keep, byUser.Columns)];
        private readonly List<int> _columns = [];
        private readonly List<float> _values = [];

        public Chunk Run(int from, int to)
        {
            _columns.Clear();
            _values.Clear();
            var lengths = new int[to - from];
            for (var item = from; item < to; item++)
            {
                var before = _columns.Count;
                Keep(item, Accumulate(item));
                lengths[item - from] = _columns.Count - before;
            }

            return new Chunk(lengths, [.. _columns], [.. _values]);
        }

        private static int[] Filled(int count)
        {
            var none = new int[count];
            Array.Fill(none, -1);
            return none;
        }

        private Span<int> Accumulate(int item)
        {
            var count = 0;
            var users = byItem.RowColumns(item);
            var weights = byItem.RowValues(item);
            for (var k = 0; k < users.Length; k++)
            {
                double weight = weights[k];
                var columns = byUser.RowColumns(users[k]);
                var values = byUser.RowValues(users[k]);
                for (var at = 0; at < columns.Length; at++)
                {
                    var column = columns[at];
                    if (_touchedFor[column] != item)
                    {
                        _touchedFor[column] = item;
                        _touched[count++] = column;
                        _sums[column] = 0;
                    }

                    _sums[column] += weight * values[at];
                }
            }

            return _touched.AsSpan(0, count);
        }

        private void Keep(int item, Span<int> touched)
        {
            if (keep > 0 && touched.Length > keep)
            {
                touched = Best(item, touched);
            }

            touched.Sort();
            foreach (var column in touched)
            {
                if ((diagonal || column != item) && _sums[column] > 0)
                {
                    _columns.Add(column);
                    _values.Add((float)_sums[column]);
                }
            }
        }

        private Span<int> Best(int item, Span<int> touched)
        {
            var best = new BestItems(_best, default);
            foreach (var column in touched)
            {
                if (diagonal || column != item)
                {
                    best.Offer(column, (float)_sums[column]);
                }
            }

            var count = best.Finish();
            for (var k = 0; k < count; k++)
            {
                touched[k] = _best[k].Item;
            }

            return touched[..count];
        }
    }
}
