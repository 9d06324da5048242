using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback;

/// <summary>All SQL of the module but the insert of events, which <see cref="EventRows"/> holds.</summary>
internal sealed class FeedbackStore(Database database, Numbers numbers, IEnumerable<IEventsRecorded> readers, IEnumerable<IUserForgotten> keepers, TimeProvider clock) : IEventReader
{
    // What is deleted with a user, besides their events.
    private static readonly string[] s_ofUser = ["purchases where \"user\"", "ratings where \"user\"", "bookmarks where \"user\"", "reviews where \"user\"", "usuarios where number", "users where number"];

    private const string EventColumns = "e.place, e.id, u.id, i.id, e.type, e.value, e.at, e.context";

    // "user" is a reserved word of PostgreSQL; SQLite takes the quotes too.
    private const string EventTables =
        """
        from events e
        join user_numbers u on u.collection = e.collection and u.number = e."user"
        join item_numbers i on i.collection = e.collection and i.number = e.item
        """;

    // Microseconds: no message stays under way for longer.
    private const long DeletedKept = 30L * 24 * 3600 * 1_000_000;

    public async IAsyncEnumerable<EventRecord> ReadAsync(int collection, long afterSequence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // One statement is one snapshot on both databases, and both hand rows over as they are read.
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "select place, \"user\", item, type, value, at from events where place > @after and place <= @last order by place";
        command.CommandTimeout = 0;
        command.AddParameter("after", EventPlace.Of(collection, afterSequence));
        command.AddParameter("last", EventPlace.Last(collection));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return Record(reader);
        }
    }

    public async ValueTask<IReadOnlyList<EventRecord>> ReadUserAsync(int collection, int user, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText =
            "select place, \"user\", item, type, value, at from events where collection = @collection and \"user\" = @user order by at desc, place desc limit @limit";
        command.AddParameter("collection", collection);
        command.AddParameter("user", user);
        command.AddParameter("limit", limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<EventRecord> events = [];
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(Record(reader));
        }

        return events;
    }

    public async ValueTask<IReadOnlyList<(int Item, int Type)>> ReadUserItemsAsync(int collection, int user, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<(int Item, int Type)>(new CommandDefinition(
            "select distinct item, type from events where collection = @collection and \"user\" = @user", new { collection, user }, cancellationToken: cancellation))).AsList();
    }

    public async ValueTask<long> LastSequenceAsync(int collection, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select event_sequence from collections where number = @collection", new { collection }, cancellationToken: cancellation));
    }

    /// <summary>Events in the order of the log, after a sequence number.</summary>
    public Task<List<EventResponse>> ReadEventsAsync(Collection collection, long afterSequence, int limit, CancellationToken cancellation) =>
        ReadPageAsync(
            collection,
            $"select {EventColumns} {EventTables} where e.place > @after and e.place <= @last order by e.place limit @limit",
            new { after = EventPlace.Of(collection.Number, afterSequence), last = EventPlace.Last(collection.Number), limit },
            cancellation);

    /// <summary>The newest events of a type, newest first.</summary>
    public Task<List<EventResponse>> ReadNewestAsync(Collection collection, int type, int limit, CancellationToken cancellation) =>
        ReadPageAsync(
            collection,
            $"select {EventColumns} {EventTables} where e.place > @first and e.place <= @last and e.type = @type order by e.place desc limit @limit",
            new { first = EventPlace.Of(collection.Number, 0), last = EventPlace.Last(collection.Number), type, limit },
            cancellation);

    /// <summary>A user's events newest first, older than a position; the first page begins at the largest one.</summary>
    public Task<List<EventResponse>> ReadUserEventsAsync(Collection collection, int user, (long At, long Sequence) before, int limit, CancellationToken cancellation) =>
        ReadPageAsync(
            collection,
            $"""
             select {EventColumns} {EventTables}
             where e.collection = @collection and e."user" = @user and (e.at < @at or (e.at = @at and e.place < @place))
             order by e.at desc, e.place desc limit @limit
             """,
            new { collection = collection.Number, user, at = before.At, place = EventPlace.Of(collection.Number, before.Sequence), limit },
            cancellation);

    /// <summary>A user; null when nobody has the id.</summary>
    public async Task<UserResponse?> FindUserAsync(Collection collection, string id, CancellationToken cancellation) =>
        (await ReadUsersAsync("n.collection = @collection and n.id = @id", new { collection = collection.Number, id, limit = 1 }, cancellation)).FirstOrDefault();

    /// <summary>Users by id, ascending, after an id.</summary>
    public Task<List<UserResponse>> ListUsersAsync(Collection collection, string after, int limit, CancellationToken cancellation) =>
        ReadUsersAsync("n.collection = @collection and n.id > @after", new { collection = collection.Number, after, limit }, cancellation);

    /// <summary>Stores users with their attributes, replacing what was there; an id twice counts once, its last entry wins.</summary>
    public async Task PutUsersAsync(Collection collection, IReadOnlyList<(string Id, string Attributes)> users, CancellationToken cancellation)
    {
        var last = users.GroupBy(user => user.Id, StringComparer.Ordinal).ToDictionary(of => of.Key, of => of.Last().Attributes, StringComparer.Ordinal);
        string[] ids = [.. last.Keys];
        var given = await database.WriteAsync(
            async transaction =>
            {
                var all = await numbers.GetOrAddUsersAsync(transaction, collection.Number, ids, cancellation);
                var now = Now();
                await using var command = transaction.Connection!.CreateCommand();
                command.Transaction = transaction;
                command.CommandText =
                    """
                    insert into users(collection, number, attributes, created_at, updated_at) values (@collection, @number, @attributes, @now, @now)
                    on conflict (collection, number) do update set attributes = excluded.attributes, updated_at = excluded.updated_at
                    """;
                command.AddParameter("collection", collection.Number);
                command.AddParameter("now", now);
                var number = command.AddParameter("number", 0);
                var attributes = command.AddParameter("attributes", "");
                for (var k = 0; k < ids.Length; k++)
                {
                    number.Value = all.Numbers[k];
                    attributes.Value = last[ids[k]];
                    await command.ExecuteNonQueryAsync(cancellation);
                }

                return all;
            },
            cancellation);
        numbers.RememberUsers(given);
    }

    /// <summary>Changes a user's attributes in one transaction; null when nobody has the id.</summary>
    public async Task<UserResponse?> PatchUserAsync(Collection collection, string id, Func<string, string> change, CancellationToken cancellation)
    {
        var found = await database.WriteAsync(
            async transaction =>
            {
                // Two changes at once would lose one, and a user forgotten between the look and the change would keep attributes.
                await LockAsync(transaction, collection, cancellation);
                var row = await transaction.Connection!.QuerySingleOrDefaultAsync<(int? Number, string? Attributes)>(new CommandDefinition(
                    """
                    select n.number, u.attributes from user_numbers n left join users u on u.collection = n.collection and u.number = n.number
                    where n.collection = @collection and n.id = @id
                    """,
                    new { collection = collection.Number, id },
                    transaction,
                    cancellationToken: cancellation));
                if (row.Number is not { } number)
                {
                    return false;
                }

                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    insert into users(collection, number, attributes, created_at, updated_at) values (@collection, @number, @attributes, @now, @now)
                    on conflict (collection, number) do update set attributes = excluded.attributes, updated_at = excluded.updated_at
                    """,
                    new { collection = collection.Number, number, attributes = change(row.Attributes ?? "{}"), now = Now() },
                    transaction,
                    cancellationToken: cancellation));
                return true;
            },
            cancellation);
        return found ? await FindUserAsync(collection, id, cancellation) : null;
    }

    /// <summary>Forgets a user: events, attributes and the id itself. False when nobody has the id.</summary>
    public async Task<bool> ForgetUserAsync(Collection collection, string id, CancellationToken cancellation)
    {
        var number = await database.WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;

                // The row lock keeps an event of this user from being committed between the look and the delete.
                await LockAsync(transaction, collection, cancellation);
                if (await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
                    "select number from user_numbers where collection = @collection and id = @id", new { collection = collection.Number, id }, transaction, cancellationToken: cancellation))
                    is not { } user)
                {
                    return (int?)null;
                }

                var who = new { collection = collection.Number, user };
                await connection.ExecuteAsync(new CommandDefinition("delete from events where collection = @collection and \"user\" = @user", who, transaction, 0, cancellationToken: cancellation));
                foreach (var of in s_ofUser)
                {
                    await connection.ExecuteAsync(new CommandDefinition($"delete from {of} = @user and collection = @collection", who, transaction, cancellationToken: cancellation));
                }

                foreach (var keeper in keepers)
                {
                    await keeper.OnForgottenAsync(collection.Number, user, transaction, cancellation);
                }

                await numbers.ForgetUserAsync(transaction, collection.Number, id, cancellation);
                return user;
            },
            cancellation);
        if (number is not { } forgotten)
        {
            return false;
        }

        numbers.DropUser(collection.Number, id);
        foreach (var reader in readers)
        {
            reader.OnUserForgotten(collection.Number, forgotten);
        }

        return true;
    }

    /// <summary>Notes that these people's accounts are deleted, for events of theirs that are still under way.</summary>
    public Task DeletePeopleAsync(IReadOnlyCollection<string> users, CancellationToken cancellation)
    {
        var now = Now();
        return database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from deleted_people where at < @before", new { before = now - DeletedKept }, transaction, cancellationToken: cancellation));
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "insert into deleted_people(id, at) values (@user, @now) on conflict (id) do nothing", users.Select(user => new { user, now }), transaction, cancellationToken: cancellation));
            },
            cancellation);
    }

    /// <summary>Those of the users whose accounts were deleted lately.</summary>
    public async Task<IReadOnlyList<string>> FindDeletedAsync(IReadOnlyCollection<string> users, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var values = database.Dialect == Dialect.Sqlite ? "select value from json_each(@ids)" : "select value from json_array_elements_text(@ids::json)";
        return (await connection.QueryAsync<string>(new CommandDefinition(
            $"select id from deleted_people where id in ({values})", new { ids = JsonSerializer.Serialize(users) }, cancellationToken: cancellation))).AsList();
    }

    private static Task<int> LockAsync(DbTransaction transaction, Collection collection, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "update collections set next_user = next_user where number = @collection", new { collection = collection.Number }, transaction, cancellationToken: cancellation));

    private static EventRecord Record(DbDataReader reader) => new(
        EventPlace.Sequence(reader.GetInt64(0)),
        reader.GetInt32(1),
        reader.GetInt32(2),
        reader.GetInt32(3),
        reader.IsDBNull(4) ? null : reader.GetFloat(4),
        reader.GetInt64(5));

    private static EventResponse Event(DbDataReader reader, Collection collection) => new(
        reader.GetString(1),
        reader.GetString(2),
        reader.GetString(3),
        collection.FindEventType(reader.GetInt32(4))?.Name ?? "retired",
        reader.IsDBNull(5) ? null : reader.GetFloat(5),
        Time(reader.GetInt64(6)),
        reader.IsDBNull(7) ? null : JsonElement.Parse(reader.GetString(7)),
        EventPlace.Sequence(reader.GetInt64(0)));

    private static UserResponse User(DbDataReader reader) => new(
        reader.GetString(0),
        JsonElement.Parse(reader.IsDBNull(1) ? "{}" : reader.GetString(1)),
        reader.IsDBNull(2) ? null : Time(reader.GetInt64(2)),
        reader.IsDBNull(3) ? null : Time(reader.GetInt64(3)));

    private static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds);

    private long Now() => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private async Task<List<EventResponse>> ReadPageAsync(Collection collection, string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        List<EventResponse> page = [];
        while (await reader.ReadAsync(cancellation))
        {
            page.Add(Event(reader, collection));
        }

        return page;
    }

    private async Task<List<UserResponse>> ReadUsersAsync(string condition, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"""
             select n.id, u.attributes, u.created_at, u.updated_at
             from user_numbers n left join users u on u.collection = n.collection and u.number = n.number
             where {condition} order by n.id limit @limit
             """,
            parameters,
            cancellationToken: cancellation));
        List<UserResponse> page = [];
        while (await reader.ReadAsync(cancellation))
        {
            page.Add(User(reader));
        }

        return page;
    }
}
