using Dapper;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Social;

/// <summary>Reviews of films.</summary>
internal sealed class ReviewStore(Database database, Numbers numbers)
{
    private const string Select =
        """
        select r.id as Id, u.id as User, i.id as Item, r.text as Text, r.at as At
        from reviews r
        join user_numbers u on u.collection = r.collection and u.number = r."user"
        join item_numbers i on i.collection = r.collection and i.number = r.item
        where r.collection = @collection
        """;

    /// <summary>A user's reviews in the order they were written.</summary>
    public async Task<IReadOnlyList<Review>> ListAsync(Collection collection, string user, long offset, int limit, CancellationToken cancellation)
    {
        if (await numbers.FindUserAsync(collection.Number, user, cancellation) is not { } number)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<Review>(new CommandDefinition(
            $"{Select} and r.\"user\" = @number order by r.place limit @limit offset @offset", new { collection = collection.Number, number, offset, limit }, cancellationToken: cancellation))).AsList();
    }

    public async Task<Review?> FindAsync(Collection collection, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Review>(new CommandDefinition($"{Select} and r.id = @id", new { collection = collection.Number, id }, cancellationToken: cancellation));
    }

    /// <summary>Stores a review; false where the user has one of the item.</summary>
    public async Task<bool> AddAsync(Collection collection, Review review, CancellationToken cancellation)
    {
        var (users, items) = await database.WriteAsync<(GivenNumbers? Users, GivenNumbers? Items)>(
            async transaction =>
            {
                var connection = transaction.Connection!;

                // The collection's lock before anything is numbered: a second review must leave no numbers behind.
                await connection.ExecuteAsync(new CommandDefinition(
                    "update collections set next_user = next_user where number = @collection", new { collection = collection.Number }, transaction, cancellationToken: cancellation));
                if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                    $"select count(*) from ({Select} and u.id = @User and i.id = @Item) r", new { collection = collection.Number, review.User, review.Item }, transaction, cancellationToken: cancellation)) > 0)
                {
                    return (null, null);
                }

                var user = await numbers.GetOrAddUsersAsync(transaction, collection.Number, [review.User], cancellation);
                var item = await numbers.GetOrAddItemsAsync(transaction, collection.Number, [review.Item], cancellation);
                await connection.ExecuteAsync(new CommandDefinition(
                    "insert into reviews(collection, id, \"user\", item, text, at) values (@collection, @Id, @user, @item, @Text, @At)",
                    new { collection = collection.Number, review.Id, user = user.Numbers[0], item = item.Numbers[0], review.Text, review.At },
                    transaction,
                    cancellationToken: cancellation));
                return (user, item);
            },
            cancellation);
        if (users is null || items is null)
        {
            return false;
        }

        numbers.RememberUsers(users);
        numbers.RememberItems(items);
        return true;
    }

    /// <summary>Changes the text of a review, of one user's only where one is named; false where there is none.</summary>
    public Task<bool> ChangeAsync(Collection collection, string id, string text, string? only, CancellationToken cancellation) =>
        WriteAsync("update reviews set text = @text", collection, id, text, only, cancellation);

    /// <summary>Deletes a review, of one user's only where one is named; false where there is none.</summary>
    public Task<bool> DeleteAsync(Collection collection, string id, string? only, CancellationToken cancellation) => WriteAsync("delete from reviews", collection, id, text: "", only, cancellation);

    private async Task<bool> WriteAsync(string what, Collection collection, string id, string text, string? only, CancellationToken cancellation) =>
        await database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"{what} where collection = @collection and id = @id and (@any = 1 or \"user\" = (select number from user_numbers where collection = @collection and id = @only))",
                new { collection = collection.Number, id, text, any = only is null ? 1 : 0, only = only ?? "" },
                transaction,
                cancellationToken: cancellation)),
            cancellation) == 1;
}

/// <summary>A review; its time is microseconds since 1970.</summary>
internal sealed record Review
{
    public string Id { get; init; } = "";

    public string User { get; init; } = "";

    public string Item { get; init; } = "";

    public string Text { get; init; } = "";

    public long At { get; init; }

    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddMicroseconds(At);
}
