namespace Kindred.Algorithms.Models;

/// <summary>
/// A user's past as a model sees it: distinct items with positive weights, newest first.
/// <para><b>Shape</b>: <see cref="Items"/> and <see cref="Weights"/> have the same length, the number of entries. Item numbers lie in
/// [0, items); an entry whose item the model does not know is ignored. Weights are finite and above 0; 1 means "one positive".</para>
/// </summary>
public readonly ref struct History
{
    /// <summary>Takes two spans of equal length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public History(ReadOnlySpan<int> items, ReadOnlySpan<float> weights)
    {
        if (items.Length != weights.Length)
        {
            throw new ArgumentException($"A history needs as many weights as items: {items.Length} items, {weights.Length} weights.", nameof(weights));
        }

        Items = items;
        Weights = weights;
    }

    /// <summary>Item numbers, newest first, each at most once.</summary>
    public ReadOnlySpan<int> Items { get; }

    /// <summary>Weight of each entry, finite and above 0.</summary>
    public ReadOnlySpan<float> Weights { get; }

    /// <summary>Number of entries.</summary>
    public int Count => Items.Length;
}
