using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Films;

/// <summary>A film recommended by its number; people are one text.</summary>
public sealed record RecomendacaoResponse(int Id, string Titulo, string Genero, string Diretor, string Atores);

/// <summary>What a training made.</summary>
public sealed record TreinamentoResponse(int Versao, int Grupos, int Filmes);

/// <summary>System E's recommendations, <c>/filmes/{user_id}/recomendacoes</c>: what the user's cluster rates more than all do, in its order.</summary>
internal static class ClusterLists
{
    private const int Length = 5;

    // Films without a title are left out after ranking.
    private const int Looked = 50;

    public static async Task<IResult> OfUser(
        string user_id,
        HttpContext context,
        Collection collection,
        OnlyUser only,
        FilmLists lists,
        FilmClusters clusters,
        Tastes tastes,
        Numbers numbers,
        IFilmReader films,
        CancellationToken cancellation,
        bool include_seen = false,
        string model = "clusters")
    {
        if (!int.TryParse(user_id, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var id))
        {
            return Problems.Unprocessable("user_id is a whole number.", new FieldError("user_id", "type", "a whole number"));
        }

        if (!FilmLists.IsModel(model))
        {
            return Refusals.NoModel();
        }

        if (id < 1 || (await numbers.UserIdsAsync(collection.Number, [id - 1], cancellation))[0] is not { } user || !only.Allows(user))
        {
            return Problems.NotFound($"User with ID {id} not found.");
        }

        if (await tastes.CurrentAsync(cancellation) is not { } table || table.Of(id - 1).Items.Length == 0)
        {
            return TypedResults.NoContent();
        }

        if (await lists.NumbersAsync(user, model, Looked, include_seen, cancellation) is not { } ranked)
        {
            return Refusals.NotTrained(model);
        }

        if (model == "clusters" && await clusters.CurrentAsync(cancellation) is { } trained)
        {
            context.Response.Headers["X-Model-Version"] = trained.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var found = await films.FindAsync(ranked, cancellation);
        return TypedResults.Ok<IReadOnlyList<RecomendacaoResponse>>([.. ranked.Where(found.ContainsKey).Take(Length).Select(number => Response(found[number]))]);
    }

    public static async Task<IResult> Train(FilmClusters clusters, CancellationToken cancellation) => await clusters.TrainAsync(cancellation) is { } trained
        ? TypedResults.Ok(new TreinamentoResponse(trained.Version, trained.Clusters, trained.Model.Items))
        : Problems.Conflict("Nobody has rated anything yet.");

    private static RecomendacaoResponse Response(FilmRecord film) => new(
        film.Number + 1, film.Title, string.Join(", ", film.Genres), string.Join(", ", film.Directors), string.Join(", ", film.Actors));
}
