namespace Kindred.Catalog.Films.Search;

/// <summary>
/// What the forms of an English word have in common: the inflectional steps 1a, 1b, 1c and 5a of Porter's stemmer (M. F. Porter, 1980, "An algorithm
/// for suffix stripping", Program 14(3)), for words in lower case. Steps 2 to 4, which join words of different meaning, are left out.
/// Portuguese plurals in -s fall to step 1a as well.
/// </summary>
internal static class EnglishStem
{
    public static string Of(string word)
    {
        if (word.Length < 3)
        {
            return word;
        }

        word = Plural(word);
        word = Past(word);
        if (word[^1] == 'y' && HasVowel(word, word.Length - 1))
        {
            word = word[..^1] + "i";
        }

        if (word[^1] == 'e' && word.Length > 2)
        {
            var measure = Measure(word, word.Length - 1);
            if (measure > 1 || (measure == 1 && !EndsShort(word[..^1])))
            {
                word = word[..^1];
            }
        }

        return word;
    }

    // Step 1a.
    private static string Plural(string word) =>
        word[^1] != 's' || word.EndsWith("ss", StringComparison.Ordinal) ? word
        : word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("ies", StringComparison.Ordinal) ? word[..^2]
        : word[..^1];

    // Step 1b.
    private static string Past(string word)
    {
        if (word.EndsWith("eed", StringComparison.Ordinal))
        {
            return Measure(word, word.Length - 3) > 0 ? word[..^1] : word;
        }

        var cut = word.EndsWith("ing", StringComparison.Ordinal) ? 3 : word.EndsWith("ed", StringComparison.Ordinal) ? 2 : 0;
        if (cut == 0 || !HasVowel(word, word.Length - cut))
        {
            return word;
        }

        word = word[..^cut];
        return word.EndsWith("at", StringComparison.Ordinal) || word.EndsWith("bl", StringComparison.Ordinal) || word.EndsWith("iz", StringComparison.Ordinal) ? word + "e"
            : word.Length > 1 && word[^1] == word[^2] && !IsVowel(word, word.Length - 1) && word[^1] is not ('l' or 's' or 'z') ? word[..^1]
            : Measure(word, word.Length) == 1 && EndsShort(word) ? word + "e"
            : word;
    }

    // Porter's m: how often a vowel is followed by a consonant among the first letters.
    private static int Measure(string word, int length)
    {
        var measure = 0;
        for (var k = 1; k < length; k++)
        {
            measure += !IsVowel(word, k) && IsVowel(word, k - 1) ? 1 : 0;
        }

        return measure;
    }

    private static bool HasVowel(string word, int length)
    {
        for (var k = 0; k < length; k++)
        {
            if (IsVowel(word, k))
            {
                return true;
            }
        }

        return false;
    }

    // Porter's *o: consonant, vowel, consonant, the last not w, x or y.
    private static bool EndsShort(string word) =>
        word.Length > 2 && !IsVowel(word, word.Length - 1) && IsVowel(word, word.Length - 2) && !IsVowel(word, word.Length - 3) && word[^1] is not ('w' or 'x' or 'y');

    private static bool IsVowel(string word, int k) => word[k] is 'a' or 'e' or 'i' or 'o' or 'u' || (word[k] == 'y' && k > 0 && !IsVowel(word, k - 1));
}
