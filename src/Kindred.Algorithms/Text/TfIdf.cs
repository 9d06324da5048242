using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Text;

/// <summary>
/// Turns texts into rows of word weights as scikit-learn's <c>TfidfVectorizer</c> does by default: lower case, words of two or more letters, digits
/// or underscores, <c>tf · idf</c> with <c>idf(w) = ln((1 + texts) / (1 + texts with w)) + 1</c>, each row scaled to length 1. Case is folded one
/// character at a time (Python also knows longer foldings, such as that of the dotted capital I). Immutable once fitted, safe for any number
/// of threads. <b>Source</b>: <c>docs/algorithms/tfidf.md</c>.
/// </summary>
public sealed class TfIdf
{
    private readonly string[] _words;
    private readonly double[] _rarity;
    private readonly Dictionary<string, int> _numbers;

    private TfIdf(string[] words, double[] rarity)
    {
        _words = words;
        _rarity = rarity;
        _numbers = new Dictionary<string, int>(words.Length, StringComparer.Ordinal);
        for (var word = 0; word < words.Length; word++)
        {
            _numbers.Add(words[word], word);
        }
    }

    /// <summary>The words by number, in ordinal order.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>idf of each word, <b>[words]</b>, 1 or more.</summary>
    public ReadOnlySpan<double> Rarity => _rarity;

    /// <summary>Learns the words of the texts and how rare they are; no texts, or none with words, make an empty vocabulary.</summary>
    public static TfIdf Fit(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var repeats = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            repeats[text] = repeats.GetValueOrDefault(text) + 1;
        }

        // Short texts repeat a lot, so each different one is cut once.
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (text, times) in repeats)
        {
            foreach (var word in Text.Words.Of(text).Distinct(StringComparer.Ordinal))
            {
                counts[word] = counts.GetValueOrDefault(word) + times;
            }
        }

        string[] words = [.. counts.Keys.Order(StringComparer.Ordinal)];
        return new TfIdf(words, Array.ConvertAll(words, word => Math.Log((1.0 + texts.Count) / (1.0 + counts[word])) + 1));
    }

    /// <summary>A row per text, <b>[texts x words]</b>; unknown words are left out, a text without known words is an empty row.</summary>
    public CsrMatrix Transform(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var starts = new long[texts.Count + 1];
        var columns = new List<int>();
        var values = new List<float>();
        var known = new Dictionary<string, (int[] Words, float[] Weights)>(StringComparer.Ordinal);
        for (var row = 0; row < texts.Count; row++)
        {
            if (!known.TryGetValue(texts[row], out var line))
            {
                known[texts[row]] = line = Transform(texts[row]);
            }

            var (words, weights) = line;
            columns.AddRange(words);
            values.AddRange(weights);
            starts[row + 1] = columns.Count;
        }

        return new CsrMatrix(_words.Length, starts, [.. columns], [.. values]);
    }

    /// <summary>The row of one text: its known words, ascending, and their weights.</summary>
    public (int[] Words, float[] Weights) Transform(string text)
    {
        var counts = new SortedDictionary<int, int>();
        foreach (var word in Text.Words.Of(text))
        {
            if (_numbers.TryGetValue(word, out var number))
            {
                counts[number] = counts.GetValueOrDefault(number) + 1;
            }
        }

        var squares = 0.0;
        foreach (var (word, count) in counts)
        {
            squares += count * _rarity[word] * count * _rarity[word];
        }

        var length = Math.Sqrt(squares);
        return ([.. counts.Keys], [.. counts.Select(entry => (float)(entry.Value * _rarity[entry.Key] / length))]);
    }
}
