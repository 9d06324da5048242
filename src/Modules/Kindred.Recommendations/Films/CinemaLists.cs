using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Films;

/// <summary>Films for one user.</summary>
public sealed record CinemaUserListResponse(string UserId, IReadOnlyList<CinemaFilmResponse> Recommendations);

/// <summary>Films for everybody.</summary>
public sealed record CinemaListResponse(IReadOnlyList<CinemaFilmResponse> Recommendations);

/// <summary>A film by its id.</summary>
public sealed record CinemaFilmResponse(string MovieId);

/// <summary>System C's recommendations, <c>/recom/v1/…</c>.</summary>
internal static class CinemaLists
{
    private const int Length = 10;

    public static async Task<IResult> OfUser(
        string user_id, HttpContext context, Collection collection, OnlyUser only, FilmLists lists, Tastes tastes, Numbers numbers, FilmNews news, AnswerCache cache, FilmSettings settings, CancellationToken cancellation, string? model = null)
    {
        if (!Guid.TryParse(user_id, out var id))
        {
            return Problems.Unprocessable("user_id is a UUID.", new FieldError("user_id", "uuid", "a UUID"));
        }

        if (model is not null && !FilmLists.IsModel(model))
        {
            return Refusals.NoModel();
        }

        // Somebody else is answered like a stranger.
        var user = id.ToString();
        if (!only.Allows(user) || await numbers.FindUserAsync(collection.Number, user, cancellation) is not { } number)
        {
            return FilmAnswers.Plain(FilmAnswers.Json(new CinemaUserListResponse(user, [])));
        }

        // Asked for by whoever comes first, made for all who wait: one caller's going away must not undo it.
        var (anew, keep) = FilmAnswers.Wish(context.Request);
        try
        {
            var answer = await cache.GetAsync($"user/{model}/{user}", tastes.StampOf(number), keep ? settings.KeepUsers : TimeSpan.Zero, anew, async () =>
            {
                var films = model is null or "userknn"
                    ? await lists.OfNeighboursAsync(number, Length, CancellationToken.None)
                    : await lists.PersonalAsync(user, model, genre: null, Length, CancellationToken.None) ?? throw new NotTrainedException(model);
                news.Tell(id, films);
                return FilmAnswers.Json(new CinemaUserListResponse(user, [.. films.Select(film => new CinemaFilmResponse(film.Id))]));
            });
            return FilmAnswers.Plain(answer.Body);
        }
        catch (NotTrainedException missing)
        {
            return Refusals.NotTrained(missing.Message);
        }
    }

    public static async Task<IResult> General(HttpContext context, FilmLists lists, FilmNews news, AnswerCache cache, FilmSettings settings)
    {
        var (anew, keep) = FilmAnswers.Wish(context.Request);
        var answer = await cache.GetAsync("general", stamp: 0, keep ? settings.KeepGeneral : TimeSpan.Zero, anew, async () =>
        {
            var films = await lists.GeneralAsync(Length, CancellationToken.None);
            news.Tell(user: null, films);
            return FilmAnswers.Json(new CinemaListResponse([.. films.Select(film => new CinemaFilmResponse(film.Id))]));
        });
        return FilmAnswers.Plain(answer.Body);
    }
}
