using System.Data.Common;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Kindred.Feedback.Events;

/// <summary>The rows of one collection inside one transaction: where SQLite and PostgreSQL differ on the hot way of an event.</summary>
internal abstract class EventRows : IDisposable
{
    public static EventRows Open(Dialect dialect, DbTransaction transaction, int collection) => dialect == Dialect.Sqlite
        ? new SqliteEventRows(transaction, collection)
        : new PostgresEventRows((NpgsqlTransaction)transaction, collection);

    /// <summary>Marks the events whose ids are stored.</summary>
    public abstract Task MarkStoredAsync(IReadOnlyList<Pending> events);

    /// <summary>Inserts the events whose ids are not stored, numbered from the sequence after <paramref name="sequence"/>, and marks the others.</summary>
    public abstract Task<EventRecord[]> InsertAsync(IReadOnlyList<Pending> events, long sequence);

    public abstract void Dispose();
}

/// <summary>
/// PostgreSQL: one binary COPY. Where it meets an id that is stored it is taken back to a savepoint, the stored ones are looked up, and
/// the rest is copied again.
/// </summary>
internal sealed class PostgresEventRows(NpgsqlTransaction transaction, int collection) : EventRows
{
    private const string Stored =
        """
        select given.id, stored.* from unnest(@ids) as given(id)
        cross join lateral (
          select u.id, i.id, e.type, e.value, e.at, e.context
          from events e
          join user_numbers u on u.collection = e.collection and u.number = e."user"
          join item_numbers i on i.collection = e.collection and i.number = e.item
          where e.collection = @collection and e.id = given.id
          limit 1) stored
        """;

    public override async Task MarkStoredAsync(IReadOnlyList<Pending> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(Stored, transaction.Connection, transaction);
        command.Parameters.AddWithValue("collection", collection);
        command.Parameters.AddWithValue("ids", events.Select(pending => pending.Event.Id).ToArray());
        await using var reader = await command.ExecuteReaderAsync();
        if (!reader.HasRows)
        {
            return;
        }

        var byId = events.ToDictionary(pending => pending.Event.Id, StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            byId[reader.GetString(0)].Found(Content(reader));
        }
    }

    public override async Task<EventRecord[]> InsertAsync(IReadOnlyList<Pending> events, long sequence)
    {
        if (events.Count == 0)
        {
            return [];
        }

        await transaction.SaveAsync("copy");
        try
        {
            return await CopyAsync(events, sequence);
        }
        catch (PostgresException repeated) when (repeated is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "events_id" })
        {
            await transaction.RollbackAsync("copy");
        }

        await MarkStoredAsync(events);
        return await CopyAsync([.. events.Where(pending => pending.Outcome == RecordOutcome.Accepted)], sequence);
    }

    private async Task<EventRecord[]> CopyAsync(IReadOnlyList<Pending> events, long sequence)
    {
        var records = new EventRecord[events.Count];
        if (records.Length == 0)
        {
            return records;
        }

        await using var copy = await transaction.Connection!.BeginBinaryImportAsync(
            "copy events(place, collection, id, \"user\", item, type, value, at, context) from stdin (format binary)");
        for (var k = 0; k < records.Length; k++)
        {
            var record = records[k] = events[k].Record(++sequence);
            await copy.StartRowAsync();
            await copy.WriteAsync(EventPlace.Of(collection, record.Sequence), NpgsqlDbType.Bigint);
            await copy.WriteAsync(collection, NpgsqlDbType.Integer);
            await copy.WriteAsync(events[k].Event.Id, NpgsqlDbType.Text);
            await copy.WriteAsync(record.User, NpgsqlDbType.Integer);
            await copy.WriteAsync(record.Item, NpgsqlDbType.Integer);
            await copy.WriteAsync(record.Type, NpgsqlDbType.Integer);
            if (record.Value is { } value)
            {
                await copy.WriteAsync(value, NpgsqlDbType.Real);
            }
            else
            {
                await copy.WriteNullAsync();
            }

            await copy.WriteAsync(record.At, NpgsqlDbType.Bigint);
            if (events[k].Event.Context is { } context)
            {
                await copy.WriteAsync(context, NpgsqlDbType.Text);
            }
            else
            {
                await copy.WriteNullAsync();
            }
        }

        await copy.CompleteAsync();
        return records;
    }

    public override void Dispose()
    {
        // Commands and the copy are disposed where they are used.
    }

    private static StoredContent Content(DbDataReader reader) => new(
        reader.GetString(1),
        reader.GetString(2),
        reader.GetInt32(3),
        reader.IsDBNull(4) ? null : reader.GetFloat(4),
        reader.GetInt64(5),
        reader.IsDBNull(6) ? null : reader.GetString(6));
}
