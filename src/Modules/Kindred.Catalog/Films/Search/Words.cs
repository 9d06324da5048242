using System.Text;

namespace Kindred.Catalog.Films.Search;

/// <summary>
/// Text as words that find each other: lower case, Latin letters without marks, ё as е, apostrophes gone. The same for what is stored and what is
/// asked, on both databases. Works on any text, also on broken UTF-16.
/// </summary>
internal static class Words
{
    /// <summary>Longest word kept; what is longer is cut, which costs nobody anything.</summary>
    public const int MaxLength = 64;

    private const int FirstFold = 0xC0;

    // Latin-1 and Latin Extended-A from U+00C0; a space stands for a sign that is no letter. Case is gone before this is asked.
    private const string Folds =
        "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
        "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    /// <summary>The words of a text in order, at most so many.</summary>
    public static List<string> Of(string text, int most)
    {
        List<string> words = [];
        StringBuilder word = new(MaxLength);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) && rune.Value != Rune.ReplacementChar.Value)
            {
                if (word.Length < MaxLength - 1)
                {
                    Append(word, Rune.ToLowerInvariant(rune));
                }
            }
            else if (!IsJoiner(rune) && word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
                if (words.Count == most)
                {
                    return words;
                }
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    /// <summary>The words of a text with a space between; what exact titles are compared by.</summary>
    public static string Folded(string text) => string.Join(' ', Of(text, int.MaxValue));

    /// <summary>What a word and its other forms have in common.</summary>
    public static string Stem(string word) => word.Any(char.IsDigit) ? word
        : word[0] is >= 'а' and <= 'я' ? RussianStem.Of(word)
        : word[0] is >= 'a' and <= 'z' ? EnglishStem.Of(word)
        : word;

    private static void Append(StringBuilder word, Rune letter)
    {
        if (letter.Value is >= FirstFold and < FirstFold + 192 && Folds[letter.Value - FirstFold] is not ' ' and var plain)
        {
            word.Append(plain);
        }
        else if (letter.Value == 'ё')
        {
            word.Append('е');
        }
        else
        {
            word.Append(letter.ToString());
        }
    }

    // "Ocean's" is one word; so is a letter followed by a combining mark.
    private static bool IsJoiner(Rune rune) => rune.Value is '\'' or 0x2019 or 0x02BC || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.NonSpacingMark;
}
