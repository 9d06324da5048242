using Kindred.Recommendations.Items;

namespace Kindred.Recommendations.Filters;

/// <summary>A bound filter and the items it holds for; the item table keeps it up to date.</summary>
internal sealed class FilterMask(FilterPredicate predicate)
{
    public FilterPredicate Predicate { get; } = predicate;

    public BitMask Mask { get; } = new();

    /// <summary>When it was last asked for, in uses of the table's filters.</summary>
    public long LastUsed { get; set; }
}
