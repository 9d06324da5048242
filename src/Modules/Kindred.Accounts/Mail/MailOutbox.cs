using System.Data.Common;
using Dapper;
using Kindred.Contracts;
using Kindred.Platform.Storage;

namespace Kindred.Accounts.Mail;

/// <summary>A mail that waits to be handed over.</summary>
internal sealed record OutboxMail
{
    public string Id { get; init; } = "";

    public string Recipient { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Body { get; init; } = "";

    public long CreatedAt { get; init; }
}

/// <summary>Mail as rows of <c>outbox_mail</c>, written with what they tell of and deleted once handed over: some carry codes.</summary>
internal sealed class MailOutbox(Database database, TimeProvider clock) : IMailer
{
    public Task SendAsync(Letter letter, DbTransaction transaction, CancellationToken cancellation)
    {
        if (letter.To.AsSpan().IndexOfAny('\r', '\n') >= 0 || letter.Subject.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new ArgumentException("An address and a subject are one line each.", nameof(letter));
        }

        return transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "insert into outbox_mail(id, recipient, subject, body, created_at) values (@id, @To, @Subject, @Body, @now)",
            new { id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), letter.To, letter.Subject, letter.Body, now = clock.GetUtcNow().ToUnixTimeMilliseconds() },
            transaction,
            cancellationToken: cancellation));
    }

    /// <summary>The oldest mails that wait.</summary>
    public async Task<IReadOnlyList<OutboxMail>> WaitingAsync(int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<OutboxMail>(new CommandDefinition(
            "select id as Id, recipient as Recipient, subject as Subject, body as Body, created_at as CreatedAt from outbox_mail order by id limit @most",
            new { most },
            cancellationToken: cancellation))).AsList();
    }

    public Task DoneAsync(string id, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from outbox_mail where id = @id", new { id }, transaction, cancellationToken: cancellation)), cancellation);
}
