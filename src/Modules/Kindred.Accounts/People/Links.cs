using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Kindred.Contracts;
using Kindred.Platform.Storage;

namespace Kindred.Accounts.People;

/// <summary>
/// Codes that travel by mail: confirmation of an address, a forgotten password, an invitation. A code is 128 random bits, kept as its hash, good
/// once and for a limited time; a newer one of the same purpose ends the older ones.
/// </summary>
internal sealed class Links(Database database, IMailer mailer, AttemptLimits limits, AccountsOptions options, TimeProvider clock)
{
    private const string Confirm = "confirm";
    private const string Reset = "reset";
    private const int Length = 22;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Mails the link that confirms a person's address, in a language they like or, with null, their own.</summary>
    public async Task SendConfirmationAsync(DbTransaction transaction, Person person, string? language, CancellationToken cancellation)
    {
        var code = await NewAsync(transaction, Confirm, person, cancellation);
        await mailer.SendAsync(
            new Letter(person.Email, LetterKind.ConfirmAddress)
            {
                Person = person.Number, Language = language, Name = person.CalledName, Link = $"{options.PublicUrl}/auth/v1/s/{code}", GoodFor = options.LinkLifetime,
            },
            transaction,
            cancellation);
    }

    /// <summary>Uses a confirmation link up: the person it belongs to if it is still their address, or null.</summary>
    public Task<long?> UseConfirmationAsync(DbTransaction transaction, string code, CancellationToken cancellation) => UseAsync(transaction, Confirm, code, cancellation);

    /// <summary>Uses a reset code up.</summary>
    public Task<long?> UseResetAsync(DbTransaction transaction, string code, CancellationToken cancellation) => UseAsync(transaction, Reset, code, cancellation);

    /// <summary>Whose reset code this is, without using it.</summary>
    public async Task<long?> FindResetAsync(string code, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return code.Length != Length ? null : await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "select person from short_links where sha256 = @hash and purpose = @Reset and expires_at > @Now", new { hash = Hash(code), Reset, Now }, cancellationToken: cancellation));
    }

    /// <summary>Writes down that somebody forgot a password. The same work whether or not there is such an account.</summary>
    public Task AskForResetAsync(string email, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "insert into reset_requests(id, email_key, created_at) values (@id, @key, @Now)",
                new { id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), key = Emails.Key(email), Now },
                transaction,
                cancellationToken: cancellation)),
            cancellation);

    /// <summary>Mails a code to those of the waiting requests that have an account.</summary>
    public async Task AnswerResetRequestsAsync(int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var waiting = (await connection.QueryAsync<(string Id, string EmailKey)>(new CommandDefinition(
            "select id, email_key from reset_requests order by id limit @most", new { most }, cancellationToken: cancellation))).AsList();
        foreach (var (id, key) in waiting)
        {
            await database.WriteAsync(
                async transaction =>
                {
                    // Another process may have been quicker.
                    var mine = await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from reset_requests where id = @id", new { id }, transaction, cancellationToken: cancellation));
                    if (mine == 1 && await PeopleStore.FindAsync(transaction, key, cancellation) is { IsActive: true } person && limits.Take("mail " + key, options.MailsPerHour, TimeSpan.FromHours(1)) is null)
                    {
                        await SendResetAsync(transaction, person, cancellation);
                    }
                },
                cancellation);
        }
    }

    /// <summary>Tells a person by mail that their password was changed.</summary>
    public Task TellPasswordAsync(DbTransaction transaction, Person person, string to, CancellationToken cancellation) =>
        mailer.SendAsync(
            new Letter(to, LetterKind.PasswordChanged) { Person = person.Number, Name = person.CalledName, Link = options.PublicUrl + options.ResetPage }, transaction, cancellation);

    /// <summary>Tells a person at their old address that they have another.</summary>
    public Task TellAddressAsync(DbTransaction transaction, Person person, string to, CancellationToken cancellation) =>
        mailer.SendAsync(
            new Letter(to, LetterKind.AddressChanged) { Person = person.Number, Name = person.CalledName, Address = person.Email, Link = options.PublicUrl + options.ResetPage }, transaction, cancellation);

    /// <summary>Invites an address to a role; returns the code, which the mail carries too.</summary>
    public async Task<string> InviteAsync(DbTransaction transaction, string email, Role role, CancellationToken cancellation)
    {
        var code = NewCode();
        var key = Emails.Key(email);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "delete from invitations where email_key = @key and role = @Number", new { key, role.Number }, transaction, cancellationToken: cancellation));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "insert into invitations(sha256, email_key, role, created_at, expires_at) values (@hash, @key, @Number, @Now, @expires)",
            new { hash = Hash(code), key, role.Number, Now, expires = Now + (long)options.InvitationLifetime.TotalMilliseconds },
            transaction,
            cancellationToken: cancellation));
        await mailer.SendAsync(
            new Letter(email.Trim(), LetterKind.Invitation) { Role = role.Name, Link = InvitationLink(code), Code = code, GoodFor = options.InvitationLifetime },
            transaction,
            cancellation);
        return code;
    }

    public string InvitationLink(string code) => $"{options.PublicUrl}{options.InvitationPage}#token={code}";

    /// <summary>The address and role an invitation is for, without using it.</summary>
    public async Task<(string EmailKey, long Role)?> FindInvitationAsync(string code, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = (await connection.QueryAsync<(string, long)>(new CommandDefinition(
            "select email_key, role from invitations where sha256 = @hash and expires_at > @Now", new { hash = Hash(code), Now }, cancellationToken: cancellation))).AsList();
        return rows is [var row] ? row : null;
    }

    /// <summary>Uses an invitation up; false when it was used or has ended.</summary>
    public async Task<bool> UseInvitationAsync(DbTransaction transaction, string code, CancellationToken cancellation) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "delete from invitations where sha256 = @hash and expires_at > @Now", new { hash = Hash(code), Now }, transaction, cancellationToken: cancellation)) == 1;

    /// <summary>Deletes what has ended.</summary>
    public Task SweepAsync(CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from short_links where expires_at <= @Now", new { Now }, transaction, cancellationToken: cancellation));
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from invitations where expires_at <= @Now", new { Now }, transaction, cancellationToken: cancellation));
            },
            cancellation);

    private async Task SendResetAsync(DbTransaction transaction, Person person, CancellationToken cancellation)
    {
        var code = await NewAsync(transaction, Reset, person, cancellation);
        await mailer.SendAsync(
            new Letter(person.Email, LetterKind.ResetPassword)
            {
                Person = person.Number, Name = person.CalledName, Link = $"{options.PublicUrl}{options.ResetPage}#token={code}", Code = code, GoodFor = options.LinkLifetime,
            },
            transaction,
            cancellation);
    }

    private async Task<string> NewAsync(DbTransaction transaction, string purpose, Person person, CancellationToken cancellation)
    {
        var code = NewCode();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "delete from short_links where person = @Number and purpose = @purpose", new { person.Number, purpose }, transaction, cancellationToken: cancellation));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "insert into short_links(sha256, purpose, person, email_key, created_at, expires_at) values (@hash, @purpose, @Number, @key, @Now, @expires)",
            new { hash = Hash(code), purpose, person.Number, key = Emails.Key(person.Email), Now, expires = Now + (long)options.LinkLifetime.TotalMilliseconds },
            transaction,
            cancellationToken: cancellation));
        return code;
    }

    // The address is part of the condition: a link sent to an address that is no longer theirs proves nothing.
    private async Task<long?> UseAsync(DbTransaction transaction, string purpose, string code, CancellationToken cancellation) =>
        code.Length != Length ? null : await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            """
            delete from short_links where sha256 = @hash and purpose = @purpose and expires_at > @Now
              and exists (select 1 from people p where p.number = short_links.person and p.email_key = short_links.email_key and p.disabled_at is null)
            returning person
            """,
            new { hash = Hash(code), purpose, Now },
            transaction,
            cancellationToken: cancellation));

    private static string NewCode() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
