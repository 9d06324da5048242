using System.Globalization;
using Kindred.Contracts;

namespace Kindred.Feedback.Ratings;

/// <summary>What is to become of a rating.</summary>
internal enum RatingVerb
{
    /// <summary>A new one; refused where there is one.</summary>
    Add,

    /// <summary>Another value for the one of this id; refused where it is the same.</summary>
    Change,

    /// <summary>This value, whatever was there before.</summary>
    Put,

    /// <summary>Gone: the one of this id, or of this user and item.</summary>
    Remove,
}

/// <summary>What became of it.</summary>
internal enum RatingOutcome
{
    /// <summary>Done; for <see cref="RatingVerb.Put"/> and <see cref="RatingVerb.Remove"/> of a message also when a later one was there already.</summary>
    Done,

    /// <summary>The pair has a rating.</summary>
    Exists,

    /// <summary>The value is what it was.</summary>
    Same,

    /// <summary>There is no such rating.</summary>
    Missing,

    /// <summary>It is somebody else's.</summary>
    Foreign,
}

/// <summary>What is said of an item: one row a user and item in a table of its own, one event in the log.</summary>
/// <param name="Table">Its table.</param>
/// <param name="EventType">Name of its event type; a collection without that keeps rows and records no events.</param>
/// <param name="IsValued">The row's value is the event's.</param>
internal sealed record TasteKind(string Table, string EventType, bool IsValued)
{
    /// <summary>A rating.</summary>
    public static TasteKind Rating { get; } = new("ratings", "rating", IsValued: true);

    /// <summary>A bookmark; its value is 1 while it stands.</summary>
    public static TasteKind Bookmark { get; } = new("bookmarks", "bookmark", IsValued: false);

    public static IReadOnlyList<TasteKind> All { get; } = [Rating, Bookmark];

    /// <summary>Id of the event that carries a row.</summary>
    public string EventId(RatingRow row) => string.Create(CultureInfo.InvariantCulture, $"{EventType}/{row.Id}/{row.ChangedAt}");
}

/// <summary>One wish, on its way through the event log.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Now">When it is said, microseconds since 1970.</param>
internal sealed record RatingChange(RatingVerb Verb, long Now)
{
    public TasteKind Kind { get; init; } = TasteKind.Rating;

    /// <summary>The rating by its id; null where user and item say which.</summary>
    public string? Id { get; init; }

    public string User { get; init; } = "";

    public string Item { get; init; } = "";

    /// <summary>1 to 10.</summary>
    public float Value { get; init; }

    /// <summary>When the film was liked; <see cref="Now"/> without it.</summary>
    public long? At { get; init; }

    /// <summary>The one user whose ratings may be touched; null for anybody's.</summary>
    public string? Only { get; init; }

    /// <summary>Set for a message: what was said later than it stays.</summary>
    public bool InOrder { get; init; }

    public RatingOutcome Outcome { get; set; }

    /// <summary>True where the pair had a rating before.</summary>
    public bool Replaced { get; set; }

    /// <summary>The rating as it is now, or was last; where there is one.</summary>
    public RatingRow? Row { get; set; }
}

/// <summary>A rating in words.</summary>
/// <param name="Id">A UUIDv7.</param>
/// <param name="User">User id.</param>
/// <param name="Item">Item id.</param>
/// <param name="Value">1 to 10; null where it was taken back.</param>
/// <param name="At">When the film was liked, microseconds since 1970.</param>
/// <param name="ChangedAt">When this was said: grows with every change of the pair.</param>
internal sealed record RatingRow(string Id, string User, string Item, float? Value, long At, long ChangedAt)
{
    /// <summary>Numbers of user and item; -1 for a row that is not stored yet.</summary>
    public int UserNumber { get; init; } = -1;

    public int ItemNumber { get; init; } = -1;

    /// <summary>What others are told of it.</summary>
    public ActionTaken Told()
    {
        var data = Value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
        return new ActionTaken(User, Item, new ActionKind(Value is null ? ActionKind.Unrate : ActionKind.Rate, data), data, DateTimeOffset.UnixEpoch.AddMicroseconds(ChangedAt));
    }
}
