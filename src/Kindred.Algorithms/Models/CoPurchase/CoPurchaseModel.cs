using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoPurchase;

/// <summary>
/// Bought by the same people: <c>score(j) = sum over history entries i of weight_i * C[i, j]</c>, the weight being the number of purchases of i.
/// Equal scores are settled by popularity, then tie order; so a history that links to nothing, or none, gets the most popular items.
/// Scores are exact up to 2^24. Immutable, safe for any number of threads.
/// </summary>
public sealed class CoPurchaseModel : ItemRowsModel
{
    internal CoPurchaseModel(CoPurchaseOptions options, ItemRows rows)
        : base("copurchase", options, rows)
    {
    }

    /// <summary>The co-purchase matrix C, <b>[items x items]</b>, with its diagonal.</summary>
    public CsrMatrix Together => Rows.Rows;

    /// <summary>Reads a model that <see cref="ItemRowsModel.Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static CoPurchaseModel Read(ModelFile file)
    {
        var (options, rows) = ReadParts<CoPurchaseOptions>(file);
        return new CoPurchaseModel(options, rows);
    }
}
