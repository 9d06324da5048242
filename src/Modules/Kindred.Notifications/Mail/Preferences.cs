using System.Data.Common;
using Dapper;
using Kindred.Contracts;

namespace Kindred.Notifications.Mail;

/// <summary>How people want their letters; begins with the language somebody registers in, where there are templates for it.</summary>
internal sealed class Preferences : IPeopleChanged
{
    /// <summary>A person's language, or null.</summary>
    public static Task<string?> LanguageAsync(DbTransaction transaction, long? person, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select language from mail_preferences where person = @person", new { person }, transaction, cancellationToken: cancellation));

    public async Task OnRegisteredAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation)
    {
        if (LetterWriter.Known(person.Language) is { } language)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "insert into mail_preferences(person, language) values (@Number, @language) on conflict do nothing", new { person.Number, language }, transaction, cancellationToken: cancellation));
        }
    }

    public Task OnVerifiedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    public Task OnDeletedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "delete from mail_preferences where person = @Number; delete from digests where person = @Number; delete from notices where person = @Number", new { person.Number }, transaction, cancellationToken: cancellation));
}
