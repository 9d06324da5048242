namespace Kindred.Algorithms.Models.UserKnn;

/// <summary>How two users are compared.</summary>
public enum UserSimilarity
{
    /// <summary>Cosine of the two rows of weights.</summary>
    Cosine,

    /// <summary>Root of the weight times the rarity of the item, each user scaled to length 1.</summary>
    TfIdf,

    /// <summary>Okapi BM25: a user is a document, the items are the words.</summary>
    Bm25,

    /// <summary>Items in common over items of either; weights are not read.</summary>
    Jaccard,
}

/// <summary>Settings of <c>userknn</c>; formulas and the reasons of the defaults stand in <c>docs/algorithms/userknn.md</c>.</summary>
public sealed record UserKnnOptions
{
    /// <summary>How two users are compared.</summary>
    public UserSimilarity Similarity { get; init; } = UserSimilarity.Cosine;

    /// <summary>Most neighbours heard, in [1, 100,000]; users with nothing in common are never among them.</summary>
    public int Neighbours { get; init => field = OptionRange.Check(value, 1, 100_000); } = 200;

    /// <summary>BM25: how soon a repeated interaction stops counting more, in [0, 100].</summary>
    public double K1 { get; init => field = OptionRange.Check(value, 0, 100); } = 1.2;

    /// <summary>BM25: how much a user with a long row is held down, from 0 (not) to 1 (in proportion).</summary>
    public double B { get; init => field = OptionRange.Check(value, 0, 1); } = 0.5;

    /// <summary>Exponent of the similarity, in [1, 8]: above 1 near neighbours outweigh many far ones; 1 is the plain similarity.</summary>
    public double Locality { get; init => field = OptionRange.Check(value, 1, 8); } = 2;

    /// <summary>
    /// How much a neighbour with many items says about each, in [0, 1]: the row is divided by its sum to this power. 0 lets a row count as it
    /// is, 1 gives every neighbour one vote to divide among its items.
    /// </summary>
    public double RowDamping { get; init => field = OptionRange.Check(value, 0, 1); } = 0.3;
}
