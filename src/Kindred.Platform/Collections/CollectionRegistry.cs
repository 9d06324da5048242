using System.Collections.Frozen;
using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Platform.Collections;

/// <summary>
/// The collections of this server: settings joined with their numbers in the database. Loaded once at start (collections and event types that
/// settings name for the first time get their number then). Safe for any number of threads.
/// </summary>
public sealed class CollectionRegistry(Database database, IReadOnlyDictionary<string, CollectionSettings> settings)
{
    private FrozenDictionary<string, Collection>? _byName;
    private FrozenDictionary<int, Collection>? _byNumber;

    /// <summary>All collections, by number.</summary>
    public IReadOnlyList<Collection> All { get; private set; } = [];

    /// <summary>The collection of that name, or null.</summary>
    public Collection? Find(string name) => Loaded(_byName).GetValueOrDefault(name);

    /// <summary>The collection of that number, or null.</summary>
    public Collection? Find(int number) => Loaded(_byNumber).GetValueOrDefault(number);

    /// <summary>Reads the numbers and gives new ones; once, after the migrations.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        All = await database.WriteAsync(transaction => JoinAsync(transaction, cancellation), cancellation);
        _byNumber = All.ToFrozenDictionary(collection => collection.Number);
        _byName = All.ToFrozenDictionary(collection => collection.Name, StringComparer.Ordinal);
    }

    private static FrozenDictionary<TKey, Collection> Loaded<TKey>(FrozenDictionary<TKey, Collection>? map)
        where TKey : notnull => map ?? throw new InvalidOperationException("Collections are read after LoadAsync.");

    private async Task<List<Collection>> JoinAsync(DbTransaction transaction, CancellationToken cancellation)
    {
        var connection = transaction.Connection!;

        // One more start at the same moment waits here, so both read the same numbers.
        if (database.Dialect == Dialect.Postgres)
        {
            await connection.ExecuteAsync(new CommandDefinition("lock table collections in exclusive mode", transaction: transaction, cancellationToken: cancellation));
        }

        var numbers = (await connection.QueryAsync<(int Number, string Name)>(new CommandDefinition(
            "select number, name from collections", transaction: transaction, cancellationToken: cancellation))).ToDictionary(row => row.Name, row => row.Number, StringComparer.Ordinal);
        List<Collection> joined = [];
        foreach (var (name, one) in settings.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!numbers.TryGetValue(name, out var number))
            {
                number = numbers.Count == 0 ? 1 : numbers.Values.Max() + 1;
                numbers.Add(name, number);
                await connection.ExecuteAsync(new CommandDefinition(
                    "insert into collections(number, name) values (@number, @name)", new { number, name }, transaction, cancellationToken: cancellation));
            }

            joined.Add(new Collection(number, name, one, await EventTypesAsync(transaction, number, one, cancellation)));
        }

        joined.Sort((a, b) => a.Number.CompareTo(b.Number));
        return joined;
    }

    private static async Task<IReadOnlyList<EventType>> EventTypesAsync(DbTransaction transaction, int collection, CollectionSettings settings, CancellationToken cancellation)
    {
        var connection = transaction.Connection!;
        var numbers = (await connection.QueryAsync<(int Number, string Name)>(new CommandDefinition(
            "select number, name from event_types where collection = @collection", new { collection }, transaction, cancellationToken: cancellation)))
            .ToDictionary(row => row.Name, row => row.Number, StringComparer.Ordinal);
        List<EventType> types = [];
        foreach (var (name, one) in settings.EventTypes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!numbers.TryGetValue(name, out var number))
            {
                number = numbers.Count == 0 ? 1 : numbers.Values.Max() + 1;
                numbers.Add(name, number);
                await connection.ExecuteAsync(new CommandDefinition(
                    "insert into event_types(collection, number, name) values (@collection, @number, @name)", new { collection, number, name }, transaction, cancellationToken: cancellation));
            }

            types.Add(new EventType(number, name, one));
        }

        return types;
    }
}
