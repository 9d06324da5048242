using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Ease;

/// <summary>
/// Trains EASE (Steck 2019): P = (X^T X + lambda I)^-1 and B[i, j] = -P[i, j] / P[j, j], zero on the diagonal. Where it departs from the
/// paper: only the largest entries of a row are kept.
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
        Parallel.For(0, items, parallel, item => CountRow(interactions, item, options.Regularization, matrix.Lower(item)));
        var progress = context.Progress is null ? null : new SweepProgress(context.Progress);
        if (!matrix.NegateInverse(context.Threads, progress, context.Cancellation))
        {
            throw new ArithmeticException($"The matrix of {items} items cannot be inverted in single precision; raise regularization ({options.Regularization}).");
        }

        var rows = KeepLargest(matrix, Math.Min(options.RowEntries, Math.Max(0, items - 1)), parallel);
        context.Progress?.Report(new TrainingProgress(1, "done"));
        return new EaseModel(options, new ItemRows(rows, new PopularityTies(ItemWeightSums.Of(interactions))));
    }

    /// <summary>The lower triangle's part of a row of X^T X + lambda I. Users ascend, so the sums have one order.</summary>
    private static void CountRow(Interactions interactions, int item, float lambda, Span<float> row)
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

        row[item] += lambda;
    }

    private static CsrMatrix KeepLargest(SymmetricInverse negated, int entries, ParallelOptions parallel)
    {
        var items = negated.Size;
        var columns = new int[checked(items * entries)];
        var values = new float[columns.Length];
        Parallel.For(0, items, parallel, () => (Row: new float[items], Sizes: new float[items], Best: new ScoredItem[entries]), (item, _, scratch) =>
        {
            for (var other = 0; other < items; other++)
            {
                // Both the stored value and the diagonal are negated; their quotient is P[i, j] / P[j, j].
                scratch.Row[other] = other == item ? 0 : -negated[item, other] / negated[other, other];
                scratch.Sizes[other] = other == item ? float.NegativeInfinity : MathF.Abs(scratch.Row[other]);
            }

            TopN.Select(scratch.Sizes, Selection.All, scratch.Best);
            var kept = columns.AsSpan(item * entries, entries);
            for (var k = 0; k < entries; k++)
            {
                kept[k] = scratch.Best[k].Item;
            }

            kept.Sort();
            for (var k = 0; k < entries; k++)
            {
                values[(item * entries) + k] = scratch.Row[kept[k]];
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

    private sealed class SweepProgress(IProgress<TrainingProgress> outer) : IProgress<double>
    {
        public void Report(double value) => outer.Report(new TrainingProgress(0.05 + (0.9 * value), "inverting"));
    }
}
