using System.Data.Common;
using System.Text.Json;
using Dapper;
using Kindred.Contracts;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Chat;

/// <summary>All SQL of the chat. What belongs to one change is one transaction of the caller's.</summary>
internal sealed class ChatStore(Database database, ChatSettings settings, TimeProvider clock)
{
    private const string RoomColumns = "r.number as Number, r.id as Id, r.name as Name, r.owner as Owner, r.last_place as LastPlace";
    private const string MessageColumns = "place as Place, kind as Kind, person as Person, username as Username, role as Role, text as Text, created_at as CreatedAt";
    private const int TrimEvery = 64;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The room, where the person is a member of it; null otherwise, whether or not there is one.</summary>
    public async Task<RoomRow?> EnterAsync(Guid room, long person, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<RoomRow>(new CommandDefinition(
            $"select {RoomColumns} from chat_rooms r join chat_members m on m.room = r.number where r.id = @id and m.person = @person", new { id = room.ToString(), person }, cancellationToken: cancellation));
    }

    public async Task<RoomRow?> FindAsync(Guid room, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<RoomRow>(new CommandDefinition(
            $"select {RoomColumns} from chat_rooms r where r.id = @id", new { id = room.ToString() }, cancellationToken: cancellation));
    }

    /// <summary>All rooms with the number of their members.</summary>
    public async Task<IReadOnlyList<RoomRow>> RoomsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<RoomRow>(new CommandDefinition(
            $"select {RoomColumns}, (select count(*) from chat_members m where m.room = r.number) as Users from chat_rooms r order by r.number", cancellationToken: cancellation))).AsList();
    }

    /// <summary>The rooms of a person, the one they came to last first, their own at the end.</summary>
    public async Task<IReadOnlyList<RoomRow>> RoomsOfAsync(long person, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<RoomRow>(new CommandDefinition(
            $"select {RoomColumns} from chat_rooms r join chat_members m on m.room = r.number where m.person = @person order by (r.owner is not null), m.joined_at desc, r.number desc",
            new { person },
            cancellationToken: cancellation))).AsList();
    }

    /// <summary>A person's own room, or null.</summary>
    public static Task<RoomRow?> OwnRoomAsync(DbTransaction transaction, Guid person, CancellationToken cancellation) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<RoomRow>(new CommandDefinition(
            $"select {RoomColumns} from chat_rooms r where r.owner_id = @id", new { id = person.ToString() }, transaction, cancellationToken: cancellation));

    /// <summary>Makes a person's own room; false where they have it.</summary>
    public async Task<bool> MakeOwnRoomAsync(DbTransaction transaction, PersonRecord person, string name, Said welcome, CancellationToken cancellation)
    {
        var made = await transaction.Connection!.ExecuteScalarAsync<long?>(new CommandDefinition(
            "insert into chat_rooms(id, name, owner, owner_id, created_at) values (@id, @name, @Number, @owner, @Now) on conflict do nothing returning number",
            new { id = NewId(), name, person.Number, owner = person.Id.ToString(), Now },
            transaction,
            cancellationToken: cancellation));
        if (made is not { } room)
        {
            return false;
        }

        await AddMemberAsync(transaction, room, person.Number, cancellation);
        await AddAsync(transaction, room, [welcome], cancellation);
        return true;
    }

    public Task<RoomRow> MakeRoomAsync(string name, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => transaction.Connection!.QuerySingleAsync<RoomRow>(new CommandDefinition(
                $"insert into chat_rooms(id, name, created_at) values (@id, @name, @Now) returning number as Number, id as Id, name as Name, owner as Owner, last_place as LastPlace",
                new { id = NewId(), name, Now },
                transaction,
                cancellationToken: cancellation)),
            cancellation);

    public Task AddMemberAsync(DbTransaction transaction, long room, long person, CancellationToken cancellation) =>
        ExecuteAsync(transaction, "insert into chat_members(room, person, joined_at) values (@room, @person, @Now) on conflict do nothing", new { room, person, Now }, cancellation);

    /// <summary>Takes a person out of a room, and puts them into the default one; false where they were not in it, or it is their own.</summary>
    public async Task<bool> RemoveMemberAsync(DbTransaction transaction, long room, long person, CancellationToken cancellation)
    {
        var removed = await ExecuteAsync(
            transaction, "delete from chat_members where room = @room and person = @person and not exists (select 1 from chat_rooms r where r.number = @room and r.owner = @person)", new { room, person }, cancellation);
        if (removed == 1)
        {
            await ExecuteAsync(
                transaction,
                "insert into chat_members(room, person, joined_at) select number, @person, @Now from chat_rooms where id = @Default on conflict do nothing",
                new { person, Now, RoomRow.Default },
                cancellation);
        }

        return removed == 1;
    }

    /// <summary>Moves a person into a room, out of every other but their own.</summary>
    public async Task MoveAsync(DbTransaction transaction, long room, long person, CancellationToken cancellation)
    {
        await ExecuteAsync(
            transaction, "delete from chat_members where person = @person and room <> @room and not exists (select 1 from chat_rooms r where r.number = room and r.owner = @person)", new { room, person }, cancellation);
        await AddMemberAsync(transaction, room, person, cancellation);
    }

    /// <summary>Deletes a room; its members go to the default one. False for the default room and for somebody's own.</summary>
    public async Task<bool> DeleteRoomAsync(DbTransaction transaction, long room, CancellationToken cancellation)
    {
        await ExecuteAsync(
            transaction,
            """
            insert into chat_members(room, person, joined_at)
            select d.number, m.person, @Now from chat_members m join chat_rooms d on d.id = @Default where m.room = @room
              and exists (select 1 from chat_rooms r where r.number = @room and r.owner is null and r.id <> @Default)
            on conflict do nothing
            """,
            new { room, Now, RoomRow.Default },
            cancellation);
        return await ExecuteAsync(transaction, "delete from chat_rooms where number = @room and owner is null and id <> @Default", new { room, RoomRow.Default }, cancellation) == 1;
    }

    /// <summary>Takes everything about a person away: their room, what they said elsewhere, where they were.</summary>
    public static async Task ForgetAsync(DbTransaction transaction, long person, CancellationToken cancellation)
    {
        foreach (var sql in new[]
        {
            "delete from chat_rooms where owner = @person", "delete from chat_members where person = @person", "delete from chat_messages where person = @person", "delete from chat_tickets where person = @person",
        })
        {
            await ExecuteAsync(transaction, sql, new { person }, cancellation);
        }
    }

    /// <summary>Gives messages of one room their places and stores them; null where there is no such room any more.</summary>
    public async Task<IReadOnlyList<MessageRow>?> AddAsync(DbTransaction transaction, long room, IReadOnlyList<Said> said, CancellationToken cancellation) =>
        (await AddAsync(transaction, [.. said.Select(one => (room, one))], cancellation)).GetValueOrDefault(room);

    /// <summary>Gives messages their places and stores them, with few statements however many rooms; by room, without those that are gone.</summary>
    public async Task<IReadOnlyDictionary<long, IReadOnlyList<MessageRow>>> AddAsync(DbTransaction transaction, IReadOnlyList<(long Room, Said Said)> said, CancellationToken cancellation)
    {
        var rooms = said.GroupBy(one => one.Room).OrderBy(group => group.Key).ToArray();
        var counts = JsonSerializer.Serialize(rooms.Select(group => new { room = group.Key, n = group.Count() }));
        if (database.Dialect == Dialect.Postgres)
        {
            // In order of their numbers: two processes that lock the same rooms do not wait for each other in a circle.
            await ExecuteAsync(transaction, $"select number from chat_rooms where number in ({string.Join(',', rooms.Select(group => group.Key))}) order by number for update", new { }, cancellation);
        }

        var given = database.Dialect == Dialect.Sqlite
            ? "(select json_extract(value, '$.room') as room, json_extract(value, '$.n') as n from json_each(@counts))"
            : "json_to_recordset(@counts::json)";
        var last = (await transaction.Connection!.QueryAsync<(long Room, long Place)>(new CommandDefinition(
            $"update chat_rooms set last_place = last_place + c.n from {given} as c{(database.Dialect == Dialect.Sqlite ? "" : "(room bigint, n bigint)")} where number = c.room returning number, last_place",
            new { counts },
            transaction,
            cancellationToken: cancellation))).ToDictionary(row => row.Room, row => row.Place);
        var now = Now;
        Dictionary<long, IReadOnlyList<MessageRow>> stored = [];
        foreach (var group in rooms)
        {
            if (last.TryGetValue(group.Key, out var place))
            {
                var first = place - group.Count() + 1;
                stored[group.Key] =
                [
                    .. group.Select((one, k) => new MessageRow
                    {
                        Place = first + k, Kind = one.Said.Kind, Person = one.Said.Person, Username = Clean(one.Said.Username), Role = one.Said.Role, Text = Clean(one.Said.Text), CreatedAt = now,
                    }),
                ];
            }
        }

        var rows = JsonSerializer.Serialize(stored.SelectMany(pair => pair.Value.Select(row => new { room = pair.Key, place = row.Place, kind = row.Kind, person = row.Person, username = row.Username, role = row.Role, text = row.Text })));
        var read = database.Dialect == Dialect.Sqlite
            ? """
              select json_extract(value, '$.room'), json_extract(value, '$.place'), json_extract(value, '$.kind'), json_extract(value, '$.person'),
                json_extract(value, '$.username'), json_extract(value, '$.role'), json_extract(value, '$.text'), @now from json_each(@rows)
              """
            : "select room, place, kind, person, username, role, text, @now from json_to_recordset(@rows::json) as m(room bigint, place bigint, kind text, person bigint, username text, role text, text text)";
        await ExecuteAsync(transaction, $"insert into chat_messages(room, place, kind, person, username, role, text, created_at) {read}", new { rows, now }, cancellation);
        foreach (var (room, messages) in stored)
        {
            var place = last[room];
            if (place / TrimEvery != (place - messages.Count) / TrimEvery && place > settings.Keep)
            {
                await ExecuteAsync(transaction, "delete from chat_messages where room = @room and place <= @before", new { room, before = place - settings.Keep }, cancellation);
            }
        }

        return stored;
    }

    /// <summary>Messages of a room after a place and up to another, in order.</summary>
    public async Task<IReadOnlyList<MessageRow>> ReadAsync(long room, long after, long upTo, int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<MessageRow>(new CommandDefinition(
            $"select {MessageColumns} from chat_messages where room = @room and place > @after and place <= @upTo order by place limit @most", new { room, after, upTo, most }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>The newest messages of a room, oldest first.</summary>
    public async Task<IReadOnlyList<MessageRow>> HistoryAsync(long room, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = (await connection.QueryAsync<MessageRow>(new CommandDefinition(
            $"select {MessageColumns} from chat_messages where room = @room order by place desc limit @History", new { room, settings.History }, cancellationToken: cancellation))).AsList();
        rows.Reverse();
        return rows;
    }

    /// <summary>Where the rooms have come to; those that are gone are left out.</summary>
    public async Task<IReadOnlyDictionary<long, long>> LastPlacesAsync(IReadOnlyCollection<long> rooms, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<(long, long)>(new CommandDefinition(
            $"select number, last_place from chat_rooms where number in ({string.Join(',', rooms)})", cancellationToken: cancellation))).ToDictionary(row => row.Item1, row => row.Item2);
    }

    /// <summary>Who is a member of which of these rooms.</summary>
    public async Task<IReadOnlySet<(long Room, long Person)>> MembersAsync(IReadOnlyCollection<long> rooms, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<(long, long)>(new CommandDefinition(
            $"select room, person from chat_members where room in ({string.Join(',', rooms)})", cancellationToken: cancellation))).ToHashSet();
    }

    /// <summary>Everybody who is in a room.</summary>
    public async Task<IReadOnlyList<long>> PeopleAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<long>(new CommandDefinition("select distinct person from chat_members order by person", cancellationToken: cancellation))).AsList();
    }

    /// <summary>The last thing somebody who is nobody said in a room since a moment, or null.</summary>
    public static Task<string?> LastSaidAsync(DbTransaction transaction, long room, string username, long since, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select text from chat_messages where room = @room and person is null and username = @username and created_at > @since order by place desc limit 1",
            new { room, username, since },
            transaction,
            cancellationToken: cancellation));

    public static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation));

    // PostgreSQL keeps no zero characters; one in a batch would cost everybody theirs.
    private static string Clean(string text) => text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;

    private string NewId() => Guid.CreateVersion7(clock.GetUtcNow()).ToString();
}
