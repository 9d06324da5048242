using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Platform.Messaging;

/// <summary>A message a queue could not handle.</summary>
public sealed record ParkedMessage
{
    /// <summary>The queue.</summary>
    public string Queue { get; init; } = "";

    /// <summary>Id of the message.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its topic.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Its body.</summary>
    public string Body { get; init; } = "";

    /// <summary>Why the last try failed.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Tries made.</summary>
    public long Tries { get; init; }

    /// <summary>When it was written down, in milliseconds since 1970.</summary>
    public long CreatedAt { get; init; }

    /// <summary>When it was parked, in milliseconds since 1970.</summary>
    public long ParkedAt { get; init; }
}

/// <summary>The dead letters: kept with their reason until somebody sends them again or deletes them.</summary>
public sealed class ParkedMessages(Database database, Outbox outbox, TimeProvider clock)
{
    private const int LongestReason = 2000;
    private const string Columns = "queue as Queue, id as Id, topic as Topic, body as Body, reason as Reason, tries as Tries, created_at as CreatedAt, parked_at as ParkedAt";

    /// <summary>Parked messages, of one queue or of all, oldest first.</summary>
    public async Task<IReadOnlyList<ParkedMessage>> ListAsync(string? queue, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<ParkedMessage>(new CommandDefinition(
            $"select {Columns} from parked_messages where (@queue is null or queue = @queue) order by parked_at, queue, id limit @limit",
            new { queue, limit },
            cancellationToken: cancellation))).AsList();
    }

    /// <summary>The parked messages of an id: one a queue that could not handle it.</summary>
    public async Task<IReadOnlyList<ParkedMessage>> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<ParkedMessage>(new CommandDefinition(
            $"select {Columns} from parked_messages where id = @id order by queue", new { id = id.ToString() }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Sends the parked messages of an id, or of a queue, or of both, once more, each to the queue that parked it; returns how many.</summary>
    public Task<int> ReplayAsync(Guid? id, string? queue, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var taken = await TakeAsync(id, queue, transaction, cancellation);
            foreach (var one in taken)
            {
                // The same message may be parked by several queues; in the outbox an id stands once, so each replay has its own, and so has its inbox.
                await outbox.InsertAsync(new Message(Guid.CreateVersion7(clock.GetUtcNow()), one.Topic, one.Body, DateTimeOffset.FromUnixTimeMilliseconds(one.CreatedAt), one.Queue), transaction, cancellation);
            }

            return taken.Count;
        },
        cancellation);

    /// <summary>Deletes the parked messages of an id, or of a queue, or of both; returns how many.</summary>
    public Task<int> DeleteAsync(Guid? id, string? queue, CancellationToken cancellation) =>
        database.WriteAsync(async transaction => (await TakeAsync(id, queue, transaction, cancellation)).Count, cancellation);

    internal Task ParkAsync(string queue, Message message, int tries, string reason, CancellationToken cancellation) => database.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            insert into parked_messages(queue, id, topic, body, reason, tries, created_at, parked_at) values (@queue, @id, @Topic, @Body, @reason, @tries, @created, @now)
            on conflict(queue, id) do update set reason = excluded.reason, tries = excluded.tries, parked_at = excluded.parked_at
            """,
            new
            {
                queue,
                id = message.Id.ToString(),
                message.Topic,
                message.Body,
                reason = reason.Length > LongestReason ? reason[..LongestReason] : reason,
                tries,
                created = message.CreatedAt.ToUnixTimeMilliseconds(),
                now = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            },
            transaction,
            cancellationToken: cancellation)),
        cancellation);

    private static async Task<List<ParkedMessage>> TakeAsync(Guid? id, string? queue, DbTransaction transaction, CancellationToken cancellation)
    {
        if (id is null && queue is null)
        {
            throw new ArgumentException("Say which messages: an id, a queue or both.");
        }

        return (await transaction.Connection!.QueryAsync<ParkedMessage>(new CommandDefinition(
            $"delete from parked_messages where (@id is null or id = @id) and (@queue is null or queue = @queue) returning {Columns}",
            new { id = id?.ToString(), queue },
            transaction,
            cancellationToken: cancellation))).OrderBy(one => one.CreatedAt).ThenBy(one => one.Id, StringComparer.Ordinal).ToList();
    }
}
