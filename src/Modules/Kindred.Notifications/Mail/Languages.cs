using System.Data.Common;
using Dapper;
using Kindred.Contracts;

namespace Kindred.Notifications.Mail;

/// <summary>Remembers the language somebody registers in, where there are templates for it.</summary>
internal sealed class Languages : IPeopleChanged
{
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
        transaction.Connection!.ExecuteAsync(new CommandDefinition("delete from mail_preferences where person = @Number", new { person.Number }, transaction, cancellationToken: cancellation));
}
