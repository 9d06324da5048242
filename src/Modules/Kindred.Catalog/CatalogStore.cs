using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Kindred.Catalog.Films;
using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Catalog;

/// <summary>All SQL of the catalogue. Every change gives the item the collection's next version, under the collection's row lock.</summary>
internal sealed class CatalogStore(Database database, Numbers numbers, IEnumerable<IItemsChanged> readers, FilmTables? films = null) : IItemReader
{
    private const string Columns = "n.number, n.id, i.title, i.categories, i.attributes, i.timestamp, i.hidden, i.deleted, i.version";
    private const string Tables = "from item_numbers n left join items i on i.collection = n.collection and i.number = n.number";

    private const int CatchUpRows = 1000;

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

    /// <summary>Items with a title that are neither hidden nor deleted, by number, after a number.</summary>
    public Task<List<ItemRecord>> ListShownAsync(Collection collection, int after, int limit, CancellationToken cancellation) =>
        ReadAsync(
            $"""
             select {Columns} from items i join item_numbers n on n.collection = i.collection and n.number = i.number
             where i.collection = @collection and i.number > @after and not {Flag("i.deleted")} and not {Flag("i.hidden")} and i.title is not null order by i.number limit @limit
             """,
            new { collection = collection.Number, after, limit },
            cancellation);

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
        var change = await database.WriteAsync(transaction => PutAsync(transaction, collection, [.. last.Values], describe: null, cancellation), cancellation);
        Settle(collection, change);
        return change.Items;
    }

    /// <summary>
    /// Stores items with distinct ids in the caller's transaction; after its commit the caller says <see cref="Settle"/>. <paramref name="describe"/> says
    /// more of a film than its item can.
    /// </summary>
    public async Task<ItemChange> PutAsync(
        DbTransaction transaction, Collection collection, IReadOnlyList<NewItem> items, Func<ItemRecord, FilmRow>? describe, CancellationToken cancellation)
    {
        var given = await numbers.GetOrAddItemsAsync(transaction, collection.Number, [.. items.Select(item => item.Id)], cancellation);
        var version = await NextVersionsAsync(transaction, collection, items.Count, cancellation);
        List<ItemRecord> rows = [.. items.Select((item, k) => Stored(item, given.Numbers[k], version + k))];
        await WriteAsync(transaction, collection, rows, describe is null ? null : rows.ToDictionary(row => row.Number, describe), cancellation);
        return new ItemChange(rows, given);
    }

    /// <summary>Deletes items by number in the caller's transaction; after its commit the caller says <see cref="Settle"/>.</summary>
    public async Task<ItemChange> DeleteAsync(DbTransaction transaction, Collection collection, IReadOnlyList<(int Number, string Id)> items, CancellationToken cancellation)
    {
        var version = await NextVersionsAsync(transaction, collection, items.Count, cancellation);
        List<ItemRecord> rows = [.. items.Select((item, k) => Gone(new ItemRecord(item.Number, item.Id, null, [], s_none, null, Hidden: false, Deleted: true, version + k)))];
        await WriteAsync(transaction, collection, rows, described: null, cancellation);
        return new ItemChange(rows, Given: null);
    }

    /// <summary>Remembers and tells what a committed transaction changed.</summary>
    public void Settle(Collection collection, ItemChange change)
    {
        if (change.Given is { } given)
        {
            numbers.RememberItems(given);
        }

        if (change.Items.Count > 0)
        {
            Tell(collection, change.Items);
        }
    }

    /// <summary>
    /// Makes the tables of films true for items that were written before those were films, a batch a transaction; returns how many.
    /// </summary>
    public async Task<long> CatchUpAsync(Collection collection, CancellationToken cancellation)
    {
        for (var total = 0L; ; total += CatchUpRows)
        {
            var taken = films is null || !films.Covers(collection) ? 0 : await database.WriteAsync(
                async transaction =>
                {
                    var items = await ReadAsync(
                        $"""
                         select {Columns} from items i join item_numbers n on n.collection = i.collection and n.number = i.number
                         where i.collection = @collection and i.version > coalesce((select version from film_state where collection = @collection), 0)
                         order by i.version limit @limit
                         """,
                        new { collection = collection.Number, limit = CatchUpRows },
                        cancellation,
                        transaction);
                    if (items.Count > 0)
                    {
                        await films.TakeAsync(transaction, collection, items, described: null, cancellation);
                        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                            "update film_state set version = @version where collection = @collection", new { collection = collection.Number, version = items[^1].Version }, transaction, cancellationToken: cancellation));
                    }

                    return items.Count;
                },
                cancellation);
            if (taken < CatchUpRows)
            {
                return total + taken;
            }
        }
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
                await WriteAsync(transaction, collection, [next], described: null, cancellation);
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
        await ChangeAsync(collection, id, Gone, cancellation) is not null;

    private static ItemRecord Gone(ItemRecord item) => item with { Title = null, Categories = [], Attributes = s_none, Timestamp = null, Hidden = false, Deleted = true };

    private static async Task<long> NextVersionsAsync(DbTransaction transaction, Collection collection, int count, CancellationToken cancellation) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "update collections set item_version = item_version + @count where number = @number returning item_version",
            new { count, number = collection.Number },
            transaction,
            cancellationToken: cancellation)) - count + 1;

    private async Task WriteAsync(
        DbTransaction transaction, Collection collection, List<ItemRecord> items, Dictionary<int, FilmRow>? described, CancellationToken cancellation)
    {
        await BulkRows.InsertAsync(
            transaction,
            database.Dialect,
            "insert into items(collection, number, title, categories, attributes, timestamp, hidden, deleted, version)",
            """
            on conflict (collection, number) do update set title = excluded.title, categories = excluded.categories, attributes = excluded.attributes,
              timestamp = excluded.timestamp, hidden = excluded.hidden, deleted = excluded.deleted, version = excluded.version
            """,
            cancellation,
            new("collection", items.Select(_ => collection.Number).ToArray()),
            new("number", items.Select(item => item.Number).ToArray()),
            new("title", items.Select(item => item.Title).ToArray()),
            new("categories", items.Select(item => JsonSerializer.Serialize(item.Categories)).ToArray()),
            new("attributes", items.Select(item => JsonSerializer.Serialize(item.Attributes)).ToArray()),
            new("timestamp", items.Select(item => item.Timestamp is { } at ? (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : (long?)null).ToArray()),
            new("hidden", items.Select(item => item.Hidden).ToArray()),
            new("deleted", items.Select(item => item.Deleted).ToArray()),
            new("version", items.Select(item => item.Version).ToArray()));
        if (films is not null && items.Count > 0 && films.Covers(collection))
        {
            await films.TakeAsync(transaction, collection, items, described, cancellation);
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

    private async Task<List<ItemRecord>> ReadAsync(string sql, object parameters, CancellationToken cancellation, DbTransaction? transaction = null)
    {
        await using var own = transaction is null ? await database.OpenAsync(cancellation) : null;
        await using var reader = await (own ?? transaction!.Connection!).ExecuteReaderAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));
        List<ItemRecord> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(Record(reader));
        }

        return items;
    }
}

/// <summary>Items a transaction wrote, and the numbers it gave.</summary>
internal sealed record ItemChange(IReadOnlyList<ItemRecord> Items, GivenNumbers? Given);
