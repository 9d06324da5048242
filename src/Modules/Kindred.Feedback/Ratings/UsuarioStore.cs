using Dapper;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Ratings;

/// <summary>System E's users: a name and an address for a user of the collection.</summary>
internal sealed class UsuarioStore(Database database, Numbers numbers)
{
    /// <summary>Stores or renames a user and returns their number; null when the address is another's.</summary>
    public async Task<int?> PutAsync(Collection collection, string user, string name, string email, CancellationToken cancellation)
    {
        var given = await database.WriteAsync<GivenNumbers?>(
            async transaction =>
            {
                // The collection's lock before anything is numbered: what is refused must leave no number behind.
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "update collections set next_user = next_user where number = @collection", new { collection = collection.Number }, transaction, cancellationToken: cancellation));
                var owner = await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
                    "select n.id from usuarios s join user_numbers n on n.collection = s.collection and n.number = s.number where s.collection = @collection and s.email_key = @key",
                    new { collection = collection.Number, key = Key(email) },
                    transaction,
                    cancellationToken: cancellation));
                if (owner is not null && owner != user)
                {
                    return null;
                }

                var all = await numbers.GetOrAddUsersAsync(transaction, collection.Number, [user], cancellation);
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    insert into usuarios(collection, number, name, email, email_key) values (@collection, @number, @name, @email, @key)
                    on conflict (collection, number) do update set name = excluded.name, email = excluded.email, email_key = excluded.email_key
                    """,
                    new { collection = collection.Number, number = all.Numbers[0], name, email, key = Key(email) },
                    transaction,
                    cancellationToken: cancellation));
                return all;
            },
            cancellation);
        if (given is null)
        {
            return null;
        }

        numbers.RememberUsers(given);
        return given.Numbers[0];
    }

    /// <summary>The user of a number, and where one is named only that one; null where there is none.</summary>
    public async Task<(string Name, string Email)?> FindAsync(Collection collection, int number, string? only, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<(string? Name, string? Email)>(new CommandDefinition(
            """
            select s.name, s.email from usuarios s join user_numbers n on n.collection = s.collection and n.number = s.number
            where s.collection = @collection and s.number = @number and (@only is null or n.id = @only)
            """,
            new { collection = collection.Number, number, only },
            cancellationToken: cancellation));
        return row is { Name: { } name, Email: { } email } ? (name, email) : null;
    }

    private static string Key(string email) => email.ToLowerInvariant();
}
