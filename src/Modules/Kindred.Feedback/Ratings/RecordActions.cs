using System.Globalization;
using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Microsoft.Extensions.Logging;

namespace Kindred.Feedback.Ratings;

/// <summary>
/// Takes ratings from messages into the event log. What is told of our own ratings is stored already and says nothing new, as does a second delivery or one that
/// comes after a later one. What comes after its user's account was deleted leaves nothing behind.
/// </summary>
internal sealed partial class RecordActions(string collection, CollectionRegistry collections, EventLog log, FeedbackStore store, TimeProvider clock, ILogger<RecordActions> logger) : IMessageHandler
{
    public string Queue => "feedback-actions";

    public string Topic => ActionTopics.Actions;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        // A collection without ratings is not told of any.
        if (collections.Find(collection) is not { } target || target.FindEventType(TasteKind.Rating.EventType) is not { } type)
        {
            return;
        }

        var now = RateItem.Micros(clock.GetUtcNow());
        var changes = messages.Select(message => Change(message, type, now)).OfType<RatingChange>().ToArray();
        var deleted = await store.FindDeletedAsync([.. changes.Select(change => change.User).Distinct(StringComparer.Ordinal)], cancellation);
        changes = [.. changes.Where(change => !deleted.Contains(change.User))];
        foreach (var stored in changes.Select(change => log.RateAsync(target, change, cancellation)).ToArray())
        {
            if (!await stored)
            {
                throw new TimeoutException("More events are waiting for the disk than the queue holds.");
            }
        }

        // After they are stored: whoever is deleted from here on takes them along.
        foreach (var gone in await store.FindDeletedAsync([.. changes.Select(change => change.User).Distinct(StringComparer.Ordinal)], cancellation))
        {
            await store.ForgetUserAsync(target, gone, cancellation);
        }
    }

    private RatingChange? Change(Message message, EventType type, long now)
    {
        var action = message.Read<ActionTaken>();
        if (Ids.Check(action.UserId) is { } badUser)
        {
            throw new FormatException($"user_id {badUser}");
        }

        if (Ids.Check(action.MovieId) is { } badFilm)
        {
            throw new FormatException($"movie_id {badFilm}");
        }

        var change = new RatingChange(action.Action.Type == ActionKind.Unrate ? RatingVerb.Remove : RatingVerb.Put, Math.Min(RateItem.Micros(action.EventTime), now))
        {
            User = action.UserId,
            Item = action.MovieId,
            InOrder = true,
        };
        if (action.Action.Type != ActionKind.Rate)
        {
            return change.Verb == RatingVerb.Remove ? change : null;
        }

        // A rating of the cinema's own is whole; one that another system gave is told as the profile has it.
        if (float.TryParse(action.EventData, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rating) && rating is >= 1 and <= 10
            && !(rating < type.Settings.Minimum) && !(rating > type.Settings.Maximum) && change.Now >= 0)
        {
            return change with { Value = rating };
        }

        BadRating(logger, message.Id, action.EventData.Length <= 32 ? action.EventData : action.EventData[..32]);
        return null;
    }

    [LoggerMessage(LogLevel.Warning, "Message {Message} is ignored: \"{Rating}\" is no rating from 1 to 10")]
    private static partial void BadRating(ILogger logger, Guid message, string rating);
}
