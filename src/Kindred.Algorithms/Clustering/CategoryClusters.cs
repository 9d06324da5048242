using Kindred.Algorithms.Models;
using Kindred.Algorithms.Text;

namespace Kindred.Algorithms.Clustering;

/// <summary>
/// Products whose categories read alike: TF-IDF of the category texts, clustered by K-Means. A category finds the products of the cluster its words
/// lie in. Immutable, safe for any number of threads. <b>Source</b>: <c>docs/algorithms/tfidf.md</c>.
/// </summary>
public sealed class CategoryClusters
{
    private readonly TfIdf _words;
    private readonly KMeansModel _model;
    private readonly Dictionary<string, int> _known;
    private readonly string[][] _products;

    private CategoryClusters(TfIdf words, KMeansModel model, Dictionary<string, int> known, string[][] products)
    {
        _words = words;
        _model = model;
        _known = known;
        _products = products;
    }

    /// <summary>Number of clusters: as many as asked for, or as there are categories of different words.</summary>
    public int Clusters => _model.Clusters;

    /// <summary>Clusters the products.</summary>
    /// <param name="products">Ids, <b>[products]</b>, in the order in which they are to be answered.</param>
    /// <param name="categories">The category of each product.</param>
    /// <param name="clusters">Most clusters, 1 or more.</param>
    /// <param name="context">Seed, threads, progress, cancellation.</param>
    /// <exception cref="ArgumentException">There are no products, not as many categories as products, or no clusters asked for.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static CategoryClusters Fit(IReadOnlyList<string> products, IReadOnlyList<string> categories, int clusters, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(products);
        ArgumentNullException.ThrowIfNull(categories);
        if (products.Count != categories.Count)
        {
            throw new ArgumentException($"Every product has a category: {products.Count} products, {categories.Count} categories.", nameof(categories));
        }

        var words = TfIdf.Fit(categories);
        var fit = KMeans.Fit(words.Transform(categories), new KMeansOptions { Clusters = clusters }, context);
        var known = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var lists = Enumerable.Range(0, fit.Model.Clusters).Select(_ => new List<string>()).ToArray();
        for (var k = 0; k < products.Count; k++)
        {
            known[categories[k]] = fit.Labels[k];
            lists[fit.Labels[k]].Add(products[k]);
        }

        return new CategoryClusters(words, fit.Model, known, Array.ConvertAll(lists, list => list.ToArray()));
    }

    /// <summary>The cluster of a category, in [0, <see cref="Clusters"/>); null when it is not a known one and none of its words is known.</summary>
    public int? Cluster(string category)
    {
        ArgumentNullException.ThrowIfNull(category);
        if (_known.TryGetValue(category, out var cluster))
        {
            return cluster;
        }

        var (words, weights) = _words.Transform(category);
        return words.Length == 0 ? null : _model.Nearest(words, weights);
    }

    /// <summary>The products in the cluster of a category, in the order they were given; none when the category says nothing.</summary>
    public IReadOnlyList<string> ProductsLike(string category) => Cluster(category) is { } cluster ? _products[cluster] : [];
}
