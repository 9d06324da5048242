using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoPurchase;

/// <summary>
/// Bought by the same people: <c>score(j) = sum over history entries i of weight_i * C[i, j]</c>, the weight being the number of purchases of i.
/// Equal scores are settled by popularity, then tie order; so a history that links to nothing, or none, gets the most popular items.
/// Scores are exact up to 2^24. Immutable, safe for any number of threads.
/// </summary>
public sealed class CoPurchaseModel : IModel
{
    private readonly CoPurchaseOptions _options;
    private readonly ItemRows _rows;

    internal CoPurchaseModel(CoPurchaseOptions options, ItemRows rows)
    {
        _options = options;
        _rows = rows;
    }

    /// <inheritdoc/>
    public string Recommender => "copurchase";

    /// <inheritdoc/>
    public int Items => _rows.Items;

    /// <summary>The co-purchase matrix C, <b>[items x items]</b>, with its diagonal.</summary>
    public CsrMatrix Together => _rows.Rows;

    /// <inheritdoc/>
    public FoldedHistory Fold(History history) => new(history, Items);

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores) => _rows.Score(folded, scores);

    /// <summary>As the interface says, but equal scores are settled by popularity before the tie order.</summary>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => _rows.Recommend(folded, selection, best);

    /// <inheritdoc/>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares) => _rows.Explain(folded, items, shares);

    /// <inheritdoc/>
    public bool Similar(int item, Span<float> scores) => _rows.Similar(item, scores);

    /// <inheritdoc/>
    public void Write(ModelFileWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.AddText("options", RecommenderOptions.Write(_options).GetRawText());
        ItemRowsFile.Write(file, _rows);
    }

    /// <summary>Reads a model that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static CoPurchaseModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new CoPurchaseModel(RecommenderOptions.ReadText<CoPurchaseOptions>(file.ReadText("options")), ItemRowsFile.Read(file));
    }
}
