namespace Kindred.Algorithms.Sparse;

/// <summary>Order of triplets by row, then column, then arrival: two stable counting sorts, O(triplets + rows + columns), whatever the rows look like.</summary>
internal static class CellOrder
{
    /// <summary>Positions of the triplets in that order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A triplet lies outside the shape.</exception>
    public static int[] Of(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int rowCount, int columnCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        ArgumentOutOfRangeException.ThrowIfNegative(columnCount);
        for (var k = 0; k < rows.Length; k++)
        {
            if ((uint)rows[k] >= (uint)rowCount || (uint)columns[k] >= (uint)columnCount)
            {
                throw new ArgumentOutOfRangeException(nameof(rowCount), $"Cell ({rows[k]}, {columns[k]}) lies outside a {rowCount} x {columnCount} matrix.");
            }
        }

        if (InOrder(rows, columns))
        {
            return Numbers(rows.Length);
        }

        var byColumn = Sorted(Numbers(rows.Length), columns, columnCount);
        return Sorted(byColumn, rows, rowCount);
    }

    // Exports and split files come sorted by user and item; then there is nothing to do.
    private static bool InOrder(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        for (var k = 1; k < rows.Length; k++)
        {
            if (rows[k] < rows[k - 1] || (rows[k] == rows[k - 1] && columns[k] < columns[k - 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static int[] Numbers(int count)
    {
        var numbers = new int[count];
        for (var k = 0; k < count; k++)
        {
            numbers[k] = k;
        }

        return numbers;
    }

    private static int[] Sorted(int[] order, ReadOnlySpan<int> keys, int keyCount)
    {
        var next = new int[keyCount + 1];
        foreach (var key in keys)
        {
            next[key + 1]++;
        }

        for (var key = 0; key < keyCount; key++)
        {
            next[key + 1] += next[key];
        }

        var sorted = new int[order.Length];
        foreach (var k in order)
        {
            sorted[next[keys[k]]++] = k;
        }

        return sorted;
    }
}
