using System.Xml.Linq;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Training.Pictures;

namespace Kindred.Service.Tests.Training;

public sealed class FilmPictureTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void E5_films_of_one_taste_have_one_colour_a_label_each_and_a_line_of_the_legend()
    {
        var titles = Enumerable.Range(0, 9).ToDictionary(film => film, film => film == 0 ? "<A & \"B\">\u0001" : $"Film {film}");
        var drawing = XDocument.Parse(FilmPicture.Of(TwoTastes(), 2, new TrainingContext { Seed = 0 }).ShouldNotBeNull().Draw(titles)).Root.ShouldNotBeNull();
        var circles = drawing.Elements(s_svg + "circle").Select(circle => circle.Attribute("fill")!.Value).ToArray();
        circles.Length.ShouldBe(9 + 2, "films, then the legend");
        circles[..6].Distinct().ShouldBe([circles[9]], "films 0 to 5 are the larger cluster");
        circles[6..9].Distinct().ShouldBe([circles[10]]);
        circles[9].ShouldNotBe(circles[10]);
        var texts = drawing.Elements(s_svg + "text").Select(text => text.Value).ToArray();
        texts.ShouldContain("cluster 1: 6 films");
        texts.ShouldContain("cluster 2: 3 films");
        texts.ShouldContain("<A & \"B\">");
        texts.ShouldContain(text => text.StartsWith("first axis: ", StringComparison.Ordinal) && text.EndsWith(" % of the variance", StringComparison.Ordinal));
    }

    [Fact]
    public void E5_the_same_ratings_and_seed_draw_the_same_picture_with_any_number_of_threads()
    {
        var titles = Enumerable.Range(0, 9).ToDictionary(film => film, film => $"Film {film}");
        var pictures = new[] { 1, 4 }.Select(threads => FilmPicture.Of(TwoTastes(), 5, new TrainingContext { Seed = 0, Threads = threads })!.Draw(titles));
        pictures.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
    }

    [Fact]
    public void E5_few_films_have_fewer_clusters_and_none_no_picture()
    {
        var one = new InteractionsBuilder();
        one.Add(0, 3, 1, rating: 8);
        FilmPicture.Of(one.Build(1, 4, withRatings: true), 5, new TrainingContext { Seed = 0 }).ShouldNotBeNull().Draw(new Dictionary<int, string>()).ShouldContain("cluster 1: 1 film<");
        FilmPicture.Of(new InteractionsBuilder().Build(1, 4, withRatings: true), 5, new TrainingContext { Seed = 0 }).ShouldBeNull();
    }

    // Twelve users like films 0 to 5, six like films 6 to 8.
    private static Interactions TwoTastes()
    {
        var builder = new InteractionsBuilder();
        for (var user = 0; user < 18; user++)
        {
            for (var film = 0; film < 9; film++)
            {
                if (film < 6 == user < 12)
                {
                    builder.Add(user, film, 1, rating: 7 + ((user + film) % 3));
                }
            }
        }

        return builder.Build(18, 9, withRatings: true);
    }
}
