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

    /// <summary>Inserts events; the records carry their numbers, in the same order.</summary>
    public abstract Task InsertAsync(IReadOnlyList<Pending> events, EventRecord[] records);

    public abstract void Dispose();
}

/// <summary>PostgreSQL: one look-up by an array of ids, one binary COPY.</summary>
internal sealed class PostgresEventRows(NpgsqlTransaction transaction, int collection) : EventRows
{
    private const string Stored =
        """
        select e.id, u.id, i.id, e.type, e.value, e.at, e.context
        from events e
        join user_numbers u on u.collection = e.collection and u.number = e."user"
        join item_numbers i on i.collection = e.collection and i.number = e.item
        where e.collection = @collection and e.id = any(@ids)
        """;

    public override async Task MarkStoredAsync(IReadOnlyList<Pending> events)
    {
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

    public override async Task InsertAsync(IReadOnlyList<Pending> events, EventRecord[] records)
    {
        if (records.Length == 0)
        {
            return;
        }

        await using var copy = await transaction.Connection!.BeginBinaryImportAsync(
            "copy events(collection, sequence, id, \"user\", item, type, value, at, context) from stdin (format binary)");
        for (var k = 0; k < records.Length; k++)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(collection, NpgsqlDbType.Integer);
            await copy.WriteAsync(records[k].Sequence, NpgsqlDbType.Bigint);
            await copy.WriteAsync(events[k].Event.Id, NpgsqlDbType.Text);
            await copy.WriteAsync(records[k].User, NpgsqlDbType.Integer);
            await copy.WriteAsync(records[k].Item, NpgsqlDbType.Integer);
            await copy.WriteAsync(records[k].Type, NpgsqlDbType.Integer);
            if (records[k].Value is { } value)
            {
                await copy.WriteAsync(value, NpgsqlDbType.Real);
            }
            else
            {
                await copy.WriteNullAsync();
            }

            await copy.WriteAsync(records[k].At, NpgsqlDbType.Bigint);
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
