namespace Kindred.Catalog.Films.Search;

/// <summary>
/// What the forms of a Russian word have in common, by the rules of Porter's Snowball stemmer for Russian (M. Porter, 2001, "Russian stemming
/// algorithm"), for words in lower case with е for ё. Where it departs: none known; our tests hold words of its published list.
/// </summary>
internal static class RussianStem
{
    // Each list longest first: the longest ending that fits is taken.
    private static readonly string[] s_gerundsAfterA = ["вшись", "вши", "в"];
    private static readonly string[] s_gerunds = ["ившись", "ывшись", "ивши", "ывши", "ив", "ыв"];

    private static readonly string[] s_adjectives =
    [
        "ими", "ыми", "его", "ого", "ему", "ому", "ее", "ие", "ые", "ое", "ей", "ий", "ый", "ой", "ем", "им", "ым", "ом", "их", "ых", "ую", "юю", "ая", "яя", "ою", "ею",
    ];

    private static readonly string[] s_participlesAfterA = ["ем", "нн", "вш", "ющ", "щ"];
    private static readonly string[] s_participles = ["ивш", "ывш", "ующ"];
    private static readonly string[] s_reflexives = ["ся", "сь"];
    private static readonly string[] s_verbsAfterA = ["ете", "йте", "ешь", "нно", "ла", "на", "ли", "ем", "ло", "но", "ет", "ют", "ны", "ть", "й", "л", "н"];

    private static readonly string[] s_verbs =
    [
        "ейте", "уйте", "ила", "ыла", "ена", "ите", "или", "ыли", "ило", "ыло", "ено", "ует", "уют", "ены", "ить", "ыть", "ишь", "ей", "уй", "ил", "ыл", "им", "ым", "ен", "ят", "ит",
        "ыт", "ую", "ю",
    ];

    private static readonly string[] s_nouns =
    [
        "иями", "ями", "ами", "ией", "иям", "ием", "иях", "ев", "ов", "ие", "ье", "еи", "ии", "ей", "ой", "ий", "ям", "ем", "ам", "ом", "ах", "ях", "ию", "ью", "ия", "ья", "а", "е", "и",
        "й", "о", "у", "ы", "ь", "ю", "я",
    ];

    private static readonly string[] s_superlatives = ["ейше", "ейш"];
    private static readonly string[] s_derivations = ["ость", "ост"];

    public static string Of(string word)
    {
        var start = AfterVowel(word, 0);
        if (start < 0)
        {
            return word;
        }

        var second = AfterConsonant(word, AfterConsonant(word, 0) is > 0 and var first ? first : word.Length);
        var stem = Inflected(word, start);
        stem = stem.Length > start && stem[^1] == 'и' ? stem[..^1] : stem;
        if (second > 0 && Ending(stem, second, s_derivations) is { } derived)
        {
            stem = stem[..^derived.Length];
        }

        if (Ending(stem, start, s_superlatives) is { } superlative)
        {
            stem = stem[..^superlative.Length];
        }
        else if (stem.Length > start && stem[^1] == 'ь')
        {
            return stem[..^1];
        }

        return stem.Length - start >= 2 && stem.EndsWith("нн", StringComparison.Ordinal) ? stem[..^1] : stem;
    }

    private static string Inflected(string word, int start)
    {
        if (EndingOf(word, start, s_gerundsAfterA, s_gerunds) is { } gerund)
        {
            return word[..^gerund.Length];
        }

        if (Ending(word, start, s_reflexives) is { } reflexive)
        {
            word = word[..^reflexive.Length];
        }

        if (Ending(word, start, s_adjectives) is { } adjective)
        {
            word = word[..^adjective.Length];
            return EndingOf(word, start, s_participlesAfterA, s_participles) is { } participle ? word[..^participle.Length] : word;
        }

        return (EndingOf(word, start, s_verbsAfterA, s_verbs) ?? Ending(word, start, s_nouns)) is { } ending ? word[..^ending.Length] : word;
    }

    // Of both lists the longer one; the first list's only after а or я, which stays.
    private static string? EndingOf(string word, int start, string[] afterA, string[] others)
    {
        var other = Ending(word, start, others);
        var after = Array.Find(afterA, ending =>
            word.Length - ending.Length > start && word.EndsWith(ending, StringComparison.Ordinal) && word[^(ending.Length + 1)] is 'а' or 'я');
        return after is null || (other is not null && other.Length > after.Length) ? other : after;
    }

    private static string? Ending(string word, int start, string[] endings) =>
        Array.Find(endings, ending => word.Length - ending.Length >= start && word.EndsWith(ending, StringComparison.Ordinal));

    // Where the part after the first vowel begins; -1 without one.
    private static int AfterVowel(string word, int from)
    {
        for (var k = from; k < word.Length; k++)
        {
            if (IsVowel(word[k]))
            {
                return k + 1;
            }
        }

        return -1;
    }

    // Where the part after the first consonant that follows a vowel begins; -1 without one.
    private static int AfterConsonant(string word, int from)
    {
        for (var k = from + 1; k < word.Length; k++)
        {
            if (!IsVowel(word[k]) && IsVowel(word[k - 1]))
            {
                return k + 1;
            }
        }

        return -1;
    }

    private static bool IsVowel(char letter) => letter is 'а' or 'е' or 'и' or 'о' or 'у' or 'ы' or 'э' or 'ю' or 'я';
}
