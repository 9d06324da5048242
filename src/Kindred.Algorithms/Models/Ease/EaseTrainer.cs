using System.Numerics.Tensors;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Ease;

/// <summary>
/// Trains EASE (Steck 2019): P = (X^T X + lambda I)^-1 and B[i, j] = -P[i, j] / P[j, j], zero on the diagonal; with dropout p it is the
/// denoising EDLAE of full rank (Steck 2020), which adds p / (1 - p) diag(X^T X) before inverting. Where it departs from the papers: only the
/// largest entries of a row are kept.
/// <para><b>Cost</b>: items³ / 2 fused operations and 4 x items² bytes; the same bits for any number of threads.</para>
/// </summary>
public static class EaseTrainer
{
    /// <summary>Trains a model.</summary>
    /// <exception cref="ArgumentException">There are more items than <see cref="EaseOptions.MaxItems"/>.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static EaseModel Train(Interactions interactions, EaseOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var items = interactions.Items;
        if (items > options.MaxItems)
        {
            throw new ArgumentException(
                $"EASE inverts an items x items matrix: {items} items need {4.0 * items * items / (1 << 30):F1} GB; max_items is {options.MaxItems}. ALS needs far less.",
                nameof(interactions));
        }

        context.Cancellation.ThrowIfCancellationRequested();
        using var matrix = new SymmetricInverse(items);
        context.Progress?.Report(new TrainingProgress(0, "co-occurrences"));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(0, items, parallel, item => CountRow(interactions, item, options, matrix.Lower(item)));
        var progress = context.Progress is null ? null : new SweepProgress(context.Progress);
        if (!matrix.NegateInverse(context.Threads, progress, context.Cancellation))
        {
            throw new ArithmeticException($"The matrix of {items} items cannot be inverted in single precision; raise regularization ({options.Regularization}).");
        }

        var rows = KeepLargest(matrix, Math.Min(options.RowEntries, Math.Max(0, items - 1)), parallel);
        context.Progress?.Report(new TrainingProgress(1, "done"));
        return new EaseModel(options, new ItemRows(rows, new PopularityTies(ItemWeightSums.Of(interactions))));
    }

    /// <summary>The lower triangle's part of a row of X^T X + p / (1 - p) diag(X^T X) + lambda I. Users ascend, so the sums have one order.</summary>
    private static void CountRow(Interactions interactions, int item, EaseOptions options, Span<float> row)
    {
        var users = interactions.ByItem.RowColumns(item);
        var weights = interactions.ByItem.RowValues(item);
        for (var k = 0; k < users.Length; k++)
        {
            var others = interactions.ByUser.RowColumns(users[k]);
            var values = interactions.ByUser.RowValues(users[k]);
            for (var j = 0; j < others.Length && others[j] <= item; j++)
            {
                row[others[j]] = MathF.FusedMultiplyAdd(weights[k], values[j], row[others[j]]);
            }
        }

        row[item] = (row[item] / (1 - options.Dropout)) + options.Regularization;
    }

    private static CsrMatrix KeepLargest(SymmetricInverse negated, int entries, ParallelOptions parallel)
    {
        const int RowsAtOnce = 64;
        var items = negated.Size;
        var columns = new int[checked(items * entries)];
        var values = new float[columns.Length];
        var scales = new float[items];
        for (var item = 0; item < items; item++)
        {
            // Both the stored value and the diagonal are negated; their quotient is P[i, j] / P[j, j].
            scales[item] = -1 / negated.Lower(item)[item];
        }

        Parallel.For(
            0,
            (items + RowsAtOnce - 1) / RowsAtOnce,
            parallel,
            () => (Rows: new float[RowsAtOnce * items], Largest: new LargestValues()),
            (block, _, scratch) =>
            {
                var from = block * RowsAtOnce;
                var count = Math.Min(RowsAtOnce, items - from);
                negated.CopyRows(from, count, scratch.Rows);
                for (var item = from; item < from + count; item++)
                {
                    var row = scratch.Rows.AsSpan((item - from) * items, items);
                    TensorPrimitives.Multiply(row, scales, row);
                    row[item] = 0;
                    Keep(row, scratch.Largest, columns.AsSpan(item * entries, entries), values.AsSpan(item * entries, entries));
                }

                return scratch;
            },
            _ => { });
        var starts = new long[items + 1];
        for (var item = 0; item <= items; item++)
        {
            starts[item] = (long)item * entries;
        }

        return new CsrMatrix(items, starts, columns, values);
    }

    /// <summary>The largest by size, of equal ones those with the smaller item numbers.</summary>
    private static void Keep(ReadOnlySpan<float> row, LargestValues largest, Span<int> columns, Span<float> values)
    {
        if (columns.Length == 0)
        {
            return;
        }

        var (size, ties) = largest.Find(row, columns.Length);
        var count = 0;
        for (var column = 0; column < row.Length && count < columns.Length; column++)
        {
            var own = MathF.Abs(row[column]);
            if (own > size || (own >= size && ties-- > 0))
            {
                columns[count] = column;
                values[count++] = row[column];
            }
        }
    }

    private sealed class SweepProgress(IProgress<TrainingProgress> outer) : IProgress<double>
    {
        public void Report(double value) => outer.Report(new TrainingProgress(0.05 + (0.9 * value), "inverting"));
    }
}
