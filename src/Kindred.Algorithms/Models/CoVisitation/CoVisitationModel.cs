using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoVisitation;

/// <summary>
/// Seen in the same baskets: <c>score(j) = sum over history entries i of weight_i * S[i, j]</c>, S holding the shaped score of the pair where j is
/// among the companions of i. Equal scores, also of items that are nobody's companion, are settled by popularity, then tie order.
/// Immutable, safe for any number of threads.
/// </summary>
public sealed class CoVisitationModel : ItemRowsModel
{
    internal CoVisitationModel(CoVisitationOptions options, ItemRows rows)
        : base("covisit", options, rows)
    {
    }

    /// <summary>Row i holds the companions of item i with the shaped scores of the pairs, <b>[items x items]</b>; an item is not its own companion.</summary>
    public CsrMatrix Companions => Rows.Rows;

    /// <summary>Reads a model that <see cref="ItemRowsModel.Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static CoVisitationModel Read(ModelFile file)
    {
        var (options, rows) = ReadParts<CoVisitationOptions>(file);
        return new CoVisitationModel(options, rows);
    }
}
