using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Recommendations.Films;

/// <summary>System B's recommendations: five titles.</summary>
internal static class ClubLists
{
    private const int Length = 5;

    /// <summary>Genres that may be asked for.</summary>
    private static readonly string[] s_genres =
        ["Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"];

    private static readonly string s_wrongGenre = $"wrong genre, choose from: [{string.Join(", ", s_genres.Select(genre => $"'{genre}'"))}]";

    public static async Task<IResult> Known(
        HttpContext context, Collection collection, Caller caller, FilmLists lists, Tastes tastes, Numbers numbers, AnswerCache cache, FilmSettings settings, CancellationToken cancellation, string model = "auto")
    {
        if (!FilmLists.IsModel(model))
        {
            return Refusals.NoModel();
        }

        var user = caller.Person!.User;
        var stamp = await numbers.FindUserAsync(collection.Number, user, cancellation) is { } number ? tastes.StampOf(number) : -1;
        var (anew, keep) = FilmAnswers.Wish(context.Request);
        if (!keep)
        {
            return await lists.PersonalAsync(user, model, genre: null, Length, cancellation) is { } now ? FilmAnswers.Plain(Titles(now)) : Refusals.NotTrained(model);
        }

        try
        {
            return FilmAnswers.Tagged(
                context,
                await cache.GetAsync($"club/{model}/{user}", stamp, settings.KeepUsers, anew, async () =>
                    Titles(await lists.PersonalAsync(user, model, genre: null, Length, CancellationToken.None) ?? throw new NotTrainedException(model))),
                personal: true);
        }
        catch (NotTrainedException missing)
        {
            return Refusals.NotTrained(missing.Message);
        }
    }

    public static async Task<IResult> KnownGenre(string genre, Caller caller, FilmLists lists, CancellationToken cancellation, string model = "auto") =>
        !FilmLists.IsModel(model) ? Refusals.NoModel()
        : Find(genre) is not { } known ? WrongGenre()
        : await lists.PersonalAsync(caller.Person!.User, model, known, Length, cancellation) is { } films ? FilmAnswers.Plain(Titles(films))
        : Refusals.NotTrained(model);

    public static async Task<IResult> Everybody(HttpContext context, FilmLists lists, AnswerCache cache, FilmSettings settings, CancellationToken cancellation)
    {
        var (anew, keep) = FilmAnswers.Wish(context.Request);
        return keep
            ? FilmAnswers.Tagged(
                context, await cache.GetAsync("club", stamp: 0, settings.KeepUsers, anew, async () => Titles(await lists.BayesianAsync(genre: null, Length, CancellationToken.None))), personal: false)
            : FilmAnswers.Plain(Titles(await lists.BayesianAsync(genre: null, Length, cancellation)));
    }

    public static async Task<IResult> EverybodyGenre(string genre, FilmLists lists, CancellationToken cancellation) =>
        Find(genre) is { } known ? FilmAnswers.Plain(Titles(await lists.BayesianAsync(known, Length, cancellation))) : WrongGenre();

    // Capitals at the start of each word and each part of it, as the genres are written.
    internal static string? Find(string genre)
    {
        var letters = genre.Trim().ToLowerInvariant().ToCharArray();
        for (var k = 0; k < letters.Length; k++)
        {
            letters[k] = k == 0 || !char.IsLetter(letters[k - 1]) ? char.ToUpperInvariant(letters[k]) : letters[k];
        }

        return Array.Find(s_genres, known => known.AsSpan().SequenceEqual(letters));
    }

    private static ProblemHttpResult WrongGenre() => Problems.Coded(StatusCodes.Status404NotFound, s_wrongGenre);

    private static byte[] Titles(IReadOnlyList<Items.ItemRow> films) => FilmAnswers.Json(films.Select(film => film.Title));
}
