using Kindred.Algorithms.Models;
using Kindred.Contracts;
using Kindred.Recommendations.Answers;

namespace Kindred.Recommendations.Models;

/// <summary>What is live for a collection: models loaded from one run's files, immutable. A request keeps the bundle it began with.</summary>
internal sealed class Bundle
{
    private readonly IReadOnlyDictionary<string, IModel> _models;

    /// <summary>Takes loaded models by recommender; <paramref name="tieOrder"/> ranks items by id.</summary>
    public Bundle(ModelHead head, BundleManifest manifest, IModel personal, IReadOnlyDictionary<string, IModel> models, int[] tieOrder)
    {
        _models = models;
        Head = head;
        Manifest = manifest;
        Personal = personal;
        Popularity = models.GetValueOrDefault("popularity");
        BoughtTogether = models.GetValueOrDefault("covisit");
        CoPurchase = models.GetValueOrDefault("copurchase");
        ItemToItem = models.GetValueOrDefault("itemknn") ?? models.GetValueOrDefault("ease") ?? personal;
        IsPersonal = Recommenders.Find(personal.Recommender)?.Personal ?? true;
        Named = new AnsweringModel(personal.Recommender, manifest.Run, head.Version);
        (PopularOrder, PopularScores) = Popularity is null ? ([], []) : Rank(Popularity, tieOrder);
    }

    public ModelHead Head { get; }

    public BundleManifest Manifest { get; }

    /// <summary>Number of items the models score.</summary>
    public int Items => Manifest.Items;

    /// <summary>The model that answers personal lists.</summary>
    public IModel Personal { get; }

    /// <summary>False where the winner ignores the history (popularity): its lists are popular ones, and say so.</summary>
    public bool IsPersonal { get; }

    /// <summary>The model of a recommender, or null where the bundle has none.</summary>
    public IModel? Find(string recommender) => _models.GetValueOrDefault(recommender);

    public IModel? Popularity { get; }

    /// <summary>What lies in the same baskets more often than chance would have it.</summary>
    public IModel? BoughtTogether { get; }

    /// <summary>What the same people bought, counted: led by what everybody buys.</summary>
    public IModel? CoPurchase { get; }

    public IModel ItemToItem { get; }

    public AnsweringModel Named { get; }

    /// <summary>Items of <see cref="Popularity"/>, best first: a cold list is a walk along it.</summary>
    public int[] PopularOrder { get; }

    /// <summary>Score by item.</summary>
    public float[] PopularScores { get; }

    private static (int[] Order, float[] Scores) Rank(IModel model, int[] tieOrder)
    {
        var scores = new float[model.Items];
        model.Score(model.Fold(default), scores);
        var order = new int[scores.Length];
        for (var k = 0; k < order.Length; k++)
        {
            order[k] = k;
        }

        Array.Sort(order, (a, b) =>
        {
            var byScore = scores[b].CompareTo(scores[a]);
            return byScore != 0 ? byScore : Ties.Compare(tieOrder, a, b);
        });
        return (order, scores);
    }
}
