using System.Data.Common;
using Kindred.Contracts;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Mail;

/// <summary>Letters as messages on the outbox, in the transaction of what they tell of. Newsletters have a queue of their own: they hold no confirmation up.</summary>
internal sealed class Mailer(Outbox outbox, MailSettings settings) : IMailer
{
    /// <summary>Topic of letters somebody waits for.</summary>
    public const string Letters = "mail.letters";

    /// <summary>Topic of letters nobody waits for.</summary>
    public const string Newsletters = "mail.newsletters";

    public async Task SendAsync(Letter letter, DbTransaction transaction, CancellationToken cancellation)
    {
        if (!MailText.IsAddress(letter.To) || (letter.Subject is { } subject && !MailText.IsLine(subject)) || (letter.Unsubscribe is { } link && !MailText.IsLine(link)))
        {
            throw new ArgumentException("An address is one address, and a subject one line.", nameof(letter));
        }

        var language = LetterWriter.Known(letter.Language) ?? (letter.Person is { } person
            ? await Preferences.LanguageAsync(transaction, person, cancellation)
            : null);
        await outbox.AddAsync(
            letter.Unsubscribe is null ? Letters : Newsletters,
            letter with { Language = LetterWriter.Known(language) ?? settings.Language },
            transaction,
            cancellation);
    }
}
