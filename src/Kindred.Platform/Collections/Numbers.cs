using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Platform.Collections;

/// <summary>
/// Dense numbers of items and users: a text id gets the next number of its collection when it is first stored, and keeps it for ever. Models,
/// events and masks speak in numbers, so nothing is translated on the way of an answer. Remembered in a bounded cache. Safe for any number of threads.
/// </summary>
public sealed class Numbers(Database database)
{
    private readonly NumberTable _items = new(database, "item_numbers", "next_item", forgettable: false);
    private readonly NumberTable _users = new(database, "user_numbers", "next_user", forgettable: true);

    /// <summary>The number of an item id; null when it has none.</summary>
    public ValueTask<int?> FindItemAsync(int collection, string id, CancellationToken cancellation) => _items.FindAsync(collection, id, cancellation);

    /// <summary>The number of a user id; null when it has none.</summary>
    public ValueTask<int?> FindUserAsync(int collection, string id, CancellationToken cancellation) => _users.FindAsync(collection, id, cancellation);

    /// <summary>Ids of users by number, in the order asked; null where a number is unknown.</summary>
    public ValueTask<IReadOnlyList<string?>> UserIdsAsync(int collection, IReadOnlyList<int> numbers, CancellationToken cancellation) => _users.IdsAsync(collection, numbers, cancellation);

    /// <summary>Ids of items by number, in the order asked; null where a number is unknown.</summary>
    public ValueTask<IReadOnlyList<string?>> ItemIdsAsync(int collection, IReadOnlyList<int> numbers, CancellationToken cancellation) => _items.IdsAsync(collection, numbers, cancellation);

    /// <summary>
    /// Numbers of items, given now where missing, inside the caller's write transaction. A number given here is remembered by nobody until the
    /// caller says <see cref="RememberItems"/> after its commit: a rollback takes it back.
    /// </summary>
    public async Task<GivenNumbers> GetOrAddItemsAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        await GetOrAddItemsAsync(transaction, await HoldAsync(transaction, collection, cancellation), ids, cancellation);

    /// <summary>As the other, for a transaction that holds the collection's row already; once a transaction.</summary>
    public Task<GivenNumbers> GetOrAddItemsAsync(DbTransaction transaction, HeldCollection held, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _items.GetOrAddAsync(transaction, held, ids, cancellation);

    /// <summary>As for items, for users; nobody is forgotten between this and the commit.</summary>
    public async Task<GivenNumbers> GetOrAddUsersAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        await GetOrAddUsersAsync(transaction, await HoldAsync(transaction, collection, cancellation), ids, cancellation);

    /// <summary>As the other, for a transaction that holds the collection's row already; once a transaction.</summary>
    public Task<GivenNumbers> GetOrAddUsersAsync(DbTransaction transaction, HeldCollection held, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _users.GetOrAddAsync(transaction, held, ids, cancellation);

    /// <summary>Locks the collection's row until the commit and reads its counters. SQLite has one writer, who holds everything.</summary>
    /// <exception cref="InvalidOperationException">There is no such collection.</exception>
    public async Task<HeldCollection> HoldAsync(DbTransaction transaction, int collection, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return await transaction.Connection!.QuerySingleAsync<HeldCollection>(new CommandDefinition(
            $"""
            select number as Number, next_user as NextUser, next_item as NextItem, forgotten_users as ForgottenUsers, event_sequence as EventSequence
            from collections where number = @collection {(database.Dialect == Dialect.Postgres ? "for no key update" : "")}
            """,
            new { collection },
            transaction,
            cancellationToken: cancellation));
    }

    /// <summary>True when the item's number is remembered, so that it surely has one.</summary>
    public bool KnowsItem(int collection, string id) => _items.Knows(collection, id);

    /// <summary>True when the user's number is remembered; another process may have forgotten the user since.</summary>
    public bool KnowsUser(int collection, string id) => _users.Knows(collection, id);

    /// <summary>Remembers numbers whose transaction is committed.</summary>
    public void RememberItems(GivenNumbers given) => _items.Remember(given);

    /// <summary>Remembers numbers whose transaction is committed.</summary>
    public void RememberUsers(GivenNumbers given) => _users.Remember(given);

    /// <summary>Takes a user's id away inside the caller's write transaction; the number is never given again.</summary>
    public Task ForgetUserAsync(DbTransaction transaction, int collection, string id, CancellationToken cancellation) => _users.ForgetAsync(transaction, collection, id, cancellation);

    /// <summary>Drops a remembered user after the commit that forgot them.</summary>
    public void DropUser(int collection, string id) => _users.Drop(collection, id);
}

/// <summary>A collection's counters while a write transaction holds its row.</summary>
public sealed class HeldCollection
{
    /// <summary>The collection's number.</summary>
    public int Number { get; init; }

    /// <summary>The number the next new user gets.</summary>
    public int NextUser { get; init; }

    /// <summary>The number the next new item gets.</summary>
    public int NextItem { get; init; }

    /// <summary>How many users it has forgotten.</summary>
    public long ForgottenUsers { get; init; }

    /// <summary>Sequence number of its last event.</summary>
    public long EventSequence { get; init; }
}

/// <summary>Numbers a write transaction found or gave.</summary>
/// <param name="Collection">The collection's number.</param>
/// <param name="Ids">What was asked for, without repeats.</param>
/// <param name="Numbers">The number of each, in the same order.</param>
/// <param name="Forgotten">How many users the collection had forgotten by then; a remembered user is trusted while that stands.</param>
public sealed record GivenNumbers(int Collection, IReadOnlyList<string> Ids, int[] Numbers, long Forgotten);

/// <summary>One kind of number: its table, its counter and what is remembered of it.</summary>
internal sealed class NumberTable(Database database, string table, string counter, bool forgettable)
{
    // Two generations bound the cache without bookkeeping on a hit: when the young one is full it becomes the old one.
    private const int GenerationSize = 200_000;

    // Of a number read outside a write transaction nobody knows how long ago its user was there.
    private const long Unconfirmed = -1;

    private Generation _young = new();
    private Generation _old = new();

    public async ValueTask<int?> FindAsync(int collection, string id, CancellationToken cancellation)
    {
        if (TryRecall(collection, id, out var kept))
        {
            return kept.Number;
        }

        await using var connection = await database.OpenAsync(cancellation);
        var found = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            $"select number from {table} where collection = @collection and id = @id", new { collection, id }, cancellationToken: cancellation));
        if (found is { } known)
        {
            Keep(collection, id, new Kept(known, Unconfirmed));
        }

        return found;
    }

    public async ValueTask<IReadOnlyList<string?>> IdsAsync(int collection, IReadOnlyList<int> numbers, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var ids = new string?[numbers.Count];
        if (database.Dialect == Dialect.Postgres)
        {
            var rows = await connection.QueryAsync<(int Number, string Id)>(new CommandDefinition(
                $"select number, id from {table} where collection = @collection and number = any(@numbers)",
                new { collection, numbers = numbers.Distinct().ToArray() },
                cancellationToken: cancellation));
            var map = rows.ToDictionary(row => row.Number, row => row.Id);
            for (var k = 0; k < ids.Length; k++)
            {
                ids[k] = map.GetValueOrDefault(numbers[k]);
            }

            return ids;
        }

        await using var command = connection.CreateCommand();
        command.CommandText = $"select id from {table} where collection = @collection and number = @number";
        command.AddParameter("collection", collection);
        var parameter = command.AddParameter("number", 0);
        for (var k = 0; k < ids.Length; k++)
        {
            parameter.Value = numbers[k];
            ids[k] = await command.ExecuteScalarAsync(cancellation) as string;
        }

        return ids;
    }

    public bool Knows(int collection, string id) => TryRecall(collection, id, out var kept) && kept.Forgotten != Unconfirmed;

    public async Task<GivenNumbers> GetOrAddAsync(DbTransaction transaction, HeldCollection held, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        // Another process may have forgotten a user since: a remembered number would write events that belong to nobody. While the row is held
        // the count of the forgotten stands still, and what was confirmed at the same count is good.
        var (collection, forgotten) = (held.Number, forgettable ? held.ForgottenUsers : 0);
        var numbers = new int[ids.Count];
        Dictionary<string, int>? missing = null;
        for (var k = 0; k < numbers.Length; k++)
        {
            if (TryRecall(collection, ids[k], out var kept) && kept.Forgotten == forgotten)
            {
                numbers[k] = kept.Number;
            }
            else
            {
                (missing ??= new Dictionary<string, int>(StringComparer.Ordinal))[ids[k]] = -1;
            }
        }

        if (missing is not null)
        {
            await ResolveAsync(transaction, collection, missing, forgettable ? held.NextUser : held.NextItem, cancellation);
            for (var k = 0; k < numbers.Length; k++)
            {
                if (missing.TryGetValue(ids[k], out var number))
                {
                    numbers[k] = number;
                }
            }
        }

        return new GivenNumbers(collection, ids, numbers, forgotten);
    }

    public async Task ForgetAsync(DbTransaction transaction, int collection, string id, CancellationToken cancellation)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "update collections set forgotten_users = forgotten_users + 1 where number = @collection", new { collection }, transaction, cancellationToken: cancellation));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"delete from {table} where collection = @collection and id = @id", new { collection, id }, transaction, cancellationToken: cancellation));
    }

    public void Remember(GivenNumbers given)
    {
        for (var k = 0; k < given.Ids.Count; k++)
        {
            var kept = new Kept(given.Numbers[k], given.Forgotten);
            if (!_young.TryGet(given.Collection, given.Ids[k], out var there) || there != kept)
            {
                Keep(given.Collection, given.Ids[k], kept);
            }
        }
    }

    public void Drop(int collection, string id)
    {
        _young.Remove(collection, id);
        _old.Remove(collection, id);
    }

    private async Task ResolveAsync(DbTransaction transaction, int collection, Dictionary<string, int> missing, int next, CancellationToken cancellation)
    {
        var connection = transaction.Connection!;
        await LookUpAsync(transaction, collection, missing, cancellation);
        if (!missing.ContainsValue(-1))
        {
            return;
        }

        var added = missing.Where(pair => pair.Value < 0).Select(pair => pair.Key).ToArray();
        await using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        if (database.Dialect == Dialect.Postgres)
        {
            insert.CommandText = $"insert into {table}(collection, number, id) select @collection, @next + position - 1, id from unnest(@ids) with ordinality as given(id, position)";
            insert.AddParameter("collection", collection);
            insert.AddParameter("next", next);
            insert.AddParameter("ids", added);
            await insert.ExecuteNonQueryAsync(cancellation);
            foreach (var id in added)
            {
                missing[id] = next++;
            }
        }
        else
        {
            insert.CommandText = $"insert into {table}(collection, number, id) values (@collection, @number, @id)";
            insert.AddParameter("collection", collection);
            var number = insert.AddParameter("number", 0);
            var text = insert.AddParameter("id", "");
            foreach (var id in added)
            {
                number.Value = next;
                text.Value = id;
                await insert.ExecuteNonQueryAsync(cancellation);
                missing[id] = next++;
            }
        }

        await connection.ExecuteAsync(new CommandDefinition(
            $"update collections set {counter} = @next where number = @collection", new { collection, next }, transaction, cancellationToken: cancellation));
    }

    private async Task LookUpAsync(DbTransaction transaction, int collection, Dictionary<string, int> missing, CancellationToken cancellation)
    {
        var asked = missing.Where(pair => pair.Value < 0).Select(pair => pair.Key).ToArray();
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.AddParameter("collection", collection);
        if (database.Dialect == Dialect.Postgres)
        {
            // One index look-up each, whatever the planner knows of a table that just grew.
            command.CommandText =
                $"""
                 select given.id, there.number from unnest(@ids) as given(id)
                 cross join lateral (select number from {table} where collection = @collection and id = given.id limit 1) there
                 """;
            command.AddParameter("ids", asked);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                missing[reader.GetString(0)] = reader.GetInt32(1);
            }

            return;
        }

        command.CommandText = $"select number from {table} where collection = @collection and id = @id";
        var parameter = command.AddParameter("id", "");
        foreach (var id in asked)
        {
            parameter.Value = id;
            if (await command.ExecuteScalarAsync(cancellation) is long number)
            {
                missing[id] = (int)number;
            }
        }
    }

    private bool TryRecall(int collection, string id, out Kept kept)
    {
        if (_young.TryGet(collection, id, out kept))
        {
            return true;
        }

        if (_old.TryGet(collection, id, out kept))
        {
            Keep(collection, id, kept);
            return true;
        }

        return false;
    }

    private void Keep(int collection, string id, Kept kept)
    {
        var young = _young;
        if (young.Set(collection, id, kept) > GenerationSize && Interlocked.CompareExchange(ref _young, new Generation(), young) == young)
        {
            _old = young;
        }
    }

    private readonly record struct Kept(int Number, long Forgotten);

    private sealed class Generation
    {
        private readonly ConcurrentDictionary<(int Collection, string Id), Kept> _kept = new();
        private int _count;

        public bool TryGet(int collection, string id, out Kept kept) => _kept.TryGetValue((collection, id), out kept);

        public void Remove(int collection, string id) => _kept.TryRemove((collection, id), out _);

        // Returns how many were ever added: the dictionary's own count locks all of it.
        public int Set(int collection, string id, Kept kept)
        {
            if (_kept.TryAdd((collection, id), kept))
            {
                return Interlocked.Increment(ref _count);
            }

            _kept[(collection, id)] = kept;
            return Volatile.Read(ref _count);
        }
    }
}
