using System.ComponentModel;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Kindred.Algorithms.Models;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Training.Schedule;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Training.Runs;

/// <summary>What a run is asked to do; an empty body or none asks for what the settings say.</summary>
public sealed record StartRunRequest
{
    /// <summary>Recommenders by name; left out: the collection's.</summary>
    [Description("Recommenders by name; left out: the collection's.")]
    public IReadOnlyList<string>? Recommenders { get; init; }

    /// <summary>Seed of every random choice; left out: the setting's.</summary>
    public int? Seed { get; init; }
}

/// <summary>A run as it is answered.</summary>
public sealed record RunResponse
{
    public required string Id { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>succeeded</c>, <c>refused</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>schedule</c>, <c>growth</c>, <c>hand</c> or <c>demo</c>.</summary>
    public required string Trigger { get; init; }

    public required string Stage { get; init; }

    /// <summary>In [0, 1].</summary>
    public required double Progress { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required long Items { get; init; }

    public required long Users { get; init; }

    /// <summary>Positive interactions trained on.</summary>
    public required long Events { get; init; }

    public required long LastSequence { get; init; }

    /// <summary>What was compared and decided; null until then.</summary>
    public RunSummary? Report { get; init; }

    public string? Error { get; init; }

    internal static RunResponse Of(Run run) => new()
    {
        Id = run.Id.ToString(CultureInfo.InvariantCulture),
        State = run.State,
        Trigger = run.Trigger,
        Stage = run.Stage,
        Progress = run.Progress,
        RequestedAt = run.RequestedAt.ToTime(),
        StartedAt = run.StartedAt?.ToTime(),
        FinishedAt = run.FinishedAt?.ToTime(),
        Items = run.Items,
        Users = run.Users,
        Events = run.Events,
        LastSequence = run.LastSequence,
        Report = TrainingJson.ReadReport(run.Report),
        Error = run.Error,
    };
}

/// <summary>Runs of a collection, newest first.</summary>
public sealed record RunListResponse(IReadOnlyList<RunResponse> Data, bool HasMore, string? Next);

/// <summary>Asking for runs and watching them.</summary>
internal static class RunRoutes
{
    private const int MaximumLimit = 100;
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(500);

    /// <summary>POST /runs</summary>
    public static async Task<Results<Accepted<RunResponse>, ProblemHttpResult>> Start(
        string collection, StartRunRequest? request, CollectionRegistry collections, TrainingStore store, TrainingScheduler scheduler, TrainingSettings settings,
        HttpContext http, CancellationToken cancellation)
    {
        if (collections.Find(collection) is not { } found)
        {
            return Unknown(collection);
        }

        var names = request?.Recommenders ?? [];
        if (names.Where(name => Recommenders.Find(name) is null).Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } strangers)
        {
            return Problems.Invalid(
                "A recommender is unknown.",
                [.. strangers.Select(name => new FieldError("/recommenders", "unknown", $"\"{name}\" is none of {string.Join(", ", Recommenders.All.Select(known => known.Name))}."))]);
        }

        var options = TrainingJson.Write(new RunOptions { Recommenders = names, Seed = request?.Seed });
        if (await store.RequestAsync(found.Number, RunTrigger.Hand, options, settings.LeaseTime, cancellation) is not { } run)
        {
            var active = await store.FindActiveAsync(found.Number, cancellation);
            return Problems.Conflict($"Run {active?.Id.ToString(CultureInfo.InvariantCulture) ?? "of another process"} of {collection} is under way; a collection has one at a time.");
        }

        scheduler.Wake();
        return TypedResults.Accepted($"{http.Request.PathBase}{http.Request.Path}/{run.Id}", RunResponse.Of(run));
    }

    /// <summary>GET /runs</summary>
    public static async Task<Results<Ok<RunListResponse>, ProblemHttpResult>> List(
        string collection, CollectionRegistry collections, TrainingStore store, CancellationToken cancellation, int limit = 20, string? cursor = null)
    {
        if (collections.Find(collection) is not { } found)
        {
            return Unknown(collection);
        }

        var below = long.MaxValue;
        if (limit is < 1 or > MaximumLimit)
        {
            return Problems.Invalid("A parameter is out of range.", new FieldError("limit", "range", $"limit is 1 to {MaximumLimit}."));
        }

        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out below))
        {
            return Problems.Invalid("A parameter is invalid.", new FieldError("cursor", "invalid", "A cursor is what \"next\" of the page before said."));
        }

        var runs = await store.ListAsync(found.Number, below, limit + 1, cancellation);
        var page = runs.Take(limit).Select(RunResponse.Of).ToArray();
        return TypedResults.Ok(new RunListResponse(page, runs.Count > limit, runs.Count > limit ? page[^1].Id : null));
    }

    /// <summary>GET /runs/{id}: the run, or its progress as server-sent events where the caller accepts them.</summary>
    public static async Task<Results<Ok<RunResponse>, ServerSentEventsResult<RunResponse>, ProblemHttpResult>> Get(
        string collection, string id, CollectionRegistry collections, TrainingStore store, TimeProvider clock, HttpRequest http, CancellationToken cancellation)
    {
        if (await FindAsync(collection, id, collections, store, cancellation) is not { } run)
        {
            return Problems.NotFound($"{collection} has no run {id}.");
        }

        return http.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase))
            ? TypedResults.ServerSentEvents(WatchAsync(run, store, clock, cancellation))
            : TypedResults.Ok(RunResponse.Of(run));
    }

    /// <summary>POST /runs/{id}:cancel: the process notices within a second or two.</summary>
    public static async Task<Results<Accepted<RunResponse>, ProblemHttpResult>> Cancel(
        string collection, string id, CollectionRegistry collections, TrainingStore store, CancellationToken cancellation)
    {
        if (await FindAsync(collection, id, collections, store, cancellation) is not { } run)
        {
            return Problems.NotFound($"{collection} has no run {id}.");
        }

        if (!await store.EndAsync(run.Id, token: null, RunState.Cancelled, report: null, "Cancelled by hand.", cancellation))
        {
            return Problems.Conflict($"Run {id} has ended already.");
        }

        return TypedResults.Accepted((string?)null, RunResponse.Of((await store.FindAsync(run.Id, cancellation))!));
    }

    private static async Task<Run?> FindAsync(string collection, string id, CollectionRegistry collections, TrainingStore store, CancellationToken cancellation) =>
        collections.Find(collection) is { } found
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && await store.FindAsync(number, cancellation) is { } run && run.Collection == found.Number
            ? run
            : null;

    private static async IAsyncEnumerable<SseItem<RunResponse>> WatchAsync(
        Run run, TrainingStore store, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Run? told = null;
        for (var current = run; ; current = await store.FindAsync(run.Id, cancellation) ?? current)
        {
            if (current != told)
            {
                told = current;
                yield return new SseItem<RunResponse>(RunResponse.Of(current), RunState.IsActive(current.State) ? "progress" : "ended");
            }

            if (!RunState.IsActive(current.State))
            {
                yield break;
            }

            await Task.Delay(s_watch, clock, cancellation);
        }
    }

    private static ProblemHttpResult Unknown(string collection) => Problems.NotFound($"There is no collection \"{collection}\".");
}
