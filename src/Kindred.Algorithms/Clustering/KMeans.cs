using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Clustering;

/// <summary>
/// K-Means: centres that make the sum of squared distances of rows to their nearest centre small. k-means++ starts, exact bounds that skip
/// distances, and equal rows handled once. Same data, options and seed give the same bits for any number of threads.
/// <para><b>Cost</b> of a round: at most distinct rows x entries x clusters. <b>Memory</b>: sparse rows twice, 20 bytes a row, clusters x columns
/// floats twice. <b>Source</b>: <c>docs/algorithms/kmeans.md</c>.</para>
/// </summary>
public static class KMeans
{
    /// <summary>Clusters sparse rows.</summary>
    /// <exception cref="ArgumentException">There are no rows, or more centre coordinates than one array holds.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static KMeansResult Fit(CsrMatrix rows, KMeansOptions options, TrainingContext context) =>
        Fit(Collapse(rows, context), options, context, useBounds: true).Result;

    /// <summary>Clusters dense rows.</summary>
    /// <param name="rows"><b>[rows x columns]</b>, row-major, finite.</param>
    /// <param name="columns">Numbers in a row, 1 or more.</param>
    /// <param name="options">Settings.</param>
    /// <param name="context">Seed, threads, progress, cancellation.</param>
    /// <exception cref="ArgumentException">There are no rows, the numbers do not make whole rows, or one is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static KMeansResult Fit(ReadOnlySpan<float> rows, int columns, KMeansOptions options, TrainingContext context) =>
        Fit(Collapse(rows, columns, context), options, context, useBounds: true).Result;

    /// <summary>
    /// Clusters with every number of clusters in [from, to] and keeps the fit of the highest simplified silhouette, of equal ones the one of fewer
    /// clusters. The simplified silhouette compares the distance to the own centre with that to the second nearest, instead of mean distances
    /// to all rows: its cost is that of a round, not of all pairs.
    /// </summary>
    /// <exception cref="ArgumentException">As for a fit, or the range does not begin at 2 or more and end at its beginning or later.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static KMeansResult FitBest(CsrMatrix rows, int from, int to, KMeansOptions options, TrainingContext context) =>
        FitBest(Collapse(rows, context), from, to, options, context);

    /// <summary>As for sparse rows.</summary>
    /// <param name="rows"><b>[rows x columns]</b>, row-major, finite.</param>
    /// <param name="columns">Numbers in a row, 1 or more.</param>
    /// <param name="from">Fewest clusters tried, 2 or more.</param>
    /// <param name="to">Most clusters tried.</param>
    /// <param name="options">Settings; their number of clusters is not read.</param>
    /// <param name="context">Seed, threads, progress, cancellation.</param>
    /// <exception cref="ArgumentException">As for sparse rows.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static KMeansResult FitBest(ReadOnlySpan<float> rows, int columns, int from, int to, KMeansOptions options, TrainingContext context) =>
        FitBest(Collapse(rows, columns, context), from, to, options, context);

    internal static ClusterRows Collapse(CsrMatrix rows, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(context);
        return new SparseClusterRows(rows, DistinctRows.Of(rows, Threads(context)));
    }

    internal static ClusterRows Collapse(ReadOnlySpan<float> rows, int columns, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (columns < 1 || rows.Length % columns != 0)
        {
            throw new ArgumentException($"{rows.Length} numbers do not make rows of {columns}.", nameof(columns));
        }

        if (!Kernels.Finite.All(rows))
        {
            throw new ArgumentException("Rows hold finite numbers only.", nameof(rows));
        }

        return new DenseClusterRows(rows, columns, DistinctRows.Of(rows, columns, Threads(context)));
    }

    internal static (KMeansResult Result, long FullComparisons) Fit(ClusterRows rows, KMeansOptions options, TrainingContext context, bool useBounds)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (rows.Count == 0)
        {
            throw new ArgumentException("There are no rows to cluster.", nameof(rows));
        }

        var clusters = Math.Min(options.Clusters, rows.Count);
        var parallel = Threads(context);
        Lloyd? best = null;
        var least = double.PositiveInfinity;
        var compared = 0L;
        for (var restart = 0; restart < options.Restarts; restart++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var run = new Lloyd(rows, KMeansSeeding.Choose(rows, clusters, context.Seed, restart, parallel), useBounds, parallel);
            var done = restart;
            run.Run(options, round => context.Progress?.Report(new TrainingProgress(
                (done + (1 - (1.0 / round))) / options.Restarts, $"start {done + 1} of {options.Restarts}, round {round}")));
            compared += run.FullComparisons;
            var inertia = run.Inertia();
            if (inertia < least)
            {
                (best, least) = (run, inertia);
            }
        }

        context.Progress?.Report(new TrainingProgress(1, "done"));
        var labels = Array.ConvertAll(rows.Distinct.GroupOf, group => best!.Labels[group]);
        return (new KMeansResult(best!.Model, labels, least, best.Iterations, best.Silhouette()), compared);
    }

    private static KMeansResult FitBest(ClusterRows rows, int from, int to, KMeansOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (from < 2 || to < from)
        {
            throw new ArgumentException($"The numbers of clusters to try go from 2 or more upwards, not from {from} to {to}.", nameof(from));
        }

        KMeansResult? best = null;
        for (var clusters = from; clusters <= to && (best is null || clusters <= rows.Count); clusters++)
        {
            var fit = Fit(rows, options with { Clusters = clusters }, context, useBounds: true).Result;
            best = best is null || fit.Silhouette > best.Silhouette ? fit : best;
        }

        return best!;
    }

    private static ParallelOptions Threads(TrainingContext context) => new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
}
