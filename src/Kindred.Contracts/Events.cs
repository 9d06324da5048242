using System.Data.Common;

namespace Kindred.Contracts;

/// <summary>An event as it is stored, in numbers.</summary>
/// <param name="Sequence">Place in its collection's log: from 1, without gaps, in the order of commits.</param>
/// <param name="User">Number of the user within the collection, from 0.</param>
/// <param name="Item">Number of the item within the collection, from 0.</param>
/// <param name="Type">Number of the event type within the collection.</param>
/// <param name="Value">The value sent along (a rating, a quantity), finite; null without one.</param>
/// <param name="At">Microseconds since 1970 (UTC).</param>
public readonly record struct EventRecord(long Sequence, int User, int Item, int Type, float? Value, long At);

/// <summary>Reading the event log from another module; Feedback implements it.</summary>
public interface IEventReader
{
    /// <summary>Streams a collection's events after a sequence number, ascending, from one consistent snapshot; memory does not grow with the log.</summary>
    IAsyncEnumerable<EventRecord> ReadAsync(int collection, long afterSequence, CancellationToken cancellation);

    /// <summary>A user's newest events, newest first (time, then sequence), at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<EventRecord>> ReadUserAsync(int collection, int user, int limit, CancellationToken cancellation);

    /// <summary>Every distinct (item, type) a user has events with, in no order: what "seen" is made of.</summary>
    ValueTask<IReadOnlyList<(int Item, int Type)>> ReadUserItemsAsync(int collection, int user, CancellationToken cancellation);

    /// <summary>The last sequence number, which is also the number of events ever accepted.</summary>
    ValueTask<long> LastSequenceAsync(int collection, CancellationToken cancellation);
}

/// <summary>Asked, inside the transaction that forgets a user, to forget what a module keeps about them too.</summary>
public interface IUserForgotten
{
    /// <summary>Deletes the user's rows.</summary>
    Task OnForgottenAsync(int collection, int user, DbTransaction transaction, CancellationToken cancellation);
}

/// <summary>
/// Told of events in the moment between their commit and their acknowledgement, in this process; so the caller's next request already sees them.
/// Must be quick and must not throw. Events committed by other processes are found by sequence number instead.
/// </summary>
public interface IEventsRecorded
{
    /// <summary>New events of one collection, ascending; duplicates are not among them.</summary>
    void OnRecorded(int collection, ReadOnlySpan<EventRecord> events);

    /// <summary>Events of a user were taken back.</summary>
    void OnEventsRemoved(int collection, int user);

    /// <summary>A user was forgotten: their events are gone.</summary>
    void OnUserForgotten(int collection, int user);
}
