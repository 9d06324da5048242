using Kindred.Contracts;
using Kindred.Notifications.Mail;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Chat;

/// <summary>Whoever confirmed their address has a room of their own, with a word of welcome; one room, however many addresses.</summary>
internal sealed class OnUserVerified(Inbox inbox, ChatRooms rooms, IPeopleReader people) : IMessageHandler
{
    public string Queue => "chat-rooms";

    public string Topic => CinemaTopics.UserVerified;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        List<PersonRecord> verified = [];
        foreach (var message in messages)
        {
            // Whoever deleted their account meanwhile needs no room.
            if (await people.FindAsync(message.Read<UserVerified>().UserId, cancellation) is { } person)
            {
                verified.Add(person);
            }
        }

        await inbox.OnceAsync(
            Queue,
            messages,
            async (_, transaction) =>
            {
                foreach (var person in verified)
                {
                    await rooms.MakeOwnAsync(transaction, person, cancellation);
                }
            },
            cancellation);
    }
}
