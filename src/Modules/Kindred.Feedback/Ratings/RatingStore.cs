using Dapper;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Ratings;

/// <summary>Reads ratings and bookmarks as people gave them through a system's routes. They are written through the event log.</summary>
internal sealed class RatingStore(Database database, Numbers numbers)
{
    private static string Select(TasteKind kind) =>
        $"""
        select r.place as Place, r.id as Id, u.id as User, r.item as ItemNumber, i.id as Item, r.value as Value, r.at as At
        from {kind.Table} r
        join user_numbers u on u.collection = r.collection and u.number = r."user"
        join item_numbers i on i.collection = r.collection and i.number = r.item
        where r.collection = @collection and r.value is not null
        """;

    /// <summary>A user's entries in the order they were first given.</summary>
    public async Task<IReadOnlyList<GivenRating>> ListAsync(Collection collection, TasteKind kind, string user, long offset, int limit, CancellationToken cancellation)
    {
        if (await numbers.FindUserAsync(collection.Number, user, cancellation) is not { } number)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<GivenRating>(new CommandDefinition(
            $"{Select(kind)} and r.\"user\" = @number order by r.place limit @limit offset @offset", new { collection = collection.Number, number, offset, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>The entry of this id, or null.</summary>
    public async Task<GivenRating?> FindAsync(Collection collection, TasteKind kind, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<GivenRating>(new CommandDefinition($"{Select(kind)} and r.id = @id", new { collection = collection.Number, id }, cancellationToken: cancellation));
    }
}

/// <summary>A rating or bookmark that stands.</summary>
internal sealed record GivenRating
{
    public long Place { get; init; }

    public string Id { get; init; } = "";

    public string User { get; init; } = "";

    public int ItemNumber { get; init; }

    public string Item { get; init; } = "";

    /// <summary>1 to 10.</summary>
    public double Value { get; init; }

    /// <summary>Microseconds since 1970.</summary>
    public long At { get; init; }

    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddMicroseconds(At);
}
