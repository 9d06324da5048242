using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Platform.Messaging;

/// <summary>Remembers, in the transaction of a consumer's work, which messages that work was done for; so a second delivery changes nothing.</summary>
public sealed class Inbox(Database database, TimeProvider clock)
{
    /// <summary>How long a message is remembered. The outbox forgets a message once it is handled, so repeats come within moments of a crash.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromDays(7);

    /// <summary>Runs the work in one write transaction for the messages of a batch that this queue has not handled; none left means no work.</summary>
    public Task OnceAsync(string queue, IReadOnlyList<Message> messages, Func<IReadOnlyList<Message>, DbTransaction, Task> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(work);
        return database.WriteAsync(
            async transaction =>
            {
                List<Message> fresh = [];
                var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
                foreach (var message in messages)
                {
                    if (await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                        "insert into inbox(queue, message, handled_at) values (@queue, @message, @now) on conflict do nothing",
                        new { queue, message = message.Id.ToString(), now },
                        transaction,
                        cancellationToken: cancellation)) == 1)
                    {
                        fresh.Add(message);
                    }
                }

                if (fresh.Count > 0)
                {
                    await work(fresh, transaction);
                }
            },
            cancellation);
    }

    /// <summary>
    /// True when this queue's work was done for the message. For work that cannot be in a transaction (a letter handed to a server): ask, do it, then say so by
    /// <see cref="OnceAsync"/>; a crash between the last two does it again.
    /// </summary>
    public async Task<bool> IsHandledAsync(string queue, Message message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from inbox where queue = @queue and message = @message", new { queue, message = message.Id.ToString() }, cancellationToken: cancellation)) > 0;
    }

    /// <summary>Forgets what is older than <see cref="Kept"/>.</summary>
    internal Task SweepAsync(CancellationToken cancellation) => database.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "delete from inbox where handled_at < @before", new { before = (clock.GetUtcNow() - Kept).ToUnixTimeMilliseconds() }, transaction, cancellationToken: cancellation)),
        cancellation);
}
