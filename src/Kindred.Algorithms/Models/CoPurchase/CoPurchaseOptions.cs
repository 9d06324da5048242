namespace Kindred.Algorithms.Models.CoPurchase;

/// <summary>Settings of <c>copurchase</c>.</summary>
public sealed record CoPurchaseOptions
{
    /// <summary>
    /// Most items kept in a row of the co-purchase matrix, the most bought together (of equal ones the smaller item number); 0, the default,
    /// keeps all, which the exact rule needs. Cap it where items² pairs do not fit into memory. In [0, 1,000,000].
    /// </summary>
    public int MaxRow { get; init => field = OptionRange.Check(value, 0, 1_000_000); }
}
