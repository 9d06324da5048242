using Kindred.Contracts;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Notices;

/// <summary>
/// Keeps the newest recommendations of people with a confirmed address who asked for them by mail, and those for everybody. The chat has its own copy of each
/// message: another queue.
/// </summary>
internal sealed class KeepForDigest(Inbox inbox, MailPreferences preferences, IPeopleReader people) : IMessageHandler
{
    public string Queue => "mail-recommendations";

    public string Topic => CinemaTopics.Recommendations;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        Dictionary<Guid, PersonRecord?> known = [];
        foreach (var id in messages.Select(message => message.Read<RecommendationsMade>().UserId).OfType<Guid>().Distinct())
        {
            known[id] = await people.FindAsync(id, cancellation);
        }

        await inbox.OnceAsync(
            Queue,
            messages,
            async (fresh, transaction) =>
            {
                foreach (var made in fresh.Select(message => message.Read<RecommendationsMade>()).Where(made => made.Recommendations.Count > 0))
                {
                    var titles = made.Recommendations.Select(film => film.Title).ToArray();
                    if (made.UserId is not { } id)
                    {
                        await preferences.KeepAsync(transaction, MailPreferences.Everybody, titles, cancellation);
                    }
                    else if (known[id] is { IsVerified: true, IsActive: true } person && await MailPreferences.WantsAsync(transaction, person.Number, cancellation))
                    {
                        await preferences.KeepAsync(transaction, person.Number, titles, cancellation);
                    }
                }
            },
            cancellation);
    }
}
