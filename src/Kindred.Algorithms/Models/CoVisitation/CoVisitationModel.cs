using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoVisitation;

/// <summary>
/// Seen in the same baskets: <c>score(j) = sum over history entries i of weight_i * S[i, j]</c>, S holding the shaped score of the pair where j is
/// among the companions of i. Equal scores, also of items that are nobody's companion, are settled by popularity, then tie order.
/// Immutable, safe for any number of threads.
/// </summary>
public sealed class CoVisitationModel : IModel
{
    private readonly CoVisitationOptions _options;
    private readonly ItemRows _rows;

    internal CoVisitationModel(CoVisitationOptions options, ItemRows rows)
    {
        _options = options;
        _rows = rows;
    }

    /// <inheritdoc/>
    public string Recommender => "covisit";

    /// <inheritdoc/>
    public int Items => _rows.Items;

    /// <summary>Row i holds the companions of item i with the shaped scores of the pairs, <b>[items x items]</b>; an item is not its own companion.</summary>
    public CsrMatrix Companions => _rows.Rows;

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
    public static CoVisitationModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new CoVisitationModel(RecommenderOptions.ReadText<CoVisitationOptions>(file.ReadText("options")), ItemRowsFile.Read(file));
    }
}
