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
    public Task<int[]> GetOrAddItemsAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _items.GetOrAddAsync(transaction, collection, ids, cancellation);

    /// <summary>
    /// As <see cref="GetOrAddItemsAsync"/>, for users; holds the collection's row until the commit, so that nobody is forgotten in between.
    /// </summary>
    public Task<int[]> GetOrAddUsersAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _users.GetOrAddAsync(transaction, collection, ids, cancellation);

    /// <summary>Remembers committed numbers.</summary>
    public void RememberItems(int collection, IReadOnlyList<string> ids, IReadOnlyList<int> numbers) => _items.Remember(collection, ids, numbers);

    /// <summary>Remembers committed numbers.</summary>
    public void RememberUsers(int collection, IReadOnlyList<string> ids, IReadOnlyList<int> numbers) => _users.Remember(collection, ids, numbers);

    /// <summary>Takes a user's id away inside the caller's write transaction; the number is never given again.</summary>
    public Task ForgetUserAsync(DbTransaction transaction, int collection, string id, CancellationToken cancellation) => _users.ForgetAsync(transaction, collection, id, cancellation);

    /// <summary>Drops a remembered user after the commit that forgot them.</summary>
    public void DropUser(int collection, string id) => _users.Drop(collection, id);
}

/// <summary>One kind of number: its table, its counter and what is remembered of it.</summary>
internal sealed class NumberTable(Database database, string table, string counter, bool forgettable)
{
    // Two generations bound the cache without bookkeeping on a hit: when the young one is full it becomes the old one.
    private const int GenerationSize = 200_000;

    private ConcurrentDictionary<(int Collection, string Id), int> _young = new();
    private ConcurrentDictionary<(int Collection, string Id), int> _old = new();

    public async ValueTask<int?> FindAsync(int collection, string id, CancellationToken cancellation)
    {
        if (TryRecall(collection, id, out var number))
        {
            return number;
        }

        await using var connection = await database.OpenAsync(cancellation);
        var found = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            $"select number from {table} where collection = @collection and id = @id", new { collection, id }, cancellationToken: cancellation));
        if (found is { } known)
        {
            Keep(collection, id, known);
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

    public async Task<int[]> GetOrAddAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var numbers = new int[ids.Count];
        Dictionary<string, int>? missing = null;
        for (var k = 0; k < numbers.Length; k++)
        {
            // Another process may have forgotten a user since: a remembered number would write events that belong to nobody.
            if (forgettable || !TryRecall(collection, ids[k], out numbers[k]))
            {
                (missing ??= new Dictionary<string, int>(StringComparer.Ordinal))[ids[k]] = -1;
            }
        }

        if (missing is null)
        {
            return numbers;
        }

        await ResolveAsync(transaction, collection, missing, cancellation);
        for (var k = 0; k < numbers.Length; k++)
        {
            if (missing.TryGetValue(ids[k], out var number))
            {
                numbers[k] = number;
            }
        }

        return numbers;
    }

    public async Task ForgetAsync(DbTransaction transaction, int collection, string id, CancellationToken cancellation) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"delete from {table} where collection = @collection and id = @id", new { collection, id }, transaction, cancellationToken: cancellation));

    public void Remember(int collection, IReadOnlyList<string> ids, IReadOnlyList<int> numbers)
    {
        for (var k = 0; k < ids.Count; k++)
        {
            if (!_young.ContainsKey((collection, ids[k])))
            {
                Keep(collection, ids[k], numbers[k]);
            }
        }
    }

    public void Drop(int collection, string id)
    {
        _young.TryRemove((collection, id), out _);
        _old.TryRemove((collection, id), out _);
    }

    private async Task ResolveAsync(DbTransaction transaction, int collection, Dictionary<string, int> missing, CancellationToken cancellation)
    {
        var connection = transaction.Connection!;
        if (!forgettable)
        {
            await LookUpAsync(transaction, collection, missing, cancellation);
            if (!missing.ContainsValue(-1))
            {
                return;
            }
        }

        // From here the collection's row is ours until the commit; what another writer gave while we waited for it is read again.
        var next = await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            $"update collections set {counter} = {counter} where number = @collection returning {counter}", new { collection }, transaction, cancellationToken: cancellation));
        if (forgettable || database.Dialect == Dialect.Postgres)
        {
            await LookUpAsync(transaction, collection, missing, cancellation);
            if (!missing.ContainsValue(-1))
            {
                return;
            }
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
            command.CommandText = $"select id, number from {table} where collection = @collection and id = any(@ids)";
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

    private bool TryRecall(int collection, string id, out int number)
    {
        if (_young.TryGetValue((collection, id), out number))
        {
            return true;
        }

        if (_old.TryGetValue((collection, id), out number))
        {
            Keep(collection, id, number);
            return true;
        }

        return false;
    }

    private void Keep(int collection, string id, int number)
    {
        var young = _young;
        young[(collection, id)] = number;
        if (young.Count > GenerationSize && Interlocked.CompareExchange(ref _young, new ConcurrentDictionary<(int, string), int>(), young) == young)
        {
            _old = young;
        }
    }
}
