namespace Kindred.Contracts;

/// <summary>The topic of what people do with films.</summary>
public static class ActionTopics
{
    /// <summary>Bodies are <see cref="ActionTaken"/>.</summary>
    public const string Actions = "actions";
}

/// <summary>Somebody did something with a film.</summary>
/// <param name="UserId">Who: a user id of the films' collection.</param>
/// <param name="MovieId">With which film: an item id.</param>
/// <param name="Action">What.</param>
/// <param name="EventData">The action's value as text: a rating from 1 to 10; empty without one.</param>
/// <param name="EventTime">When. Of two messages about one user and one film the later is the truth.</param>
public sealed record ActionTaken(string UserId, string MovieId, ActionKind Action, string EventData, DateTimeOffset EventTime);

/// <summary>What was done.</summary>
/// <param name="Type"><see cref="Rate"/>, <see cref="Unrate"/>, or something this program does not act on.</param>
/// <param name="Data">As <see cref="ActionTaken.EventData"/>.</param>
public sealed record ActionKind(string Type, string Data)
{
    /// <summary>The film was rated, for the first time or anew.</summary>
    public const string Rate = "rate";

    /// <summary>The rating was taken back.</summary>
    public const string Unrate = "unrate";
}
