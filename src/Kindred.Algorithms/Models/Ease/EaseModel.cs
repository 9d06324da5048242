using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Ease;

/// <summary>
/// EASE: <c>score(j) = sum over history entries i of weight_i * B[i, j]</c>, B holding the largest weights of each row, which may be negative.
/// Equal scores are settled by popularity, then tie order. Immutable, safe for any number of threads. Source: <c>docs/algorithms/ease.md</c>.
/// </summary>
public sealed class EaseModel : ItemRowsModel
{
    internal EaseModel(EaseOptions options, ItemRows rows)
        : base("ease", options, rows)
    {
    }

    /// <summary>B with its largest entries, <b>[items x items]</b>; the diagonal is zero.</summary>
    public CsrMatrix Weights => Rows.Rows;

    /// <summary>Reads a model that <see cref="ItemRowsModel.Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static EaseModel Read(ModelFile file)
    {
        var (options, rows) = ReadParts<EaseOptions>(file);
        return new EaseModel(options, rows);
    }
}
