using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;

namespace Kindred.Feedback.Interactions;

/// <summary>
/// Takes the shop's views into the event log. A view delivered twice has the same id, so it counts once. One that comes after its viewer's account was
/// deleted leaves nothing behind.
/// </summary>
internal sealed class RecordViews(string collection, CollectionRegistry collections, EventLog log, FeedbackStore store) : IMessageHandler
{
    public string Queue => "feedback-views";

    public string Topic => ProductTopics.Viewed;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        // A collection that has no views is not told of any.
        if (collections.Find(collection) is not { } target || target.FindEventType(InteractionRoutes.EventType) is not { } type)
        {
            return;
        }

        var views = messages.Select(message => message.Read<ProductViewed>())
            .Select(view => new NewEvent(view.Id, view.UserId, view.ProductId, type, Value: null, InteractionRoutes.Micros(view.At), InteractionRoutes.Context(view.Category))).ToArray();
        if (await log.RecordAsync(target, views, cancellation) is null)
        {
            throw new TimeoutException("More events are waiting for the disk than the queue holds.");
        }

        // After the views are stored: whoever is deleted from here on takes them along.
        foreach (var gone in await store.FindDeletedAsync([.. views.Select(view => view.User).Distinct(StringComparer.Ordinal)], cancellation))
        {
            await store.ForgetUserAsync(target, gone, cancellation);
        }
    }
}
