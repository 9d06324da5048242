using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Kindred.Recommendations.Generation;

/// <summary>Whose list to make.</summary>
public sealed record GenerateRequest(string UserId);

/// <summary>A generation has begun; <c>Location</c> leads to its job.</summary>
public sealed record GenerationResponse(string Status);

/// <summary>The state of a generation: <c>queued</c>, <c>done</c> or <c>failed</c>.</summary>
public sealed record GenerationJobResponse(string Id, string UserId, string State, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>The best product for a user.</summary>
public sealed record RecommendedProductResponse(string UserId, string Product);

/// <summary>The best products for a user.</summary>
public sealed record RecommendedProductsResponse(string UserId, string Product, string Model, DateTimeOffset? GeneratedAt, IReadOnlyList<RankedProductResponse> Recommendations);

/// <summary>One of them.</summary>
public sealed record RankedProductResponse(int Rank, string Product, double Score);

/// <summary>System A: lists are made on demand in the background and read when they are there.</summary>
internal static class GenerationRoutes
{
    private const string CoPurchase = "copurchase";
    private const string Auto = "auto";
    private static readonly GenerationResponse s_started = new("recommendations_generation_started");

    public static async Task<Results<Created<GenerationResponse>, ProblemHttpResult>> Start(
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] GenerateRequest? request, Collection collection, OnlyUser only, Numbers numbers, GenerationStore store, CancellationToken cancellation, string? user_id = null)
    {
        if (request is not null && user_id is not null && request.UserId != user_id)
        {
            return Problems.Unprocessable("The body and the query name two users.", new FieldError("user_id", "ambiguous", "give it once"));
        }

        if (Check(request?.UserId ?? user_id) is { } fault)
        {
            return fault;
        }

        var user = (request?.UserId ?? user_id)!;
        if (!only.Allows(user) || await numbers.FindUserAsync(collection.Number, user, cancellation) is not { } number)
        {
            return Problems.NotFound($"There is no user with ID {user}.");
        }

        var job = await store.StartAsync(collection.Number, number, cancellation);
        return TypedResults.Created($"/recommendations/jobs/{job}", s_started);
    }

    public static async Task<Results<Ok<GenerationJobResponse>, ProblemHttpResult>> Job(
        string id, Collection collection, OnlyUser only, Numbers numbers, GenerationStore store, CancellationToken cancellation)
    {
        if (await store.FindJobAsync(collection.Number, id, cancellation) is not { } job
            || (await numbers.UserIdsAsync(collection.Number, [job.UserNumber], cancellation))[0] is not { } user
            || !only.Allows(user))
        {
            return Problems.NotFound($"There is no generation with id {id}.");
        }

        return TypedResults.Ok(new GenerationJobResponse(
            job.Id, user, job.State, job.Error, DateTimeOffset.FromUnixTimeMilliseconds(job.CreatedAt), job.FinishedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null));
    }

    public static Task<IResult> OfQuery(
        Collection collection, OnlyUser only, LocalRecommendations recommendations, GeneratedLists lists, CancellationToken cancellation, string? user_id = null, int? n = null, string? model = null) =>
        ReadAsync(user_id, n, model, collection, only, recommendations, lists, cancellation);

    public static Task<IResult> OfPath(
        string user_id, Collection collection, OnlyUser only, LocalRecommendations recommendations, GeneratedLists lists, CancellationToken cancellation, int? n = null, string? model = null) =>
        ReadAsync(user_id, n, model, collection, only, recommendations, lists, cancellation);

    private static async Task<IResult> ReadAsync(
        string? user, int? n, string? model, Collection collection, OnlyUser only, LocalRecommendations recommendations, GeneratedLists lists, CancellationToken cancellation)
    {
        if (Check(user) is { } fault)
        {
            return fault;
        }

        if (n is < 1 or > ListQuery.MaxN)
        {
            return Problems.Unprocessable($"n is 1 to {ListQuery.MaxN}.", new FieldError("n", "range", $"1 to {ListQuery.MaxN}"));
        }

        if (model is not (null or CoPurchase or Auto))
        {
            return Problems.Unprocessable($"model is {CoPurchase} or {Auto}.", new FieldError("model", "unknown", $"{CoPurchase} or {Auto}"));
        }

        var list = !only.Allows(user) ? null
            : model == Auto ? await AutoAsync(user!, n, collection, recommendations, cancellation)
            : await GeneratedAsync(user!, n, collection, recommendations, lists, cancellation);
        return list is null ? Problems.NotFound($"There are no recommendations for user with ID {user}.")
            : n is null ? TypedResults.Ok(new RecommendedProductResponse(list.UserId, list.Product))
            : TypedResults.Ok(list);
    }

    // What was hidden, deleted or bought since the list was made is passed over.
    private static async Task<RecommendedProductsResponse?> GeneratedAsync(
        string user, int? n, Collection collection, LocalRecommendations recommendations, GeneratedLists lists, CancellationToken cancellation)
    {
        var served = (await recommendations.FindAsync(collection.Name, cancellation))!;
        var (number, profile) = await recommendations.ProfileAsync(served, user, cancellation);
        var list = number < 0 ? [] : await lists.GetAsync(collection.Number, number, cancellation);
        var products = new List<RankedProductResponse>(n ?? 1);
        foreach (var line in list)
        {
            if (products.Count == (n ?? 1))
            {
                break;
            }

            if (served.Items[line.Item] is { Answerable: true } row && !profile.Seen.AsSpan().Contains(line.Item))
            {
                products.Add(new RankedProductResponse(products.Count + 1, row.Id, line.Score));
            }
        }

        return products.Count == 0 ? null : new RecommendedProductsResponse(user, products[0].Product, CoPurchase, DateTimeOffset.FromUnixTimeMilliseconds(list[0].GeneratedAt), products);
    }

    private static async Task<RecommendedProductsResponse?> AutoAsync(string user, int? n, Collection collection, LocalRecommendations recommendations, CancellationToken cancellation)
    {
        var answer = await recommendations.RecommendAsync(collection.Name, user, new ListQuery { N = n ?? 1 }, cancellation);
        return answer is not { Data.Count: > 0 } ? null : new RecommendedProductsResponse(
            user, answer.Data[0].Item, answer.Model?.Recommender ?? "popularity", GeneratedAt: null, [.. answer.Data.Select(slot => new RankedProductResponse(slot.Rank, slot.Item, slot.Score))]);
    }

    private static ProblemHttpResult? Check(string? user) =>
        user is null ? Problems.Unprocessable("user_id is missing.", new FieldError("user_id", "required", "user_id is missing"))
        : Ids.Check(user) is { } bad ? Problems.Unprocessable($"user_id {bad}.", new FieldError("user_id", "id", $"user_id {bad}"))
        : null;
}
