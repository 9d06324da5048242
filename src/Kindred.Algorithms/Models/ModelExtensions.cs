using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models;

/// <summary>The short way to a list, on plain arrays.</summary>
public static class ModelExtensions
{
    /// <summary>
    /// The best <paramref name="n"/> items for who took <paramref name="history"/>, without those, best first; fewer where fewer are left.
    /// <para><b>Cost</b>: folds the history and allocates each time; who answers many requests keeps the folded history and calls
    /// <see cref="IModel.Recommend"/> itself. Safe for any number of threads.</para>
    /// </summary>
    /// <param name="model">A trained model.</param>
    /// <param name="history">Items taken, newest first; of one named twice the first counts, unknown ones are left out. Empty asks for a stranger's list.</param>
    /// <param name="n">Length of the list, 0 or more.</param>
    public static ScoredItem[] Recommend(this IModel model, ReadOnlySpan<int> history, int n)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var allowed = new ulong[(model.Items + 63) / 64];
        Array.Fill(allowed, ulong.MaxValue);
        var items = new int[history.Length];
        var count = 0;
        foreach (var item in history)
        {
            if ((uint)item < (uint)model.Items && (allowed[item >> 6] >> (item & 63) & 1) != 0)
            {
                allowed[item >> 6] &= ~(1UL << (item & 63));
                items[count++] = item;
            }
        }

        var weights = new float[count];
        Array.Fill(weights, 1);
        var best = new ScoredItem[Math.Min(n, model.Items)];
        return best[..model.Recommend(model.Fold(new History(items.AsSpan(0, count), weights)), new Selection(allowed), best)];
    }
}
