using System.Text.Json;
using Kindred.Contracts;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Training.Bundles;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Training.Models;

/// <summary>One move of a collection's head.</summary>
public sealed record HeadResponse(long Version, string Run, DateTimeOffset PublishedAt);

/// <summary>A model of the live bundle.</summary>
public sealed record LiveModelResponse(string Recommender, bool Personal, long Bytes, string Sha256, IReadOnlyDictionary<string, double> Metrics);

/// <summary>What is live, and what was before.</summary>
public sealed record ModelsResponse
{
    /// <summary>The live head; null before the first model.</summary>
    public HeadResponse? Live { get; init; }

    public DateTimeOffset? TrainedAt { get; init; }

    public int? Items { get; init; }

    public int? Users { get; init; }

    public long? Events { get; init; }

    public required IReadOnlyList<LiveModelResponse> Models { get; init; }

    /// <summary>Moves of the head, newest first.</summary>
    public required IReadOnlyList<HeadResponse> History { get; init; }
}

/// <summary>The model head seen from outside.</summary>
internal static class ModelRoutes
{
    private const int HistoryLength = 20;

    /// <summary>GET /models</summary>
    public static async Task<Results<Ok<ModelsResponse>, ProblemHttpResult>> List(
        string collection, CollectionRegistry collections, TrainingStore store, PlatformSettings platform, CancellationToken cancellation)
    {
        if (collections.Find(collection) is not { } found)
        {
            return Problems.NotFound($"There is no collection \"{collection}\".");
        }

        return TypedResults.Ok(await ReadAsync(found, store, platform, cancellation));
    }

    /// <summary>POST /models:rollback: the bundle before the live one goes live again.</summary>
    public static async Task<Results<Ok<ModelsResponse>, ProblemHttpResult>> RollBack(
        string collection, CollectionRegistry collections, TrainingStore store, PlatformSettings platform, CancellationToken cancellation)
    {
        if (collections.Find(collection) is not { } found)
        {
            return Problems.NotFound($"There is no collection \"{collection}\".");
        }

        var bundles = new BundleFolder(platform.ModelsFolder);
        var live = await store.ReadAsync(found.Number, cancellation);
        var moves = await store.MovesAsync(found.Number, HistoryLength, cancellation);
        var target = live is null ? null : Rollback.Target(moves, live, move => bundles.Read(move.Bundle) is not null);
        if (live is null || target is null)
        {
            return Problems.Conflict($"{collection} has no earlier model to go back to.");
        }

        return await store.RollBackAsync(found.Number, live.Version, target, cancellation)
            ? TypedResults.Ok(await ReadAsync(found, store, platform, cancellation))
            : Problems.Conflict("Another model went live meanwhile; look at it first.");
    }

    private static async Task<ModelsResponse> ReadAsync(Collection collection, TrainingStore store, PlatformSettings platform, CancellationToken cancellation)
    {
        var head = await store.ReadAsync(collection.Number, cancellation);
        var manifest = head is null ? null : new BundleFolder(platform.ModelsFolder).Read(head.Bundle);
        return new ModelsResponse
        {
            Live = head is null ? null : Of(head),
            TrainedAt = manifest?.TrainedAt,
            Items = manifest?.Items,
            Users = manifest?.Users,
            Events = manifest?.Events,
            Models = [.. manifest?.Models.Select(model => new LiveModelResponse(model.Recommender, model.File == manifest.Personal, model.Bytes, model.Sha256, model.Metrics)) ?? []],
            History = [.. (await store.MovesAsync(collection.Number, HistoryLength, cancellation)).Select(Of)],
        };
    }

    private static HeadResponse Of(ModelHead head) => new(head.Version, head.Run, head.PublishedAt);
}

/// <summary>Where a rollback goes.</summary>
internal static class Rollback
{
    /// <summary>The newest move to an older run than the live one whose bundle is still there: twice back goes two runs back.</summary>
    public static ModelHead? Target(IReadOnlyList<ModelHead> moves, ModelHead live, Func<ModelHead, bool> exists) =>
        moves.Where(move => Number(move) < Number(live)).OrderByDescending(Number).FirstOrDefault(exists);

    private static long Number(ModelHead head) => long.Parse(head.Run, System.Globalization.CultureInfo.InvariantCulture);
}
