namespace Kindred.Recommendations.Models;

/// <summary>Which of two items with equal scores comes first.</summary>
internal static class Ties
{
    /// <summary>By rank; items past the ranks come last, by number.</summary>
    public static int Compare(ReadOnlySpan<int> tieOrder, int a, int b) =>
        (a < tieOrder.Length ? tieOrder[a] : a).CompareTo(b < tieOrder.Length ? tieOrder[b] : b);
}
