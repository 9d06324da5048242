using System.Globalization;
using System.Text;
using Kindred.Platform.Storage;

namespace Kindred.Catalog.Films.Search;

/// <summary>
/// What is written to a search index and asked of it. A word stands there as it is and, where that differs, as its stem, so that a beginning of a
/// word and another form of it are both found. All of it is letters and digits of our own making: nothing a caller sends is ever an operator.
/// </summary>
internal static class SearchText
{
    /// <summary>Most words of a text that are found again.</summary>
    public const int MostIndexed = 2000;

    /// <summary>Most words of a question that count.</summary>
    public const int MostAsked = 12;

    private const int LastPosition = 16_383; // of a tsvector

    /// <summary>The words of texts and their stems with spaces between: a column of FTS5.</summary>
    public static string Column(IEnumerable<string> texts) => string.Join(' ', Terms(texts));

    /// <summary>A tsvector as text, each weight's words in turn.</summary>
    public static string Vector(params IReadOnlyList<(char Weight, IEnumerable<string> Texts)> columns)
    {
        StringBuilder vector = new();
        var position = 0;
        foreach (var (weight, texts) in columns)
        {
            foreach (var term in Terms(texts))
            {
                position = Math.Min(position + 1, LastPosition);
                vector.Append('\'').Append(term).Append("':").Append(position.ToString(CultureInfo.InvariantCulture)).Append(weight).Append(' ');
            }
        }

        return vector.ToString();
    }

    /// <summary>A question for the database: all of the words (or any), the last one also as a beginning.</summary>
    public static string Question(Dialect dialect, IReadOnlyList<string> words, bool any) =>
        string.Join(dialect == Dialect.Sqlite ? any ? " OR " : " AND " : any ? " | " : " & ", words.Select((word, k) => Term(dialect, word, begins: k == words.Count - 1 && word.Length > 1)));

    private static string Term(Dialect dialect, string word, bool begins)
    {
        var stem = Words.Stem(word);
        return dialect == Dialect.Sqlite
            ? $"(\"{word}\"{(begins ? " *" : "")}{(stem == word ? "" : $" OR \"{stem}\"")})"
            : $"('{word}'{(begins ? ":*" : "")}{(stem == word ? "" : $" | '{stem}'")})";
    }

    private static IEnumerable<string> Terms(IEnumerable<string> texts)
    {
        foreach (var word in texts.SelectMany(text => Words.Of(text, MostIndexed)).Take(MostIndexed))
        {
            yield return word;
            if (Words.Stem(word) is var stem && stem != word)
            {
                yield return stem;
            }
        }
    }
}
