using Kindred.Contracts;
using Kindred.Notifications.Mail;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Chat;

/// <summary>
/// Says in a person's own room which films are recommended to them, stored and pushed at once. What is for everybody is for nobody's room. The same list is not
/// said again within a day: clients ask for lists all the time.
/// </summary>
internal sealed class OnRecommendationsMade(Inbox inbox, ChatStore store, ChatHub hub, TimeProvider clock, MailSettings mail) : IMessageHandler
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromDays(1);

    public string Queue => "chat-recommendations";

    public string Topic => CinemaTopics.Recommendations;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        List<(long Room, IReadOnlyList<MessageRow> Rows)> said = [];
        await inbox.OnceAsync(
            Queue,
            messages,
            async (fresh, transaction) =>
            {
                said.Clear();
                foreach (var made in fresh.Select(message => message.Read<RecommendationsMade>()).Where(made => made is { UserId: not null, Recommendations.Count: > 0 }).OrderBy(made => made.UserId))
                {
                    if (await ChatStore.OwnRoomAsync(transaction, made.UserId!.Value, cancellation) is not { } room)
                    {
                        continue;
                    }

                    var language = await Preferences.LanguageAsync(transaction, room.Owner, cancellation) ?? mail.Language;
                    var text = ChatWords.Films(made.Recommendations.Select(film => film.Title), language);
                    var since = (clock.GetUtcNow() - s_quiet).ToUnixTimeMilliseconds();
                    if (await ChatStore.LastSaidAsync(transaction, room.Number, ChatWords.Bot, since, cancellation) != text
                        && await store.AddAsync(transaction, room.Number, [new Said(Said.Message, Person: null, ChatWords.Bot, ChatWords.BotRole, text)], cancellation) is { } rows)
                    {
                        said.Add((room.Number, rows));
                    }
                }
            },
            cancellation);
        foreach (var (room, rows) in said)
        {
            hub.Publish(room, rows);
        }
    }
}
