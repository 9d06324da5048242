using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Catalog;

/// <summary>All SQL of the catalogue. Every change gives the item the collection's next version, under the collection's row lock.</summary>
internal sealed class CatalogStore(Database database, Numbers numbers, IEnumerable<IItemsChanged> readers) : IItemReader
{
    private const string Columns = "n.number, n.id, i.title, i.categories, i.attributes, i.timestamp, i.hidden, i.deleted, i.version";
    private const string Tables = "from item_numbers n left join items i on i.collection = n.collection and i.number = n.number";

    public async IAsyncEnumerable<ItemRecord> ReadAllAsync(int collection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"select {Columns} {Tables} where n.collection = @collection order by n.number", new { collection }, commandTimeout: 0, cancellationToken: cancellation));
        while (await reader.ReadAsync(cancellation))
        {
            yield return Record(reader);
        }
    }

    public async ValueTask<IReadOnlyList<ItemRecord>> ReadChangesAsync(int collection, long afterVersion, int limit, CancellationToken cancellation) =>
        await ReadAsync(
            $"""
             select {Columns} from items i join item_numbers n on n.collection = i.collection and n.number = i.number
             where i.collection = @collection and i.version > @afterVersion order by i.version limit @limit
             """,
            new { collection, afterVersion, limit },
            cancellation);

    public async ValueTask<IReadOnlyList<ItemRecord>> ReadRangeAsync(int collection, int from, int to, CancellationToken cancellation) =>
        await ReadAsync(
            $"select {Columns} {Tables} where n.collection = @collection and n.number >= @from and n.number < @to order by n.number", new { collection, from, to }, cancellation);

    /// <summary>The items of these numbers, in no order; numbers without an item are left out.</summary>
    public async Task<List<ItemRecord>> ReadNumbersAsync(Collection collection, IEnumerable<int> numbers, CancellationToken cancellation)
    {
        // SQLite takes a bounded number of parameters, PostgreSQL an array.
        var which = database.Dialect == Dialect.Sqlite ? "n.number in @chunk" : "n.number = any(@chunk)";
        List<ItemRecord> found = [];
        foreach (var chunk in numbers.Distinct().Chunk(500))
        {
            found.AddRange(await ReadAsync($"select {Columns} {Tables} where n.collection = @collection and {which}", new { collection = collection.Number, chunk }, cancellation));
        }

        return found;
    }

    /// <summary>An item; null when the catalogue does not hold it (deleted, or known from events only).</summary>
    public async Task<ItemRecord?> FindAsync(Collection collection, string id, CancellationToken cancellation) =>
        (await ReadAsync(
            $"select {Columns} {Tables} where n.collection = @collection and n.id = @id", new { collection = collection.Number, id }, cancellation))
            .Find(item => item is { Deleted: false, Version: > 0 });

    /// <summary>Items by id, ascending, after an id; <paramref name="text"/> looks into ids and titles, ignoring ASCII case.</summary>
    public Task<List<ItemRecord>> ListAsync(Collection collection, string after, string? text, string? category, int limit, CancellationToken cancellation)
    {
        var like = database.Dialect == Dialect.Sqlite ? "like" : "ilike";
        var sql =
            $"""
             select {Columns} from item_numbers n join items i on i.collection = n.collection and i.number = n.number
             where n.collection = @collection and n.id > @after and not {Flag("i.deleted")}
             {(text is null ? "" : $"and (n.id {like} @text escape '\\' or i.title {like} @text escape '\\')")}
             {(category is null ? "" : "and i.categories like @category escape '\\'")}
             order by n.id limit @limit
             """;
        var parameters = new
        {
            collection = collection.Number,
            after,
            text = text is null ? null : $"%{Escape(text)}%",
            category = category is null ? null : $"%{Escape(JsonSerializer.Serialize(category))}%",
            limit,
        };
        return ReadAsync(sql, parameters, cancellation);
    }

    /// <summary>The newest items, newest first; those without a time last.</summary>
    public Task<List<ItemRecord>> ListNewestAsync(Collection collection, int limit, CancellationToken cancellation) =>
        ReadAsync(
            $"""
             select {Columns} from item_numbers n join items i on i.collection = n.collection and i.number = n.number
             where n.collection = @collection and not {Flag("i.deleted")} order by coalesce(i.timestamp, 0) desc, i.number desc limit @limit
             """,
            new { collection = collection.Number, limit },
            cancellation);

    /// <summary>Stores items, replacing what was there; an id twice counts once, its last entry wins.</summary>
    public async Task<IReadOnlyList<ItemRecord>> PutAsync(Collection collection, IReadOnlyList<NewItem> items, CancellationToken cancellation)
    {
        var last = items.GroupBy(item => item.Id, StringComparer.Ordinal).ToDictionary(of => of.Key, of => of.Last(), StringComparer.Ordinal);
        string[] ids = [.. last.Keys];
        var (stored, given) = await database.WriteAsync(
            async transaction =>
            {
                var all = await numbers.GetOrAddItemsAsync(transaction, collection.Number, ids, cancellation);
                var version = await NextVersionsAsync(transaction, collection, ids.Length, cancellation);
                List<ItemRecord> rows = [.. ids.Select((id, k) => Stored(last[id], all.Numbers[k], version + k))];
                await WriteAsync(transaction, collection, rows, cancellation);
                return (rows, all);
            },
            cancellation);
        numbers.RememberItems(given);
        Tell(collection, stored);
        return stored;
    }

    /// <summary>Changes an item in one transaction; null when the catalogue does not hold it, or when <paramref name="change"/> refuses.</summary>
    public async Task<ItemRecord?> ChangeAsync(Collection collection, string id, Func<ItemRecord, ItemRecord?> change, CancellationToken cancellation)
    {
        var changed = await database.WriteAsync(
            async transaction =>
            {
                var version = await NextVersionsAsync(transaction, collection, 1, cancellation);
                await using var reader = await transaction.Connection!.ExecuteReaderAsync(new CommandDefinition(
                    $"select {Columns} {Tables} where n.collection = @collection and n.id = @id", new { collection = collection.Number, id }, transaction, cancellationToken: cancellation));
                var found = await reader.ReadAsync(cancellation) ? Record(reader) : null;
                await reader.DisposeAsync();
                if (found is not { Deleted: false, Version: > 0 } || change(found) is not { } next)
                {
                    return null;
                }

                next = next with { Version = version };
                await WriteAsync(transaction, collection, [next], cancellation);
                return next;
            },
            cancellation);
        if (changed is not null)
        {
            Tell(collection, [changed]);
        }

        return changed;
    }

    /// <summary>Deletes an item: its number stays, what was said about it goes. False when the catalogue does not hold it.</summary>
    public async Task<bool> DeleteAsync(Collection collection, string id, CancellationToken cancellation) =>
        await ChangeAsync(
            collection,
            id,
            item => item with { Title = null, Categories = [], Attributes = new Dictionary<string, JsonElement>(StringComparer.Ordinal), Timestamp = null, Hidden = false, Deleted = true },
            cancellation) is not null;

    private static async Task<long> NextVersionsAsync(DbTransaction transaction, Collection collection, int count, CancellationToken cancellation) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "update collections set item_version = item_version + @count where number = @number returning item_version",
            new { count, number = collection.Number },
            transaction,
            cancellationToken: cancellation)) - count + 1;

    private static async Task WriteAsync(DbTransaction transaction, Collection collection, IReadOnlyList<ItemRecord> items, CancellationToken cancellation)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText =
            """
            insert into items(collection, number, title, categories, attributes, timestamp, hidden, deleted, version)
            values (@collection, @number, @title, @categories, @attributes, @timestamp, @hidden, @deleted, @version)
            on conflict (collection, number) do update set title = excluded.title, categories = excluded.categories, attributes = excluded.attributes,
              timestamp = excluded.timestamp, hidden = excluded.hidden, deleted = excluded.deleted, version = excluded.version
            """;
        command.AddParameter("collection", collection.Number);
        var number = command.AddParameter("number", 0);
        var title = command.AddParameter("title", null);
        var categories = command.AddParameter("categories", "");
        var attributes = command.AddParameter("attributes", "");
        var timestamp = command.AddParameter("timestamp", null);
        title.DbType = System.Data.DbType.String;
        timestamp.DbType = System.Data.DbType.Int64;
        var hidden = command.AddParameter("hidden", false);
        var deleted = command.AddParameter("deleted", false);
        var version = command.AddParameter("version", 0L);
        foreach (var item in items)
        {
            number.Value = item.Number;
            title.Value = item.Title ?? (object)DBNull.Value;
            categories.Value = JsonSerializer.Serialize(item.Categories);
            attributes.Value = JsonSerializer.Serialize(item.Attributes);
            timestamp.Value = item.Timestamp is { } at ? (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : DBNull.Value;
            hidden.Value = item.Hidden;
            deleted.Value = item.Deleted;
            version.Value = item.Version;
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static ItemRecord Stored(NewItem item, int number, long version) =>
        new(number, item.Id, item.Title, item.Categories, item.Attributes, item.Timestamp, item.Hidden, Deleted: false, version);

    private static ItemRecord Record(DbDataReader reader) => reader.IsDBNull(8)
        ? new ItemRecord(reader.GetInt32(0), reader.GetString(1), null, [], s_none, null, Hidden: false, Deleted: false, 0)
        : new ItemRecord(
            reader.GetInt32(0),
            reader.GetString(1),
            reader.IsDBNull(2) ? null : reader.GetString(2),
            JsonSerializer.Deserialize<string[]>(reader.GetString(3))!,
            JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(reader.GetString(4))!,
            reader.IsDBNull(5) ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(reader.GetInt64(5)),
            reader.GetBoolean(6),
            reader.GetBoolean(7),
            reader.GetInt64(8));

    private static readonly Dictionary<string, JsonElement> s_none = [];

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private string Flag(string column) => database.Dialect == Dialect.Sqlite ? $"{column} = 1" : column;

    private void Tell(Collection collection, IReadOnlyList<ItemRecord> items)
    {
        foreach (var reader in readers)
        {
            reader.OnItemsChanged(collection.Number, items);
        }
    }

    private async Task<List<ItemRecord>> ReadAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        List<ItemRecord> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(Record(reader));
        }

        return items;
    }
}
