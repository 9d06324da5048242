using Kindred.Contracts;
using Kindred.Platform.Messaging;

namespace Kindred.Catalog.Shop.Forwarding;

/// <summary>Tells the shop's recommender of deleted accounts, so that it forgets what they looked at.</summary>
internal sealed class ForwardPeople(AiService ai) : IMessageHandler
{
    public string Queue => "forward-people";

    public string Topic => PeopleTopics.Deleted;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            await ai.DeleteAsync($"users/{Uri.EscapeDataString(message.Read<PersonDeleted>().UserId)}", cancellation);
        }
    }
}
