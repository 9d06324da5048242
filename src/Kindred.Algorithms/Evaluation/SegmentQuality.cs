namespace Kindred.Algorithms.Evaluation;

/// <summary>What a segment of users is shown, beside how often it is right. Source and formulas: <c>docs/algorithms/evaluation.md</c>.</summary>
/// <param name="Segment"><c>all</c>, <c>cold</c>, <c>medium</c> or <c>heavy</c>.</param>
/// <param name="Users">Users of the segment; who has no history is in none.</param>
/// <param name="TestUsers">Those of them with test items.</param>
/// <param name="Ndcg">Mean NDCG over <paramref name="TestUsers"/>, in [0, 1]; 0 without any.</param>
/// <param name="Coverage">Share of the candidates that stand in at least one list, in [0, 1].</param>
/// <param name="Novelty">Mean self-information of the items of a list in bits: 0 where everybody has them already, 10 where one in a thousand does.</param>
/// <param name="Diversity">1 - mean similarity of the pairs of a list, in [0, 1]; lists of fewer than two items are left out.</param>
/// <param name="Gini">How unequally the places of the lists go to the candidates: 0 alike, towards 1 all to a few.</param>
/// <param name="Popularity">Mean share of the users who have the items of a list, in [0, 1].</param>
public sealed record SegmentQuality(
    string Segment, int Users, int TestUsers, double Ndcg, double Coverage, double Novelty, double Diversity, double Gini, double Popularity)
{
    /// <summary>The same with its shares and means rounded to <paramref name="digits"/> places, 0 to 15, as reports keep them.</summary>
    public SegmentQuality Rounded(int digits) => this with
    {
        Ndcg = Math.Round(Ndcg, digits),
        Coverage = Math.Round(Coverage, digits),
        Novelty = Math.Round(Novelty, digits),
        Diversity = Math.Round(Diversity, digits),
        Gini = Math.Round(Gini, digits),
        Popularity = Math.Round(Popularity, digits),
    };
}
