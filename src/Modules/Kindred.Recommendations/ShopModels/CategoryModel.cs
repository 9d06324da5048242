using System.Collections.Concurrent;
using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Models;

namespace Kindred.Recommendations.ShopModels;

/// <summary>Categories that read alike. Which products lie in them is looked up when it is asked, so changed and deleted products need no training.</summary>
internal sealed class CategoryModel
{
    private const int MostKnown = 100_000;
    private readonly CategoryClusters _clusters;
    private readonly ConcurrentDictionary<string, int> _known = new(StringComparer.OrdinalIgnoreCase);

    private CategoryModel(CategoryClusters clusters) => _clusters = clusters;

    /// <summary>Clusters the categories of products, given in storage order; null without any.</summary>
    public static CategoryModel? Train(IReadOnlyList<(string Product, string Category)> products, int clusters, CancellationToken cancellation) =>
        products.Count == 0 ? null : new CategoryModel(CategoryClusters.Fit(
            [.. products.Select(one => one.Product)], [.. products.Select(one => one.Category)], clusters, new TrainingContext { Seed = 42, Threads = 1, Cancellation = cancellation }));

    /// <summary>The cluster of a category; -1 where none of its words is known.</summary>
    public int Cluster(string category)
    {
        if (_known.TryGetValue(category, out var cluster))
        {
            return cluster;
        }

        cluster = _clusters.Cluster(category) ?? -1;
        if (_known.Count < MostKnown)
        {
            _known[category] = cluster;
        }

        return cluster;
    }
}
