using Kindred.Contracts;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Notices;

/// <summary>At the end of each month: the films for everybody, to whoever asked for newsletters. Without such films of the last month there is nothing to tell.</summary>
internal sealed class PopularFilmsJob(MailPreferences preferences, Notifier notifier, IPeopleReader people, Database database) : IScheduledJob
{
    private const int Page = 200;
    private static readonly TimeSpan s_fresh = TimeSpan.FromDays(31);

    public string Name => "popular-films-mail";

    public string Cron => "0 0 0 L * ?";

    public string TimeZone => "Europe/Moscow";

    public async Task RunAsync(DateTimeOffset due, CancellationToken cancellation)
    {
        if (await preferences.KeptAsync(MailPreferences.Everybody, due - s_fresh, cancellation) is not { Titles: { Count: > 0 } titles })
        {
            return;
        }

        for (var (after, page) = (0L, await preferences.ListReadersAsync(0, Page, cancellation)); page.Count > 0; page = await preferences.ListReadersAsync(after, Page, cancellation))
        {
            after = page[^1].Person;
            var known = await people.FindAsync([.. page.Select(row => row.Person)], cancellation);
            await database.WriteAsync(
                async transaction =>
                {
                    foreach (var person in known.Values.Where(person => person.IsVerified && person.IsActive).OrderBy(person => person.Number))
                    {
                        // A run that died half-way is done again: nobody gets the same month twice.
                        await notifier.AskAsync(transaction, person, NoticeWords.PopularMovies, string.Join(", ", titles), titles, $"{Name} {due:O} {person.Number}", cancellation);
                    }
                },
                cancellation);
        }
    }
}
