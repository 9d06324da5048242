namespace Kindred.Algorithms.Models.ItemKnn;

/// <summary>How an interaction is weighted before items are compared.</summary>
public enum ItemWeighting
{
    /// <summary>Okapi BM25: an item is a document, its users are the words.</summary>
    Bm25,

    /// <summary>Root of the weight times the rarity of the user, each item scaled to length 1.</summary>
    TfIdf,

    /// <summary>Each item scaled to length 1: the cosine of two items' users.</summary>
    Cosine,

    /// <summary>Users in common over users of either; weights are not read.</summary>
    Jaccard,
}

/// <summary>Settings of <c>itemknn</c>; formulas and the reasons of the defaults stand in <c>docs/algorithms/item-knn.md</c>.</summary>
public sealed record ItemKnnOptions
{
    /// <summary>How an interaction is weighted before items are compared.</summary>
    public ItemWeighting Weighting { get; init; } = ItemWeighting.Bm25;

    /// <summary>Neighbours kept of each item, in [1, 100,000].</summary>
    public int Neighbours { get; init => field = OptionRange.Check(value, 1, 100_000); } = 100;

    /// <summary>BM25: how soon a repeated interaction stops counting more, in [0, 100].</summary>
    public double K1 { get; init => field = OptionRange.Check(value, 0, 100); } = 1.2;

    /// <summary>BM25: how much a popular item is held down, from 0 (not) to 1 (in proportion).</summary>
    public double B { get; init => field = OptionRange.Check(value, 0, 1); } = 0.1;

    /// <summary>Exponent of the similarity, in [1, 8]: above 1 near neighbours outweigh many far ones; 1 is the plain similarity.</summary>
    public double Locality { get; init => field = OptionRange.Check(value, 1, 8); } = 4;

    /// <summary>Whether each item of the history hands out one vote: its row is divided by its sum.</summary>
    public bool OneVote { get; init; } = true;
}
