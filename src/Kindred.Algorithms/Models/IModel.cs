using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models;

/// <summary>
/// A trained recommender. It scores every item from a history, never from a stored user row, so a new event changes the very next answer.
/// Immutable and safe for any number of threads.
/// </summary>
public interface IModel
{
    /// <summary>Name of the recommender that trained it, as in <see cref="Recommenders"/>: <c>als</c>, <c>ease</c>, ...</summary>
    string Recommender { get; }

    /// <summary>Number of items it scores; items are numbered [0, Items).</summary>
    int Items { get; }

    /// <summary>
    /// Prepares a history once, so that scoring, ranking and explaining share the work (ALS: the small solve). Copies what it needs.
    /// Entries with unknown items are left out. An empty history is fine and gives the model's answer for a stranger.
    /// </summary>
    FoldedHistory Fold(History history);

    /// <summary>Writes a finite score of every item to <paramref name="scores"/> <b>[items]</b>. Seen items are scored too.</summary>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is not <see cref="Items"/> long, or <paramref name="folded"/> is another model's.</exception>
    void Score(FoldedHistory folded, Span<float> scores);

    /// <summary>
    /// Writes the best allowed items to <paramref name="best"/>, best first, and returns how many there are: <c>best.Length</c> whenever that
    /// many items are allowed. Equal scores are ordered by <see cref="Selection.TieOrder"/>, else by item number ascending; co-purchase and item kNN
    /// put the more popular item first and settle what is left so.
    /// </summary>
    int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best);

    /// <summary>
    /// Tells what share of each item's score each history entry carries, in the score's own unit.
    /// <para><b>Shape</b>: <paramref name="shares"/> <b>[items x folded.Count]</b>, row-major. A row sums to the item's score where the model is
    /// linear in its history (ALS, EASE, item kNN, co-purchase); models that ignore the history write zeros.</para>
    /// </summary>
    void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares);

    /// <summary>Writes the similarity of every item to <paramref name="item"/> into <paramref name="scores"/> <b>[items]</b>; 0 where unrelated. False when the model knows no item-to-item similarity.</summary>
    bool Similar(int item, Span<float> scores);

    /// <summary>Writes the model's own sections; the envelope (format, checksums) is the file's.</summary>
    void Write(ModelFileWriter file);
}

/// <summary>What a model keeps of one history: a copy of its entries and, in derived types, the work done once. Immutable.</summary>
public class FoldedHistory
{
    private readonly int[] _items;
    private readonly float[] _weights;

    /// <summary>Copies the entries whose items are known, in order.</summary>
    public FoldedHistory(History history, int knownItems)
    {
        var count = 0;
        foreach (var item in history.Items)
        {
            count += (uint)item < (uint)knownItems ? 1 : 0;
        }

        _items = new int[count];
        _weights = new float[count];
        for (int k = 0, to = 0; k < history.Count; k++)
        {
            if ((uint)history.Items[k] < (uint)knownItems)
            {
                _items[to] = history.Items[k];
                _weights[to++] = history.Weights[k];
            }
        }
    }

    /// <summary>Known items of the history, newest first.</summary>
    public ReadOnlySpan<int> Items => _items;

    /// <summary>Weight of each entry.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>Number of entries kept.</summary>
    public int Count => _items.Length;
}
