using System.Globalization;

namespace Kindred.Import.Demo;

/// <summary>Makes titles no other film of the world has.</summary>
internal static class FilmTitles
{
    private const int Tries = 20;

    public static string Make(Draws draws, int language, int[] genres, HashSet<string> taken)
    {
        var title = "";
        for (var tries = 0; tries < Tries; tries++)
        {
            title = language switch
            {
                1 => Russian(draws),
                2 => Portuguese(draws),
                _ => English(draws, FilmWords.Nouns[draws.Of(genres)]),
            };
            if (taken.Add(title))
            {
                return title;
            }
        }

        // Worlds for measuring are larger than the words: the sequels begin.
        for (var part = 2; ; part++)
        {
            var sequel = string.Create(CultureInfo.InvariantCulture, $"{title} {(part > 20 ? 1000 + draws.Below(1_000_000) : part)}");
            if (taken.Add(sequel))
            {
                return sequel;
            }
        }
    }

    /// <summary>A sentence about a film in its language.</summary>
    public static string Describe(int language, string genre, int year, string director) => language switch
    {
        1 => string.Create(CultureInfo.InvariantCulture, $"{FilmWords.RussianGenres[Array.IndexOf(FilmWords.Genres, genre)]}, {year} год. Режиссёр: {director}."),
        2 => string.Create(CultureInfo.InvariantCulture, $"{FilmWords.PortugueseGenres[Array.IndexOf(FilmWords.Genres, genre)]}, {year}. Direção: {director}."),
        _ => string.Create(CultureInfo.InvariantCulture, $"{genre}, {year}. Directed by {director}."),
    };

    private static string English(Draws draws, string[] nouns)
    {
        var noun = draws.Of(nouns);
        return draws.Below(6) switch
        {
            0 => $"The {draws.Of(FilmWords.Adjectives)} {noun}",
            1 => $"The {noun} of {draws.Of(FilmWords.Places)}",
            2 => $"{draws.Of(FilmWords.Adjectives)} {noun}",
            3 => $"A {noun} at {draws.Of(FilmWords.Places)}".Replace("A A", "An A", StringComparison.Ordinal).Replace("A O", "An O", StringComparison.Ordinal)
                .Replace("A E", "An E", StringComparison.Ordinal).Replace("A I", "An I", StringComparison.Ordinal),
            4 => $"{draws.Of(FilmWords.FirstNames[0])} and the {noun}",
            _ => $"Beyond {draws.Of(FilmWords.Places)}: The {noun}",
        };
    }

    private static string Russian(Draws draws) => draws.Chance(0.5)
        ? $"{draws.Of(FilmWords.RussianAdjectives)} {draws.Of(FilmWords.RussianMasculine)}"
        : $"{draws.Of(FilmWords.RussianOpenings)} {draws.Of(FilmWords.RussianPlaces)}";

    private static string Portuguese(Draws draws) => draws.Chance(0.5)
        ? $"O {draws.Of(FilmWords.PortugueseMasculine)} {draws.Of(FilmWords.PortugueseAdjectives)}"
        : $"{draws.Of(FilmWords.PortugueseOpenings)} {draws.Of(FilmWords.PortuguesePlaces)}";
}
