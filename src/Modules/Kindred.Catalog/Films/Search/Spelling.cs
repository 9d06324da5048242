namespace Kindred.Catalog.Films.Search;

/// <summary>Which known word a misspelt one may stand for.</summary>
internal static class Spelling
{
    /// <summary>How many letters may be wrong, missing, too many or swapped: none in short words, where any word is near any other.</summary>
    public static int Allowed(string word) => word.Length switch { < 4 => 0, < 8 => 1, _ => 2 };

    /// <summary>The nearest of known words, of equally near ones the most frequent, then the first by code; null when none is near enough.</summary>
    public static string? Nearest(string word, IEnumerable<(string Term, long Count)> known)
    {
        var allowed = Allowed(word);
        var (best, distance, count) = ((string?)null, allowed, -1L);
        foreach (var (term, frequency) in known)
        {
            var away = Distance(word, term, distance);
            if (away < distance || (away == distance && (best is null || frequency > count || (frequency == count && string.CompareOrdinal(term, best) < 0))))
            {
                (best, distance, count) = (term, away, frequency);
            }
        }

        return best;
    }

    /// <summary>
    /// Letters to change, add, drop or swap with their neighbour to make one word of the other (optimal string alignment); more than
    /// <paramref name="most"/> is told as <paramref name="most"/> + 1.
    /// </summary>
    public static int Distance(string left, string right, int most)
    {
        if (Math.Abs(left.Length - right.Length) > most)
        {
            return most + 1;
        }

        Span<int> before = stackalloc int[right.Length + 1];
        Span<int> last = stackalloc int[right.Length + 1];
        Span<int> row = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= right.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }

                least = Math.Min(least, row[j]);
            }

            if (least > most)
            {
                return most + 1;
            }

            var free = before;
            before = last;
            last = row;
            row = free;
        }

        return Math.Min(last[right.Length], most + 1);
    }
}
