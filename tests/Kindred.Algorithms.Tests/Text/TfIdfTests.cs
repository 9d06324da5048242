using Kindred.Algorithms.Text;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Text;

public sealed class TfIdfTests
{
    private static readonly string[] s_texts = ["Red apple", "green apple", "Red red wine"];

    [Fact]
    public void Example_of_the_page()
    {
        var words = TfIdf.Fit(s_texts);
        words.Words.ShouldBe(["apple", "green", "red", "wine"]);
        words.Rarity.ToArray().ShouldBe([1.287682, 1.693147, 1.287682, 1.693147], 1e-6);
        var rows = words.Transform(s_texts);
        rows.RowColumns(0).ToArray().ShouldBe([0, 2]);
        rows.RowValues(0).ToArray().ShouldBe([0.707107f, 0.707107f], 1e-6);
        rows.RowColumns(1).ToArray().ShouldBe([0, 1]);
        rows.RowValues(1).ToArray().ShouldBe([0.605349f, 0.795961f], 1e-6);
        rows.RowColumns(2).ToArray().ShouldBe([2, 3]);
        rows.RowValues(2).ToArray().ShouldBe([0.835592f, 0.549351f], 1e-6);
    }

    [Fact]
    public void Words_are_cut_as_scikit_learn_cuts_them()
    {
        // Expected values are those of TfidfVectorizer 1.2.1, its columns in the order of code points.
        string[] texts = ["Été à la plage — 2x4 3½", "naïve_été ÉTÉ", "a b c", "東京 東京タワー ②③ x²"];
        var words = TfIdf.Fit(texts);
        words.Words.ShouldBe(["2x4", "3½", "la", "naïve_été", "plage", "x²", "été", "②③", "東京", "東京タワー"]);
        words.Rarity[6].ShouldBe(1.51082562, 1e-8);
        words.Rarity[0].ShouldBe(1.91629073, 1e-8);
        var rows = words.Transform(texts);
        rows.RowValues(0).ToArray().ShouldBe([0.46516193f, 0.46516193f, 0.46516193f, 0.46516193f, 0.36673901f], 1e-6);
        rows.RowValues(1).ToArray().ShouldBe([0.78528828f, 0.6191303f], 1e-6);
        rows.RowLength(2).ShouldBe(0);
        rows.RowValues(3).ToArray().ShouldBe([0.5f, 0.5f, 0.5f, 0.5f], 1e-6);
    }

    [Fact]
    public void Words_outside_the_basic_plane_and_broken_pairs_are_read()
    {
        var word = "\U0001D400\U0001D401"; // two mathematical capitals, letters of two units each
        TfIdf.Fit([$"x {word}!", "\uD835 ab", "cd\uD835ef"]).Words.ShouldBe(["ab", "cd", "ef", word]);
    }

    [Fact]
    public void Unknown_words_are_left_out()
    {
        var words = TfIdf.Fit(s_texts);
        var (columns, weights) = words.Transform("blue WINE bottle");
        columns.ShouldBe([3]);
        weights.ShouldBe([1f]);
        words.Transform("blue bottle").Words.ShouldBeEmpty();
        words.Transform("").Words.ShouldBeEmpty();
    }

    [Fact]
    public void No_texts_make_an_empty_vocabulary()
    {
        TfIdf.Fit([]).Words.ShouldBeEmpty();
        var rows = TfIdf.Fit(["a", "!"]).Transform(["a", "wine"]);
        (rows.Rows, rows.Columns, rows.NonZeros).ShouldBe((2, 0, 0));
    }
}
