using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.ItemKnn;

/// <summary>
/// Nearest neighbours of items: <c>score(j) = sum over history entries i of weight_i * S[i, j]</c>, S holding the shaped similarity of j to i
/// where j is among the neighbours of i. Equal scores, also of items that are nobody's neighbour, are settled by popularity, then tie order.
/// Immutable, safe for any number of threads.
/// </summary>
public sealed class ItemKnnModel : ItemRowsModel
{
    internal ItemKnnModel(ItemKnnOptions options, ItemRows rows)
        : base("itemknn", options, rows)
    {
    }

    /// <summary>Row i holds the neighbours of item i with their shaped similarities, <b>[items x items]</b>; an item is not its own neighbour.</summary>
    public CsrMatrix Nearest => Rows.Rows;

    /// <summary>Reads a model that <see cref="ItemRowsModel.Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static ItemKnnModel Read(ModelFile file)
    {
        var (options, rows) = ReadParts<ItemKnnOptions>(file);
        return new ItemKnnModel(options, rows);
    }
}
