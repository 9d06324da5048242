using Kindred.Contracts;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Notices;

/// <summary>
/// Mails the films that wait to whoever asked for them: at most one letter a week, none in their quiet hours, none to an address that is not confirmed. Looks every
/// hour, because quiet hours end at different times. Takes notices up again too that waited for that.
/// </summary>
internal sealed class DigestJob(
    MailPreferences preferences, NoticeStore notices, Notifier notifier, Unsubscribing unsubscribing, IPeopleReader people, IMailer mailer, Database database, TimeProvider clock) : IScheduledJob
{
    private const int Page = 200;
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);

    public string Name => "recommendation-mail";

    public string Cron => "0 0 * * * ?";

    public async Task RunAsync(DateTimeOffset due, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var links = await unsubscribing.LinksAsync(cancellation);
        for (var (after, page) = (0L, await preferences.ListReadersAsync(0, Page, cancellation)); page.Count > 0; page = await preferences.ListReadersAsync(after, Page, cancellation))
        {
            after = page[^1].Person;
            var ready = page.Where(row => !row.IsQuiet(now) && !(row.LastDigestAt is { } last && DateTimeOffset.FromUnixTimeMilliseconds(last) > now - s_week)).ToArray();
            var known = await people.FindAsync([.. ready.Select(row => row.Person)], cancellation);
            foreach (var person in ready.Select(row => known.GetValueOrDefault(row.Person)).OfType<PersonRecord>().Where(person => person.IsVerified && person.IsActive))
            {
                await database.WriteAsync(
                    async transaction =>
                    {
                        if (await MailPreferences.TakeAsync(transaction, person.Number, now, s_week, cancellation) is { Titles: { Count: > 0 } titles })
                        {
                            await mailer.SendAsync(
                                new Letter(person.Email, LetterKind.Recommendations) { Person = person.Number, Name = person.Name, Films = titles, Unsubscribe = links(person.Number) }, transaction, cancellation);
                        }
                    },
                    cancellation);
            }
        }

        foreach (var id in await notices.ListWaitingAsync(10_000, cancellation))
        {
            await database.WriteAsync(transaction => notifier.AgainAsync(transaction, id, cancellation), cancellation);
        }
    }
}
