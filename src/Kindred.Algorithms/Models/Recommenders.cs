using Kindred.Algorithms.Models.Als;
using Kindred.Algorithms.Models.Blend;
using Kindred.Algorithms.Models.CoPurchase;
using Kindred.Algorithms.Models.CoVisitation;
using Kindred.Algorithms.Models.Ease;
using Kindred.Algorithms.Models.Hybrid;
using Kindred.Algorithms.Models.ItemKnn;
using Kindred.Algorithms.Models.Popularity;
using Kindred.Algorithms.Models.UserClusters;
using Kindred.Algorithms.Models.UserKnn;

namespace Kindred.Algorithms.Models;

/// <summary>
/// Every recommender there is. The command line, training runs, settings and model loading read this list; adding one adds a line here.
/// </summary>
public static class Recommenders
{
    /// <summary>All recommenders, in the order they are listed to people.</summary>
    public static IReadOnlyList<Recommender> All { get; } =
    [
        new("popularity", "What most people took: by count, by recent count, or by Bayesian mean rating.", typeof(PopularityOptions),
            (data, options, context) => PopularityTrainer.Train(data, Or<PopularityOptions>(options), context), PopularityModel.Read, Personal: false, ItemToItem: false),
        new("copurchase", "Bought by the same people: co-purchase counts, exactly.", typeof(CoPurchaseOptions),
            (data, options, context) => CoPurchaseTrainer.Train(data, Or<CoPurchaseOptions>(options), context), CoPurchaseModel.Read, Personal: true, ItemToItem: true),
        new("covisit", "Seen in the same basket or visit: log-likelihood ratio or Jaccard.", typeof(CoVisitationOptions),
            (data, options, context) => CoVisitationTrainer.Train(data, Or<CoVisitationOptions>(options), context), CoVisitationModel.Read, Personal: true, ItemToItem: true),
        new("itemknn", "Nearest neighbours of items: BM25, TF-IDF, cosine or Jaccard.", typeof(ItemKnnOptions),
            (data, options, context) => ItemKnnTrainer.Train(data, Or<ItemKnnOptions>(options), context), ItemKnnModel.Read, Personal: true, ItemToItem: true),
        new("userknn", "Nearest neighbours among users: cosine, TF-IDF, BM25 or Jaccard.", typeof(UserKnnOptions),
            (data, options, context) => UserKnnTrainer.Train(data, Or<UserKnnOptions>(options), context), UserKnnModel.Read, Personal: true, ItemToItem: false),
        new("userclusters", "K-Means on users: what the nearest group takes more than everybody does.", typeof(UserClustersOptions),
            (data, options, context) => UserClustersTrainer.Train(data, Or<UserClustersOptions>(options), context), UserClustersModel.Read, Personal: true, ItemToItem: false),
        new("als", "Implicit ALS: factors of users and items; a history is folded in by one small solve.", typeof(AlsOptions),
            (data, options, context) => AlsTrainer.Train(data, Or<AlsOptions>(options), context), AlsModel.Read, Personal: true, ItemToItem: true),
        new("ease", "EASE: a linear model of items by items, exact and strong up to some ten thousand items.", typeof(EaseOptions),
            (data, options, context) => EaseTrainer.Train(data, Or<EaseOptions>(options), context), EaseModel.Read, Personal: true, ItemToItem: true),
        new("warp", "Hybrid of items and their features, trained on the top of the list (WARP).", typeof(HybridOptions),
            (data, options, context) => HybridTrainer.TrainWarp(data, Or<HybridOptions>(options), context), HybridModel.Read, Personal: true, ItemToItem: true, Features: true),
        new("bpr", "Hybrid of items and their features, trained on pairs (BPR).", typeof(HybridOptions),
            (data, options, context) => HybridTrainer.TrainBpr(data, Or<HybridOptions>(options), context), HybridModel.Read, Personal: true, ItemToItem: true, Features: true),
        new("logistic", "Hybrid of items and their features, trained on yes and no (logistic).", typeof(HybridOptions),
            (data, options, context) => HybridTrainer.TrainLogistic(data, Or<HybridOptions>(options), context), HybridModel.Read, Personal: true, ItemToItem: true, Features: true),
        new("blend", "A weighted sum of other recommenders, each with its own options and half-life.", typeof(BlendOptions),
            (data, options, context) => BlendTrainer.Train(data, Or<BlendOptions>(options), context), BlendModel.Read, Personal: true, ItemToItem: true),
    ];

    /// <summary>The recommender of that name, or null.</summary>
    public static Recommender? Find(string name) => All.FirstOrDefault(recommender => string.Equals(recommender.Name, name, StringComparison.Ordinal));

    private static T Or<T>(object? options)
        where T : class, new() => options switch
        {
            null => new T(),
            T given => given,
            _ => throw new ArgumentException($"Options of type {typeof(T).Name} are expected, not {options.GetType().Name}.", nameof(options)),
        };
}
