namespace Kindred.Algorithms.Ranking;

/// <summary>An item and its score.</summary>
public readonly record struct ScoredItem(int Item, float Score);

/// <summary>
/// Which items may be answered, as a bit mask: bit <c>i &amp; 63</c> of word <c>i &gt;&gt; 6</c> is item i. Filters, hidden items and seen items
/// are all folded into it before ranking, so n answers come back whenever n items qualify.
/// </summary>
public readonly ref struct Selection
{
    /// <summary>Every item is allowed.</summary>
    public static Selection All => default;

    /// <summary>Takes a mask; a mask shorter than the items leaves the items past its end out.</summary>
    public Selection(ReadOnlySpan<ulong> allowed, ReadOnlySpan<int> tieOrder = default)
    {
        Allowed = allowed;
        TieOrder = tieOrder;
        IsRestricted = true;
    }

    /// <summary>The mask; meaningful only where <see cref="IsRestricted"/>.</summary>
    public ReadOnlySpan<ulong> Allowed { get; }

    /// <summary>Rank of each item among equal scores (usually by id); empty means by item number. Items past its end come last, by number.</summary>
    public ReadOnlySpan<int> TieOrder { get; }

    /// <summary>False for <see cref="All"/>.</summary>
    public bool IsRestricted { get; }

    /// <summary>True when the item may be answered.</summary>
    public bool Allows(int item) =>
        !IsRestricted || ((uint)(item >> 6) < (uint)Allowed.Length && (Allowed[item >> 6] >> (item & 63) & 1) != 0);
}
