using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Ratings;

/// <summary>A user to be.</summary>
public sealed record UsuarioRequest(string Nome, string Email);

/// <summary>A user by number.</summary>
public sealed record UsuarioResponse(int Id, string Nome, string Email);

/// <summary>A rating from 0 to 5.</summary>
public sealed record AvaliacaoRequest(int UsuarioId, int FilmeId, double Avaliacao);

/// <summary>A rating as it is stored.</summary>
public sealed record AvaliacaoResponse(long Id, int UsuarioId, int FilmeId, double Avaliacao);

/// <summary>System E's users and ratings: <c>/usuarios</c>, <c>/avaliacoes</c>. Ids are the collection's numbers plus one.</summary>
internal static class ClusterRatings
{
    private const int MaxName = 200;
    private const int MaxEmail = 254;
    private const int MaxPage = 1000;

    public static async Task<IResult> AddUser(UsuarioRequest request, Collection collection, Caller? caller, UsuarioStore store, TimeProvider clock, CancellationToken cancellation)
    {
        var (name, email) = (request.Nome.Trim(), request.Email.Trim());
        if (name.Length is 0 or > MaxName || name.Contains('\0', StringComparison.Ordinal))
        {
            return Problems.Unprocessable($"nome has 1 to {MaxName} characters.", new FieldError("/nome", "length", $"1 to {MaxName} characters"));
        }

        if (email.Length is < 3 or > MaxEmail || email.Contains('\0', StringComparison.Ordinal) || email.IndexOf('@', StringComparison.Ordinal) is < 1 || email[^1] == '@')
        {
            return Problems.Unprocessable("email is an e-mail address.", new FieldError("/email", "email", "an e-mail address"));
        }

        // Whoever is signed in says how they are called here; anybody else is somebody new.
        var user = caller?.Person?.User ?? Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        return await store.PutAsync(collection, user, name, email, cancellation) is { } number
            ? TypedResults.Json(new UsuarioResponse(number + 1, name, email), statusCode: StatusCodes.Status201Created)
            : Problems.Invalid("A user with this email exists.", new FieldError("/email", "duplicate", "one user an address"));
    }

    public static async Task<IResult> GetUser(string usuario_id, Collection collection, OnlyUser only, UsuarioStore store, CancellationToken cancellation) =>
        !TryNumber(usuario_id, out var id) ? NotWhole("usuario_id")
        : await store.FindAsync(collection, id - 1, only.Id, cancellation) is { } user ? TypedResults.Ok(new UsuarioResponse(id, user.Name, user.Email))
        : NoUser(id);

    public static async Task<IResult> Rate(
        AvaliacaoRequest request, Collection collection, OnlyUser only, Numbers numbers, RateItem rate, RatingStore store, CancellationToken cancellation)
    {
        if (!Scale.Clusters.Has(request.Avaliacao))
        {
            return Problems.Unprocessable("avaliacao is 0 to 5.", new FieldError("/avaliacao", "range", "0 to 5"));
        }

        if (request.UsuarioId < 1 || (await numbers.UserIdsAsync(collection.Number, [request.UsuarioId - 1], cancellation))[0] is not { } user || !only.Allows(user))
        {
            return NoUser(request.UsuarioId);
        }

        if (request.FilmeId < 1 || (await numbers.ItemIdsAsync(collection.Number, [request.FilmeId - 1], cancellation))[0] is not { } item)
        {
            return Problems.NotFound($"There is no film with ID {request.FilmeId}.");
        }

        var change = new RatingChange(RatingVerb.Put, rate.Now) { User = user, Item = item, Value = Scale.Clusters.ToProfile(request.Avaliacao), Only = only.Id };
        if (await rate.AskAsync(collection, change, cancellation) is { } refused)
        {
            return refused;
        }

        var stored = await store.FindAsync(collection, TasteKind.Rating, change.Row!.Id, cancellation);
        return TypedResults.Json(
            new AvaliacaoResponse(stored?.Place ?? 0, request.UsuarioId, request.FilmeId, request.Avaliacao), statusCode: change.Replaced ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    public static async Task<IResult> List(
        int usuario_id, Collection collection, OnlyUser only, Numbers numbers, RatingStore store, CancellationToken cancellation, int pagina = 0, int tamanho = 100)
    {
        if (pagina < 0 || tamanho is < 1 or > MaxPage)
        {
            return Problems.Unprocessable($"pagina is 0 or more, tamanho 1 to {MaxPage}.", new FieldError(pagina < 0 ? "pagina" : "tamanho", "range", "out of range"));
        }

        if (usuario_id < 1 || (await numbers.UserIdsAsync(collection.Number, [usuario_id - 1], cancellation))[0] is not { } user || !only.Allows(user))
        {
            return NoUser(usuario_id);
        }

        var ratings = await store.ListAsync(collection, TasteKind.Rating, user, (long)pagina * tamanho, tamanho, cancellation);
        return TypedResults.Ok<IReadOnlyList<AvaliacaoResponse>>(
            [.. ratings.Select(rating => new AvaliacaoResponse(rating.Place, usuario_id, rating.ItemNumber + 1, Scale.Clusters.FromProfile((float)rating.Value)))]);
    }

    private static bool TryNumber(string text, out int id) =>
        int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out id);

    private static ProblemHttpResult NotWhole(string name) => Problems.Unprocessable($"{name} is a whole number.", new FieldError(name, "type", "a whole number"));

    private static ProblemHttpResult NoUser(int id) => Problems.NotFound($"User with ID {id} not found.");
}
