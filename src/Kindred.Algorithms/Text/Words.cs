using System.Text;

namespace Kindred.Algorithms.Text;

/// <summary>Cuts a text into words: runs of two or more letters, digits, other numerals or underscores, in lower case.</summary>
internal static class Words
{
    public static IEnumerable<string> Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Cut(text.ToLowerInvariant());
    }

    private static IEnumerable<string> Cut(string text)
    {
        var start = 0;
        var length = 0;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetter(rune) || Rune.IsNumber(rune) || rune.Value == '_')
            {
                start = length == 0 ? at : start;
                length++;
            }
            else
            {
                if (length > 1)
                {
                    yield return text[start..at];
                }

                length = 0;
            }

            // A lone half of a pair is read as the replacement character, which has the same length of one.
            at += rune.Utf16SequenceLength;
        }

        if (length > 1)
        {
            yield return text[start..];
        }
    }
}
