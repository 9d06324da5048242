using System.Data.Common;
using System.Text.Json;
using Dapper;
using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Purchases;

/// <summary>Purchases as rows. They enter through the event log, in one transaction with their events: <see cref="EventRows"/> writes them.</summary>
internal sealed class PurchaseStore(Database database, Numbers numbers, IEnumerable<IEventsRecorded> readers)
{
    private const string Columns = "place as Place, id as Id, \"user\" as UserNumber, at as At, items as Items";

    /// <summary>Purchases of a user or of everybody, oldest first, after another one.</summary>
    public async Task<IReadOnlyList<PurchaseResponse>> ListAsync(Collection collection, string? user, string? after, int limit, CancellationToken cancellation)
    {
        int? number = null;
        if (user is not null && (number = await numbers.FindUserAsync(collection.Number, user, cancellation)) is null)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            select {Columns} from purchases
            where collection = @collection {(number is null ? "" : "and \"user\" = @number")}
              {(after is null ? "" : "and place > (select place from purchases where collection = @collection and id = @after)")}
            order by place limit @limit
            """,
            new { collection = collection.Number, number, after, limit },
            cancellationToken: cancellation));
        return await NameAsync(collection, rows.AsList(), cancellation);
    }

    /// <summary>One purchase, or null; with a user only when it is theirs.</summary>
    public async Task<PurchaseResponse?> FindAsync(Collection collection, string id, OnlyUserNumber only, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Columns} from purchases where collection = @collection and id = @id and (@any or \"user\" = @user)",
            new { collection = collection.Number, id, any = only.Any, user = only.Number },
            cancellationToken: cancellation));
        return row is null ? null : (await NameAsync(collection, [row], cancellation))[0];
    }

    /// <summary>Takes a purchase back with its events; false when there is none, or with a user none of theirs.</summary>
    public async Task<bool> DeleteAsync(Collection collection, string id, OnlyUserNumber only, CancellationToken cancellation)
    {
        var row = await database.WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;
                var deleted = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                    $"delete from purchases where collection = @collection and id = @id and (@any or \"user\" = @user) returning {Columns}",
                    new { collection = collection.Number, id, any = only.Any, user = only.Number },
                    transaction,
                    cancellationToken: cancellation));
                if (deleted is not null)
                {
                    for (var k = 0; k < deleted.ItemNumbers.Length; k++)
                    {
                        await connection.ExecuteAsync(new CommandDefinition(
                            "delete from events where collection = @collection and id = @id", new { collection = collection.Number, id = NewPurchase.EventId(id, k) }, transaction, cancellationToken: cancellation));
                    }
                }

                return deleted;
            },
            cancellation);
        foreach (var reader in row is null ? [] : readers)
        {
            reader.OnEventsRemoved(collection.Number, row!.UserNumber);
        }

        return row is not null;
    }

    private async Task<IReadOnlyList<PurchaseResponse>> NameAsync(Collection collection, List<Row> rows, CancellationToken cancellation)
    {
        int[] users = [.. rows.Select(row => row.UserNumber).Distinct()];
        int[] items = [.. rows.SelectMany(row => row.ItemNumbers).Distinct()];
        var userIds = users.Zip(await numbers.UserIdsAsync(collection.Number, users, cancellation)).ToDictionary(pair => pair.First, pair => pair.Second);
        var itemIds = items.Zip(await numbers.ItemIdsAsync(collection.Number, items, cancellation)).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. rows.Select(row => new PurchaseResponse(row.Id, userIds[row.UserNumber] ?? "", DateTimeOffset.UnixEpoch.AddMicroseconds(row.At), [.. row.ItemNumbers.Select(item => itemIds[item] ?? "")]))];
    }

    private sealed record Row
    {
        public long Place { get; init; }

        public string Id { get; init; } = "";

        public int UserNumber { get; init; }

        public long At { get; init; }

        public string Items { get; init; } = "";

        public int[] ItemNumbers => field ??= JsonSerializer.Deserialize<int[]>(Items) ?? [];
    }
}

/// <summary>Whose purchases a caller may touch: anybody's, or one user's.</summary>
internal readonly record struct OnlyUserNumber(bool Any, int Number)
{
    public static async ValueTask<OnlyUserNumber> OfAsync(Platform.Web.OnlyUser only, Collection collection, Numbers numbers, CancellationToken cancellation) =>
        only.Id is null ? new OnlyUserNumber(Any: true, 0) : new OnlyUserNumber(Any: false, await numbers.FindUserAsync(collection.Number, only.Id, cancellation) ?? -1);
}
