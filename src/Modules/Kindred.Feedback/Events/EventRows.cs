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

    /// <summary>
    /// Inserts the events whose ids are not stored, numbered from the one after <paramref name="sequence"/>, the collection's last; moves that on, and marks
    /// the others. With them the purchases they belong to, whose ids are new.
    /// </summary>
    public abstract Task<EventRecord[]> InsertAsync(IReadOnlyList<Pending> events, IReadOnlyList<PurchaseRow> purchases, long sequence);

    public abstract void Dispose();
}

/// <summary>A purchase as it is stored.</summary>
/// <param name="Id">Its id.</param>
/// <param name="User">Number of the user.</param>
/// <param name="At">Microseconds since 1970.</param>
/// <param name="Items">Numbers of its products as a JSON array.</param>
internal readonly record struct PurchaseRow(string Id, int User, long At, string Items);

/// <summary>
/// PostgreSQL: what many single events cost is round trips, so a small group is one statement that skips ids that are stored; a large one is one binary
/// COPY, which cannot skip. Where either met a stored id its rows are taken back, the stored ones are looked up, and the rest is written again.
/// </summary>
internal sealed class PostgresEventRows(NpgsqlTransaction transaction, int collection) : EventRows
{
    // Beyond this a COPY's three round trips are less than what arrays cost.
    private const int FewEvents = 500;

    // The joins are look-ups by both columns of a key whatever the planner believes of tables that just grew: it takes one column of a key for enough
    // when it has never seen the collection.
    private const string Stored =
        """
        select given.id,
          (select u.id from user_numbers u where u.collection = e.collection and u.number = e."user"),
          (select i.id from item_numbers i where i.collection = e.collection and i.number = e.item),
          e.type, e.value, e.at, e.context
        from unnest(@ids) as given(id)
        join events e on e.collection = @collection and e.id = given.id
        """;

    private const string InsertFew =
        """
        insert into events(place, collection, id, "user", item, type, value, at, context)
        select place, $1, id, "user", item, type, value, at, context
        from unnest($2::bigint[], $3::text[], $4::int[], $5::int[], $6::int[], $7::real[], $8::bigint[], $9::text[]) as given(place, id, "user", item, type, value, at, context)
        on conflict (collection, id) do nothing
        """;

    private const string InsertPurchases =
        """
        insert into purchases(collection, id, "user", at, items)
        select $1, id, "user", at, items from unnest($2::text[], $3::int[], $4::bigint[], $5::text[]) as given(id, "user", at, items)
        """;

    private const string Move = "update collections set event_sequence = $2 where number = $1";

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

    public override async Task<EventRecord[]> InsertAsync(IReadOnlyList<Pending> events, IReadOnlyList<PurchaseRow> purchases, long sequence)
    {
        if (purchases.Count > 0 && events.Count is 0 or > FewEvents)
        {
            await using var alone = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { Purchases(purchases) } };
            await alone.ExecuteNonQueryAsync();
        }

        if (events.Count == 0)
        {
            return [];
        }

        var records = await (events.Count <= FewEvents ? InsertFewAsync(events, purchases, sequence) : InsertManyAsync(events, sequence));
        if (records is null)
        {
            await MarkStoredAsync(events);
            records = await CopyAsync([.. events.Where(pending => pending.Outcome == RecordOutcome.Accepted)], sequence);
        }

        return records;
    }

    // Null when an id was stored, with everything as before but the purchases, which stay.
    private async Task<EventRecord[]?> InsertFewAsync(IReadOnlyList<Pending> events, IReadOnlyList<PurchaseRow> purchases, long sequence)
    {
        var records = new EventRecord[events.Count];
        var places = new long[records.Length];
        for (var k = 0; k < records.Length; k++)
        {
            records[k] = events[k].Record(sequence + 1 + k);
            places[k] = EventPlace.Of(collection, records[k].Sequence);
        }

        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new(InsertFew)
                {
                    Parameters =
                    {
                        new() { Value = collection },
                        new() { Value = places },
                        new() { Value = events.Select(pending => pending.Event.Id).ToArray() },
                        new() { Value = Array.ConvertAll(records, record => record.User) },
                        new() { Value = Array.ConvertAll(records, record => record.Item) },
                        new() { Value = Array.ConvertAll(records, record => record.Type) },
                        new() { Value = Array.ConvertAll(records, record => record.Value) },
                        new() { Value = Array.ConvertAll(records, record => record.At) },
                        new() { Value = events.Select(pending => pending.Event.Context).ToArray() },
                    },
                },
                new(Move) { Parameters = { new() { Value = collection }, new() { Value = sequence + records.Length } } },
            },
        };
        if (purchases.Count > 0)
        {
            batch.BatchCommands.Add(Purchases(purchases));
        }

        await batch.ExecuteNonQueryAsync();
        if (batch.BatchCommands[0].RecordsAffected == records.Length)
        {
            return records;
        }

        await using var back = new NpgsqlCommand("delete from events where place between $1 and $2", transaction.Connection, transaction)
        {
            Parameters = { new() { Value = places[0] }, new() { Value = places[^1] } },
        };
        await back.ExecuteNonQueryAsync();
        return null;
    }

    private NpgsqlBatchCommand Purchases(IReadOnlyList<PurchaseRow> purchases) => new(InsertPurchases)
    {
        Parameters =
        {
            new() { Value = collection },
            new() { Value = purchases.Select(row => row.Id).ToArray() },
            new() { Value = purchases.Select(row => row.User).ToArray() },
            new() { Value = purchases.Select(row => row.At).ToArray() },
            new() { Value = purchases.Select(row => row.Items).ToArray() },
        },
    };

    // As the other.
    private async Task<EventRecord[]?> InsertManyAsync(IReadOnlyList<Pending> events, long sequence)
    {
        await transaction.SaveAsync("copy");
        try
        {
            return await CopyAsync(events, sequence);
        }
        catch (PostgresException repeated) when (repeated is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "events_id" })
        {
            await transaction.RollbackAsync("copy");
            return null;
        }
    }

    private async Task<EventRecord[]> CopyAsync(IReadOnlyList<Pending> events, long sequence)
    {
        // Also where nothing is left: a first try may have moved the sequence.
        var records = events.Count == 0 ? [] : await CopyRowsAsync(events, sequence);
        await using var move = new NpgsqlCommand(Move, transaction.Connection, transaction) { Parameters = { new() { Value = collection }, new() { Value = sequence + records.Length } } };
        await move.ExecuteNonQueryAsync();
        return records;
    }

    private async Task<EventRecord[]> CopyRowsAsync(IReadOnlyList<Pending> events, long sequence)
    {
        var records = new EventRecord[events.Count];
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
