using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Ease;

/// <summary>
/// EASE: <c>score(j) = sum over history entries i of weight_i * B[i, j]</c>, B holding the largest weights of each row, which may be negative.
/// Equal scores are settled by popularity, then tie order. Immutable, safe for any number of threads. Source: <c>docs/algorithms/ease.md</c>.
/// </summary>
public sealed class EaseModel : IModel
{
    private readonly EaseOptions _options;
    private readonly ItemRows _rows;

    internal EaseModel(EaseOptions options, ItemRows rows)
    {
        _options = options;
        _rows = rows;
    }

    /// <inheritdoc/>
    public string Recommender => "ease";

    /// <inheritdoc/>
    public int Items => _rows.Items;

    /// <summary>B with its largest entries, <b>[items x items]</b>; the diagonal is zero.</summary>
    public CsrMatrix Weights => _rows.Rows;

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
    public static EaseModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new EaseModel(RecommenderOptions.ReadText<EaseOptions>(file.ReadText("options")), ItemRowsFile.Read(file));
    }
}
