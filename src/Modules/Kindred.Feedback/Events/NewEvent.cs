using Kindred.Platform.Collections;

namespace Kindred.Feedback.Events;

/// <summary>A checked event on its way to the log.</summary>
internal readonly record struct NewEvent(string Id, string User, string Item, EventType Type, float? Value, long At, string? Context)
{
    /// <summary>True when a second delivery says the same.</summary>
    public bool SameContentAs(in NewEvent other) =>
        Type.Number == other.Type.Number && At == other.At && Value == other.Value
        && string.Equals(User, other.User, StringComparison.Ordinal)
        && string.Equals(Item, other.Item, StringComparison.Ordinal)
        && string.Equals(Context, other.Context, StringComparison.Ordinal);
}

/// <summary>What became of an event.</summary>
internal enum RecordOutcome : byte
{
    /// <summary>Stored now.</summary>
    Accepted,

    /// <summary>Stored before, with the same content.</summary>
    Duplicate,

    /// <summary>Its id is stored with other content; nothing changed.</summary>
    Conflict,
}
