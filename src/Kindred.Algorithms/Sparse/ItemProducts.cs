using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Sparse;

/// <summary>
/// The item-by-item product of weighted interactions, <c>P[i, j] = sum over users u of A[i, u] * B[u, j]</c> with no value below 0, row by row, every row by one worker
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
    /// <param name="score">What a product is turned into before the largest are kept; null leaves it. It sees no item's product with itself.</param>
    public static CsrMatrix Compute(CsrMatrix byItem, CsrMatrix byUser, int keep, bool diagonal, TrainingContext context, PairScore? score = null)
    {
        var items = byItem.Rows;
        var chunks = new Chunk[(items + RowsPerChunk - 1) / RowsPerChunk];
        var positive = Positive(byItem.AllValues) && Positive(byUser.AllValues);
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(
            0,
            chunks.Length,
            parallel,
            () => new Worker(byItem, byUser, positive, keep, diagonal, score),
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

    private static bool Positive(ReadOnlySpan<float> values) => values.IsEmpty || TensorPrimitives.Min(values) > 0;

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

    private sealed class Worker(CsrMatrix byItem, CsrMatrix byUser, bool positive, int keep, bool diagonal, PairScore? score)
    {
        // Between rows all sums are 0: a sum above 0 marks an item as touched.
        private readonly double[] _sums = new double[byUser.Columns];
        private readonly int[] _touched = new int[byUser.Columns + 1];
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
                var touched = Accumulate(item);
                Turn(item, touched);
                Keep(item, touched);
                lengths[item - from] = _columns.Count - before;
            }

            return new Chunk(lengths, [.. _columns], [.. _values]);
        }

        private Span<int> Accumulate(int item)
        {
            var count = 0;
            var users = byItem.RowColumns(item);
            var weights = byItem.RowValues(item);
            for (var k = 0; k < users.Length; k++)
            {
                var columns = byUser.RowColumns(users[k]);
                var values = byUser.RowValues(users[k])[..columns.Length];
                count = positive ? AddPositive(weights[k], columns, values, count) : Add(weights[k], columns, values, count);
            }

            return _touched.AsSpan(0, count);
        }

        // Where all products are above 0 an item is new just when its sum is 0, so its place is written without asking: most are met before, but which is a
        // coin's toss to the processor. The columns are those of a checked matrix, as many as there are sums.
        private int AddPositive(double weight, ReadOnlySpan<int> columns, ReadOnlySpan<float> values, int count)
        {
            ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
            ref var touched = ref MemoryMarshal.GetArrayDataReference(_touched);
            for (var at = 0; at < columns.Length; at++)
            {
                var column = columns[at];
                ref var sum = ref Unsafe.Add(ref sums, column);
                Unsafe.Add(ref touched, count) = column;
                count += sum == 0 ? 1 : 0;
                sum += weight * values[at];
            }

            return count;
        }

        private int Add(double weight, ReadOnlySpan<int> columns, ReadOnlySpan<float> values, int count)
        {
            for (var at = 0; at < columns.Length; at++)
            {
                var product = weight * values[at];
                ref var sum = ref _sums[columns[at]];
                if (sum <= 0 && product > 0)
                {
                    _touched[count++] = columns[at];
                }

                sum += product;
            }

            return count;
        }

        private void Turn(int item, ReadOnlySpan<int> touched)
        {
            if (score is null)
            {
                return;
            }

            foreach (var column in touched)
            {
                if (column != item)
                {
                    _sums[column] = score(item, column, _sums[column]);
                }
            }
        }

        private void Keep(int item, Span<int> touched)
        {
            if (!diagonal)
            {
                _sums[item] = 0;
            }

            if (keep > 0 && touched.Length > keep)
            {
                var best = Best(touched);
                foreach (var column in best)
                {
                    Add(column.Item, column.Score);
                }

                return;
            }

            if (touched.Length > _sums.Length / 16)
            {
                // Going through all items in order is cheaper than sorting many.
                for (var column = 0; column < _sums.Length; column++)
                {
                    Add(column, (float)_sums[column]);
                }
            }
            else
            {
                touched.Sort();
                foreach (var column in touched)
                {
                    Add(column, (float)_sums[column]);
                }
            }

            foreach (var column in touched)
            {
                _sums[column] = 0;
            }
        }

        private void Add(int column, float value)
        {
            if (value > 0)
            {
                _columns.Add(column);
                _values.Add(value);
            }
        }

        // Leaves the sums at 0: each is looked at once more anyway.
        private Span<ScoredItem> Best(Span<int> touched)
        {
            var list = new BestItems(_best, default);
            foreach (var column in touched)
            {
                var value = (float)_sums[column];
                _sums[column] = 0;
                if (value >= list.Threshold)
                {
                    list.Offer(column, value);
                }
            }

            var best = _best.AsSpan(0, list.Finish());
            best.Sort(static (a, b) => a.Item.CompareTo(b.Item));
            return best;
        }
    }
}
