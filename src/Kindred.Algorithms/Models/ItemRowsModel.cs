using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models;

/// <summary>
/// What the models that sum rows of an items x items matrix share: <c>score(j) = sum over history entries i of weight_i * S[i, j]</c>. Equal scores are
/// settled by popularity, then tie order. Immutable, safe for any number of threads.
/// </summary>
public abstract class ItemRowsModel : IModel
{
    private readonly object _options;

    private protected ItemRowsModel(string recommender, object options, ItemRows rows) => (Recommender, _options, Rows) = (recommender, options, rows);

    /// <inheritdoc/>
    public string Recommender { get; }

    /// <inheritdoc/>
    public int Items => Rows.Items;

    private protected ItemRows Rows { get; }

    /// <inheritdoc/>
    public FoldedHistory Fold(History history) => new(history, Items);

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores) => Rows.Score(folded, scores);

    /// <summary>As the interface says, but equal scores are settled by popularity before the tie order.</summary>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => Rows.Recommend(folded, selection, best);

    /// <inheritdoc/>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares) => Rows.Explain(folded, items, shares);

    /// <inheritdoc/>
    public bool Similar(int item, Span<float> scores) => Rows.Similar(item, scores);

    /// <inheritdoc/>
    public void Write(ModelFileWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.AddText("options", RecommenderOptions.Write(_options).GetRawText());
        ItemRowsFile.Write(file, Rows);
    }

    /// <summary>Options and rows of a model that <see cref="Write"/> wrote.</summary>
    private protected static (TOptions Options, ItemRows Rows) ReadParts<TOptions>(ModelFile file)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(file);
        return (RecommenderOptions.ReadText<TOptions>(file.ReadText("options")), ItemRowsFile.Read(file));
    }
}
