using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;

namespace Kindred.Feedback.Users;

/// <summary>Forgets the users of deleted accounts in every collection, as <c>DELETE /users/{id}</c> does in one. A second delivery finds nothing left.</summary>
internal sealed class OnPersonDeleted(CollectionRegistry collections, FeedbackStore store) : IMessageHandler
{
    public string Queue => "feedback-people";

    public string Topic => PeopleTopics.Deleted;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        string[] users = [.. messages.Select(message => message.Read<PersonDeleted>().UserId).Distinct(StringComparer.Ordinal)];

        // First: whoever stores something of theirs from here on looks, and takes it back.
        await store.DeletePeopleAsync(users, cancellation);
        foreach (var collection in collections.All)
        {
            foreach (var user in users)
            {
                await store.ForgetUserAsync(collection, user, cancellation);
            }
        }
    }
}
