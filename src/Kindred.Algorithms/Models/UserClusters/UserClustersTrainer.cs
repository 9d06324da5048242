using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.UserClusters;

/// <summary>
/// Standardises the column of every item over all users, absent ones as 0, and clusters the users by K-Means. The means are not taken off the rows:
/// that would fill them, and moves all rows alike, which no distance notices. They are taken off the centres. Source:
/// <c>docs/algorithms/user-clusters.md</c>. Cost and memory: those of <see cref="KMeans"/> on sparse rows, plus clusters x items.
/// </summary>
public static class UserClustersTrainer
{
    /// <summary>Trains.</summary>
    /// <exception cref="ArgumentException">Ratings are asked for and these interactions have none.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static UserClustersModel Train(Interactions data, UserClustersOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        context.Cancellation.ThrowIfCancellationRequested();
        var values = options.Value == ClusteredValue.Weight
            ? data.ByUser.AllValues
            : data.Ratings ?? throw new ArgumentException("Clusters of users by rating need ratings, and these interactions have none.", nameof(data));
        var columns = ItemColumns.Of(data, values);
        var scaled = new float[values.Length];
        for (var k = 0; k < scaled.Length; k++)
        {
            scaled[k] = (float)(values[k] / columns.Deviations[data.ByUser.AllColumns[k]]);
        }

        // Without users there still is one stranger, who has nothing.
        var rows = data.Users > 0
            ? new CsrMatrix(data.Items, data.ByUser.RowStarts.ToArray(), data.ByUser.AllColumns.ToArray(), scaled)
            : new CsrMatrix(data.Items, [0, 0], [], []);
        var clustering = new KMeansOptions { Clusters = Math.Max(1, options.Clusters), Restarts = options.Restarts };
        var fit = options.Clusters > 0
            ? KMeans.Fit(rows, clustering, context)
            : KMeans.FitBest(rows, 2, options.MaxClusters, clustering, context);
        return new UserClustersModel(options, columns, fit.Model, new PopularityTies(ItemWeightSums.Of(data)));
    }
}

/// <summary>Mean and population deviation of every item's column over all users, <b>[items]</b> each; a deviation of 0 is replaced by 1.</summary>
internal sealed record ItemColumns(double[] Means, double[] Deviations)
{
    // Numbers of 24 bits that are not all equal deviate by far more than this; what is less is rounding of the mean.
    private const double Constant = 1e-9;

    public static ItemColumns Of(Interactions data, ReadOnlySpan<float> values)
    {
        var means = new double[data.Items];
        var deviations = new double[data.Items];
        var counts = new int[data.Items];
        var items = data.ByUser.AllColumns;
        for (var k = 0; k < items.Length; k++)
        {
            means[items[k]] += values[k];
            counts[items[k]]++;
        }

        var users = Math.Max(1, data.Users);
        for (var item = 0; item < means.Length; item++)
        {
            means[item] /= users;
            deviations[item] = (users - counts[item]) * means[item] * means[item];
        }

        for (var k = 0; k < items.Length; k++)
        {
            var off = values[k] - means[items[k]];
            deviations[items[k]] += off * off;
        }

        for (var item = 0; item < means.Length; item++)
        {
            var deviation = Math.Sqrt(deviations[item] / users);
            deviations[item] = deviation > Constant * Math.Abs(means[item]) ? deviation : 1;
        }

        return new ItemColumns(means, deviations);
    }
}
