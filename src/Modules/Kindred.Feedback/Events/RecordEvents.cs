using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Feedback.Events;

/// <summary>An event as callers send it; the route reads it by hand, this is its description.</summary>
public sealed record EventRequest
{
    /// <summary>Makes a retry safe: the same id counts once for ever. Made and returned where missing.</summary>
    public string? Id { get; init; }

    /// <summary>Who.</summary>
    public required string User { get; init; }

    /// <summary>With what.</summary>
    public required string Item { get; init; }

    /// <summary>One of the collection's event types.</summary>
    public required string Type { get; init; }

    /// <summary>A rating, a quantity.</summary>
    public float? Value { get; init; }

    /// <summary>When, with offset; now where missing.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Anything else worth keeping, at most 4 KB.</summary>
    public JsonElement? Context { get; init; }
}

/// <summary>What became of the events; sent once they are durable.</summary>
public sealed record RecordResponse(int Accepted, int Duplicates, IReadOnlyList<RejectedRow> Rejected, IReadOnlyList<string?>? Ids);

/// <summary><c>POST /events</c>: one event or an array of them.</summary>
internal static class RecordEvents
{
    /// <summary>Most bytes of a body.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    public static async Task<IResult> Handle(HttpRequest request, Collection collection, OnlyUser only, EventLog log, Numbers numbers, TimeProvider clock, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType())
        {
            return Problems.UnsupportedMediaType("Events are sent as application/json.");
        }

        EventBody body;
        var read = await ReadAllAsync(request.BodyReader, cancellation);
        try
        {
            body = Parse(read.Buffer, collection, clock.GetUtcNow());
        }
        catch (JsonException broken)
        {
            return Problems.Invalid("The body is not what this route takes.", new FieldError("", "json", broken.Message));
        }
        finally
        {
            request.BodyReader.AdvanceTo(read.Buffer.End);
        }

        RejectStrangers(body, only);
        if (!collection.Settings.UnknownItems)
        {
            await RejectUnknownItemsAsync(body, collection, numbers, cancellation);
        }

        if (body is { Single: true, Rejected: [var fault] })
        {
            return Problems.Invalid(fault.Reason, new FieldError(fault.Pointer, fault.Code, fault.Reason));
        }

        if (await log.RecordAsync(collection, body.Events, cancellation) is not { } outcomes)
        {
            return Problems.TooMany("More events are waiting for the disk than the queue holds.", TimeSpan.FromSeconds(1));
        }

        if (body.Single && outcomes[0] == RecordOutcome.Conflict)
        {
            return Problems.Conflict("An event with this id is stored with other content; nothing was changed.", new FieldError("/id", "conflict", body.Events[0].Id));
        }

        return TypedResults.Json(Response(body, outcomes), statusCode: StatusCodes.Status202Accepted);
    }

    private static EventBody Parse(ReadOnlySequence<byte> body, Collection collection, DateTimeOffset now)
    {
        if (body.IsSingleSegment)
        {
            return EventBody.Read(body.FirstSpan, collection, now);
        }

        var bytes = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(bytes);
            return EventBody.Read(bytes.AsSpan(0, (int)body.Length), collection, now);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // The server's body limit bounds what is buffered here.
    private static async ValueTask<ReadResult> ReadAllAsync(PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            if (read.IsCompleted)
            {
                return read;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // People tell about themselves; in anybody else's name only a key may speak.
    private static void RejectStrangers(EventBody body, OnlyUser only)
    {
        for (var k = body.Events.Count - 1; k >= 0; k--)
        {
            if (!only.Allows(body.Events[k].User))
            {
                body.Rejected.Add(new RejectedRow(body.Places[k], "/user", "forbidden", "user is not you"));
                body.Events.RemoveAt(k);
                body.Places.RemoveAt(k);
            }
        }
    }

    private static async Task RejectUnknownItemsAsync(EventBody body, Collection collection, Numbers numbers, CancellationToken cancellation)
    {
        for (var k = body.Events.Count - 1; k >= 0; k--)
        {
            if (await numbers.FindItemAsync(collection.Number, body.Events[k].Item, cancellation) is null)
            {
                body.Rejected.Add(new RejectedRow(body.Places[k], "/item", "unknown", $"item \"{body.Events[k].Item}\" is not in the catalogue"));
                body.Events.RemoveAt(k);
                body.Places.RemoveAt(k);
            }
        }
    }

    private static RecordResponse Response(EventBody body, RecordOutcome[] outcomes)
    {
        var accepted = 0;
        var duplicates = 0;
        string?[]? ids = body.MadeIds ? new string?[body.Count] : null;
        for (var k = 0; k < outcomes.Length; k++)
        {
            if (ids is not null)
            {
                ids[body.Places[k]] = body.Events[k].Id;
            }

            switch (outcomes[k])
            {
                case RecordOutcome.Accepted: accepted++; break;
                case RecordOutcome.Duplicate: duplicates++; break;
                default:
                    body.Rejected.Add(new RejectedRow(body.Places[k], "/id", "conflict", $"id \"{body.Events[k].Id}\" is stored with other content; nothing was changed"));
                    break;
            }
        }

        body.Rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
        return new RecordResponse(accepted, duplicates, body.Rejected, ids);
    }
}
