using System.Globalization;

namespace Kindred.Recommendations.Items;

/// <summary>The order that breaks ties.</summary>
internal static class IdOrder
{
    /// <summary>Rank of every id in ascending order: as numbers where all are whole numbers, else ordinal.</summary>
    public static int[] Rank(string[] ids)
    {
        var order = new int[ids.Length];
        var numbers = new long[ids.Length];
        var numeric = true;
        for (var k = 0; k < ids.Length; k++)
        {
            order[k] = k;
            numeric = numeric && long.TryParse(ids[k], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[k]);
        }

        if (numeric)
        {
            Array.Sort(numbers, order);
        }
        else
        {
            Array.Sort(order, (a, b) => string.CompareOrdinal(ids[a], ids[b]));
        }

        var rank = new int[ids.Length];
        for (var k = 0; k < order.Length; k++)
        {
            rank[order[k]] = k;
        }

        return rank;
    }
}
