namespace Kindred.Recommendations;

/// <summary>What a caller asks of a list. Equal queries over equal data have equal answers.</summary>
public sealed record ListQuery
{
    /// <summary>Most items a list may have.</summary>
    public const int MaxN = 200;

    /// <summary>Number of items, 1 to <see cref="MaxN"/>.</summary>
    public int N { get; init; } = 10;

    /// <summary>Only items of this category, compared exactly.</summary>
    public string? Category { get; init; }

    /// <summary>Only items that satisfy this predicate, see <c>Filters/README.md</c>.</summary>
    public string? Filter { get; init; }

    /// <summary>Leave out what the user has seen.</summary>
    public bool ExcludeSeen { get; init; } = true;

    /// <summary>All evidence of each item, not only the strongest three.</summary>
    public bool Explain { get; init; }

    /// <summary>Ten unseen items.</summary>
    public static ListQuery Default { get; } = new();
}
