using Kindred.Catalog.Films.Search;
using Kindred.Platform.Storage;

namespace Kindred.Service.Tests.Films;

/// <summary>Words, stems and nearness: what search makes of text.</summary>
public sealed class SearchWordsTests
{
    [Theory]
    [InlineData("The Ocean's  Eleven!", "the oceans eleven")]
    [InlineData("O Verão de São Lourival", "o verao de sao lourival")]
    [InlineData("Ёлки-палки: Чёрный МОСТ", "елки палки черный мост")]
    [InlineData("Łódź, Ærø & Straße 12½", "lodz aro strase 12")]
    [InlineData("й ĳ Ŵ ſ ž", "й i w s z")]
    [InlineData("日本 한국", "日本 한국")]
    [InlineData("\"a* OR NEAR(b)\0;--", "a or near b")]
    [InlineData("e\u0301te\u0301", "ete")]
    [InlineData("", "")]
    [InlineData("***", "")]
    public void Text_becomes_words(string text, string words) => string.Join(' ', Words.Of(text, 100)).ShouldBe(words);

    [Fact]
    public void Broken_and_long_text_is_taken()
    {
        Words.Of("ab\uD800cd \uDC00", 10).ShouldBe(["ab", "cd"]);
        Words.Of(new string('x', 10_000), 10).ShouldHaveSingleItem().Length.ShouldBeLessThanOrEqualTo(Words.MaxLength);
        Words.Of(string.Concat(Enumerable.Repeat("word ", 10_000)), 12).Count.ShouldBe(12);
        foreach (var text in new[] { "а", "ь", "ъъъ", "стр", "нн", "ааа", "вши", "ся", "еее", "ость" })
        {
            RussianStem.Of(text).ShouldNotBeEmpty();
        }

        foreach (var text in new[] { "s", "ss", "ing", "ed", "eed", "yyy", "ies", "y", "zzz", "ee" })
        {
            EnglishStem.Of(text).ShouldNotBeEmpty();
        }
    }

    // Words of the algorithm's published list.
    [Theory]
    [InlineData("вагон", "вагон")]
    [InlineData("вагона", "вагон")]
    [InlineData("вагоне", "вагон")]
    [InlineData("вагонов", "вагон")]
    [InlineData("вагоном", "вагон")]
    [InlineData("вагоны", "вагон")]
    [InlineData("важная", "важн")]
    [InlineData("важнее", "важн")]
    [InlineData("важнейшие", "важн")]
    [InlineData("важнейшими", "важн")]
    [InlineData("важничал", "важнича")]
    [InlineData("важно", "важн")]
    [InlineData("важного", "важн")]
    [InlineData("важности", "важност")]
    [InlineData("важностью", "важност")]
    [InlineData("важною", "важн")]
    [InlineData("важный", "важн")]
    [InlineData("важных", "важн")]
    [InlineData("вазах", "ваз")]
    [InlineData("вазы", "ваз")]
    [InlineData("валандался", "валанда")]
    [InlineData("валентина", "валентин")]
    [InlineData("валериановых", "валерианов")]
    [InlineData("валетами", "валет")]
    [InlineData("пакостей", "пакост")]
    [InlineData("паклю", "пакл")]
    [InlineData("палкой", "палк")]
    [InlineData("пальбы", "пальб")]
    [InlineData("пальцами", "пальц")]
    public void Russian_forms_have_a_stem(string word, string stem) => RussianStem.Of(word).ShouldBe(stem);

    [Theory]
    [InlineData("caresses", "caress")]
    [InlineData("ponies", "poni")]
    [InlineData("caress", "caress")]
    [InlineData("cats", "cat")]
    [InlineData("feed", "feed")]
    [InlineData("agreed", "agre")]
    [InlineData("plastered", "plaster")]
    [InlineData("bled", "bled")]
    [InlineData("motoring", "motor")]
    [InlineData("sing", "sing")]
    [InlineData("hopping", "hop")]
    [InlineData("falling", "fall")]
    [InlineData("hissing", "hiss")]
    [InlineData("filing", "file")]
    [InlineData("happy", "happi")]
    [InlineData("sky", "sky")]
    [InlineData("rate", "rate")]
    [InlineData("dancing", "danc")]
    [InlineData("dance", "danc")]
    [InlineData("noites", "noit")]
    [InlineData("noite", "noit")]
    public void English_forms_have_a_stem(string word, string stem) => EnglishStem.Of(word).ShouldBe(stem);

    [Theory]
    [InlineData("поезд", "поезд", 0)]
    [InlineData("поезд", "поезт", 1)]
    [InlineData("train", "trian", 1)]
    [InlineData("train", "rain", 1)]
    [InlineData("train", "traain", 1)]
    [InlineData("tarkovsky", "tarkofski", 2)]
    [InlineData("abc", "xyz", 3)]
    [InlineData("", "ab", 2)]
    public void Distance_counts_letters(string left, string right, int distance)
    {
        Spelling.Distance(left, right, 3).ShouldBe(distance);
        Spelling.Distance(right, left, 3).ShouldBe(distance);
        Spelling.Distance(left, right, 1).ShouldBe(Math.Min(distance, 2));
    }

    [Fact]
    public void The_nearest_word_is_taken_and_of_equally_near_ones_the_frequent_one()
    {
        Spelling.Nearest("trian", [("drain", 9), ("train", 2), ("brain", 50)]).ShouldBe("train");
        Spelling.Nearest("xrain", [("drain", 9), ("train", 2), ("brain", 50)]).ShouldBe("brain");
        Spelling.Nearest("rain", [("train", 5), ("brain", 5)]).ShouldBe("brain");
        Spelling.Nearest("abc", [("abd", 5)]).ShouldBeNull("short words are near anything");
        Spelling.Nearest("elephant", [("relevant", 5)]).ShouldBe(null);
    }

    [Fact]
    public void A_question_is_made_of_letters_and_digits_only()
    {
        SearchText.Question(Dialect.Sqlite, ["поезда", "lig"], any: false).ShouldBe("(\"поезда\" OR \"поезд\") AND (\"lig\" *)");
        SearchText.Question(Dialect.Postgres, ["поезда", "lig"], any: true).ShouldBe("('поезда' | 'поезд') | ('lig':*)");
        SearchText.Vector(('A', ["Поезда"]), ('C', ["fog"])).ShouldBe("'поезда':1A 'поезд':2A 'fog':3C ");
        SearchText.Column(["Поезда", "fog"]).ShouldBe("поезда поезд fog");
    }
}
