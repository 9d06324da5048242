using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;

namespace Kindred.Notifications.Chat;

/// <summary>
/// What a browser shows instead of a token where it cannot send a header: 128 random bits, kept as their hash, good once and for a minute, so that an address
/// that was written to a log opens nothing.
/// </summary>
internal sealed class ChatTickets(Database database, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private const int Length = 22;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<string> IssueAsync(Caller caller, CancellationToken cancellation)
    {
        var ticket = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        await database.WriteAsync(
            async transaction =>
            {
                await ChatStore.ExecuteAsync(transaction, "delete from chat_tickets where expires_at <= @Now", new { Now }, cancellation);
                await ChatStore.ExecuteAsync(
                    transaction,
                    "insert into chat_tickets(sha256, person, person_id, user_id, session, expires_at) values (@hash, @Number, @Id, @User, @Session, @expires)",
                    new { hash = Hash(ticket), caller.Person!.Number, caller.Id, caller.Person.User, caller.Person.Session, expires = Now + (long)Lifetime.TotalMilliseconds },
                    cancellation);
            },
            cancellation);
        return ticket;
    }

    /// <summary>Uses a ticket up: whose it was, or null.</summary>
    public async Task<(string Id, SignedIn Person)?> UseAsync(string ticket, CancellationToken cancellation)
    {
        if (ticket.Length != Length)
        {
            return null;
        }

        var rows = await database.WriteAsync(
            async transaction => (await transaction.Connection!.QueryAsync<(long Person, string Id, string User, string Session)>(new CommandDefinition(
                "delete from chat_tickets where sha256 = @hash and expires_at > @Now returning person, person_id, user_id, session", new { hash = Hash(ticket), Now }, transaction, cancellationToken: cancellation))).AsList(),
            cancellation);
        return rows is [var row] ? (row.Id, new SignedIn(row.Person, row.User, row.Session)) : null;
    }

    private static string Hash(string ticket) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));
}
