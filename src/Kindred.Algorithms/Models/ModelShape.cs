namespace Kindred.Algorithms.Models;

/// <summary>Checks at the public edge of models: lengths and item numbers, with the numbers in the message.</summary>
internal static class ModelShape
{
    /// <exception cref="ArgumentException">The history was folded by a model of more items.</exception>
    public static void Check(FoldedHistory folded, int items)
    {
        ArgumentNullException.ThrowIfNull(folded);
        foreach (var item in folded.Items)
        {
            if ((uint)item >= (uint)items)
            {
                throw new ArgumentException($"The history was folded by another model: it holds item {item}, this one scores {items}.", nameof(folded));
            }
        }
    }

    /// <exception cref="ArgumentException">The span is not as long as there are items.</exception>
    public static void CheckScores(int length, int items)
    {
        if (length != items)
        {
            throw new ArgumentException($"Scores hold one entry per item: {items} expected, {length} given.", nameof(length));
        }
    }

    /// <exception cref="ArgumentException">The span is not items x entries long, or an item is unknown.</exception>
    public static void CheckShares(ReadOnlySpan<int> items, int length, FoldedHistory folded, int known)
    {
        if (length != (long)items.Length * folded.Count)
        {
            throw new ArgumentException($"Shares hold {items.Length} items x {folded.Count} entries; {length} given.", nameof(length));
        }

        foreach (var item in items)
        {
            CheckItem(item, known);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The item is unknown.</exception>
    public static void CheckItem(int item, int items)
    {
        if ((uint)item >= (uint)items)
        {
            throw new ArgumentOutOfRangeException(nameof(item), item, $"Items are numbered from 0 to {items - 1}.");
        }
    }
}
