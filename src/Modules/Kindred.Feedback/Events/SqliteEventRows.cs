using System.Data.Common;
using System.Text;
using Kindred.Contracts;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kindred.Feedback.Events;

/// <summary>
/// SQLite: two prepared statements on the raw handle. Through ADO.NET each event costs a dozen boxed parameters; here it costs a UTF-8 copy of its id.
/// </summary>
internal sealed class SqliteEventRows(DbTransaction transaction, int collection) : EventRows
{
    private const string Stored =
        """
        select u.id, i.id, e.type, e.value, e.at, e.context
        from events e
        join user_numbers u on u.collection = e.collection and u.number = e.user
        join item_numbers i on i.collection = e.collection and i.number = e.item
        where e.collection = ?1 and e.id = ?2
        """;

    private const string Insert =
        """
        insert into events(place, collection, id, user, item, type, value, at, context) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (collection, id) do nothing
        """;

    private readonly sqlite3 _handle = ((SqliteConnection)transaction.Connection!).Handle!;
    private byte[] _text = new byte[1024];
    private sqlite3_stmt? _stored;
    private sqlite3_stmt? _insert;

    public override Task MarkStoredAsync(IReadOnlyList<Pending> events)
    {
        foreach (var pending in events)
        {
            MarkStored(pending);
        }

        return Task.CompletedTask;
    }

    public override Task<EventRecord[]> InsertAsync(IReadOnlyList<Pending> events, IReadOnlyList<PurchaseRow> purchases, long sequence)
    {
        InsertPurchases(purchases);
        var statement = _insert ??= Prepare(Insert);
        Check(raw.sqlite3_bind_int(statement, 2, collection));
        List<EventRecord> records = new(events.Count);
        foreach (var pending in events)
        {
            var record = pending.Record(sequence + 1);
            Check(raw.sqlite3_bind_int64(statement, 1, EventPlace.Of(collection, record.Sequence)));
            Bind(statement, 3, pending.Event.Id);
            Check(raw.sqlite3_bind_int(statement, 4, record.User));
            Check(raw.sqlite3_bind_int(statement, 5, record.Item));
            Check(raw.sqlite3_bind_int(statement, 6, record.Type));
            Check(record.Value is { } value ? raw.sqlite3_bind_double(statement, 7, value) : raw.sqlite3_bind_null(statement, 7));
            Check(raw.sqlite3_bind_int64(statement, 8, record.At));
            if (pending.Event.Context is { } context)
            {
                Bind(statement, 9, context);
            }
            else
            {
                Check(raw.sqlite3_bind_null(statement, 9));
            }

            Step(statement);
            Check(raw.sqlite3_reset(statement));
            if (raw.sqlite3_changes(_handle) == 1)
            {
                records.Add(record);
                sequence++;
            }
            else
            {
                MarkStored(pending);
            }
        }

        if (records.Count > 0)
        {
            using var move = Prepare("update collections set event_sequence = ?2 where number = ?1");
            Check(raw.sqlite3_bind_int(move, 1, collection));
            Check(raw.sqlite3_bind_int64(move, 2, sequence));
            Step(move);
        }

        return Task.FromResult(records.ToArray());
    }

    public override void Dispose()
    {
        _stored?.Dispose();
        _insert?.Dispose();
    }

    private void InsertPurchases(IReadOnlyList<PurchaseRow> purchases)
    {
        if (purchases.Count == 0)
        {
            return;
        }

        using var statement = Prepare("insert into purchases(collection, id, user, at, items) values (?1, ?2, ?3, ?4, ?5)");
        Check(raw.sqlite3_bind_int(statement, 1, collection));
        foreach (var purchase in purchases)
        {
            Bind(statement, 2, purchase.Id);
            Check(raw.sqlite3_bind_int(statement, 3, purchase.User));
            Check(raw.sqlite3_bind_int64(statement, 4, purchase.At));
            Bind(statement, 5, purchase.Items);
            Step(statement);
            Check(raw.sqlite3_reset(statement));
        }
    }

    private void MarkStored(Pending pending)
    {
        if (_stored is null)
        {
            _stored = Prepare(Stored);
            Check(raw.sqlite3_bind_int(_stored, 1, collection));
        }

        Bind(_stored, 2, pending.Event.Id);
        if (Step(_stored))
        {
            pending.Found(new StoredContent(
                raw.sqlite3_column_text(_stored, 0).utf8_to_string(),
                raw.sqlite3_column_text(_stored, 1).utf8_to_string(),
                raw.sqlite3_column_int(_stored, 2),
                raw.sqlite3_column_type(_stored, 3) == raw.SQLITE_NULL ? null : (float)raw.sqlite3_column_double(_stored, 3),
                raw.sqlite3_column_int64(_stored, 4),
                raw.sqlite3_column_type(_stored, 5) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(_stored, 5).utf8_to_string()));
        }

        Check(raw.sqlite3_reset(_stored));
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return statement;
    }

    // SQLite copies the bytes while binding, so one buffer serves all.
    private void Bind(sqlite3_stmt statement, int index, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < most)
        {
            _text = new byte[most];
        }

        var length = Encoding.UTF8.GetBytes(text, _text);
        Check(raw.sqlite3_bind_text(statement, index, _text.AsSpan(0, length)));
    }

    private bool Step(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        var message = raw.sqlite3_errmsg(_handle).utf8_to_string();
        raw.sqlite3_reset(statement);
        throw new SqliteException(message, result, raw.sqlite3_extended_errcode(_handle));
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(_handle).utf8_to_string(), result, raw.sqlite3_extended_errcode(_handle));
        }
    }
}
