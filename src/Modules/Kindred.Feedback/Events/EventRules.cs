using Kindred.Platform.Collections;
using Kindred.Platform.Web;

namespace Kindred.Feedback.Events;

/// <summary>What an event must be before it may enter the log: the same for the API and for imports.</summary>
internal static class EventRules
{
    /// <summary>Longest context as JSON text, in UTF-8 bytes.</summary>
    public const int MaxContextBytes = 4096;

    // A client's clock may run ahead a little; what lies further ahead is a mistake of unit or zone.
    private const long MicrosecondsAhead = 300_000_000;

    /// <summary>The first fault, or null; <paramref name="type"/> is the event's type when there is none.</summary>
    public static FieldError? Check(Collection collection, string id, string user, string item, string typeName, float? value, long at, long now, out EventType type)
    {
        type = null!;
        if (Ids.Check(id) is { } badId)
        {
            return new FieldError("/id", "id", $"id {badId}");
        }

        if (Ids.Check(user) is { } badUser)
        {
            return new FieldError("/user", "id", $"user {badUser}");
        }

        if (Ids.Check(item) is { } badItem)
        {
            return new FieldError("/item", "id", $"item {badItem}");
        }

        if (collection.FindEventType(typeName) is not { } found)
        {
            var near = collection.EventTypes.FirstOrDefault(known => string.Equals(known.Name, typeName, StringComparison.OrdinalIgnoreCase));
            return new FieldError(
                "/type",
                "unknown",
                $"type \"{Shorten(typeName)}\" is not one of collection {collection.Name}: {string.Join(", ", collection.EventTypes.Select(known => known.Name))}"
                + (near is null ? "" : $"; did you mean \"{near.Name}\"?"));
        }

        type = found;
        return CheckValue(found, value) ?? CheckTime(at, now);
    }

    private static FieldError? CheckValue(EventType type, float? value)
    {
        var settings = type.Settings;
        return value switch
        {
            null when settings.ValueRequired => new FieldError("/value", "required", $"a {type.Name} needs a value{Range(settings)}"),
            { } number when !float.IsFinite(number) => new FieldError("/value", "range", "value is a finite number"),
            { } number when number < settings.Minimum || number > settings.Maximum =>
                new FieldError("/value", "range", $"value {number} of a {type.Name} is out of range{Range(settings)}"),
            _ => null,
        };
    }

    private static FieldError? CheckTime(long at, long now) =>
        at < 0 ? new FieldError("/at", "range", "at lies before 1970")
        : at > now + MicrosecondsAhead ? new FieldError("/at", "range", "at lies more than five minutes in the future")
        : null;

    private static string Range(EventTypeSettings settings) => (settings.Minimum, settings.Maximum) switch
    {
        ({ } least, { } most) => $": {least} to {most}",
        ({ } least, null) => $": {least} or more",
        (null, { } most) => $": {most} or less",
        _ => "",
    };

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..61] + "...";
}
