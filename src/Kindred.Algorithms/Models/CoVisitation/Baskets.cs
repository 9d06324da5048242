using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.CoVisitation;

/// <summary>Cuts each user's interactions into baskets.</summary>
internal static class Baskets
{
    private const double MicrosecondsPerMinute = 60e6;

    /// <summary>
    /// <b>[baskets x items]</b>, 1 where the basket holds the item; users in order, a user's baskets by time. Of an item that a user took several
    /// times only the newest time is known, so it lies in that basket alone.
    /// </summary>
    public static CsrMatrix Of(Interactions data, CoVisitationOptions options)
    {
        var columns = data.ByUser.AllColumns.ToArray();
        var starts = new List<long> { 0 };
        var gap = (long)(options.GapMinutes * MicrosecondsPerMinute);
        for (var user = 0; user < data.Users; user++)
        {
            var from = (int)data.ByUser.RowStarts[user];
            var row = columns.AsSpan(from, data.ByUser.RowLength(user));
            if (options.Basket == Basket.Visit && data.Times is { } times)
            {
                Cut(times.AsSpan(from, row.Length).ToArray(), row, from, gap, starts);
            }

            if (row.Length > 0)
            {
                starts.Add(from + row.Length);
            }
        }

        var ones = new float[columns.Length];
        Array.Fill(ones, 1);
        return new CsrMatrix(data.Items, [.. starts], columns, ones);
    }

    /// <summary>Orders a row by basket and item, and adds where a new basket begins.</summary>
    private static void Cut(long[] times, Span<int> row, int from, long gap, List<long> starts)
    {
        times.AsSpan().Sort(row);
        var start = 0;
        for (var k = 1; k < row.Length; k++)
        {
            // Subtracted unsigned: times of any size are apart by what they are.
            if ((ulong)(times[k] - times[k - 1]) > (ulong)gap)
            {
                row[start..k].Sort();
                starts.Add(from + k);
                start = k;
            }
        }

        row[start..].Sort();
    }
}
