using System.Data.Common;
using Dapper;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Events;

/// <summary>
/// Writes one collection's share of a group inside its transaction: lock the collection's row, find the ids that are there, number what is new,
/// insert. Under that lock sequences have no gaps and follow the order of commits, and no id can appear between the look and the insert.
/// </summary>
internal sealed class EventWriter(Database database, Numbers numbers)
{
    public async Task<WrittenEvents> WriteAsync(DbTransaction transaction, int collection, IReadOnlyList<Submission> submissions)
    {
        var connection = transaction.Connection!;
        var sequence = await connection.ExecuteScalarAsync<long>(
            "update collections set event_sequence = event_sequence where number = @collection returning event_sequence", new { collection }, transaction);
        var (events, byId) = Deduplicate(submissions);
        using var rows = EventRows.Open(database.Dialect, transaction, collection);
        await rows.MarkStoredAsync(events);

        List<Pending> fresh = [];
        foreach (var pending in events)
        {
            if (pending.Outcome == RecordOutcome.Accepted)
            {
                fresh.Add(pending);
            }
        }

        var (users, userNumbers) = await NumberAsync(fresh, e => e.User, ids => numbers.GetOrAddUsersAsync(transaction, collection, ids, CancellationToken.None));
        var (items, itemNumbers) = await NumberAsync(fresh, e => e.Item, ids => numbers.GetOrAddItemsAsync(transaction, collection, ids, CancellationToken.None));
        var records = new EventRecord[fresh.Count];
        for (var k = 0; k < records.Length; k++)
        {
            var one = fresh[k].Event;
            records[k] = new EventRecord(++sequence, userNumbers.Of[one.User], itemNumbers.Of[one.Item], one.Type.Number, one.Value, one.At);
        }

        await rows.InsertAsync(fresh, records);
        if (records.Length > 0)
        {
            await connection.ExecuteAsync("update collections set event_sequence = @sequence where number = @collection", new { collection, sequence }, transaction);
        }

        Answer(submissions, byId);
        return new WrittenEvents(collection, records, users, userNumbers.All, items, itemNumbers.All);
    }

    // The first delivery of an id within the group stands for all of them.
    private static (List<Pending> Events, Dictionary<string, Pending> ById) Deduplicate(IReadOnlyList<Submission> submissions)
    {
        List<Pending> events = [];
        Dictionary<string, Pending> byId = new(StringComparer.Ordinal);
        foreach (var one in submissions.SelectMany(submission => submission.Events))
        {
            if (!byId.ContainsKey(one.Id))
            {
                var pending = new Pending(one);
                events.Add(pending);
                byId.Add(one.Id, pending);
            }
        }

        return (events, byId);
    }

    private static void Answer(IReadOnlyList<Submission> submissions, Dictionary<string, Pending> byId)
    {
        foreach (var submission in submissions)
        {
            for (var k = 0; k < submission.Outcomes.Length; k++)
            {
                var pending = byId[submission.Events[k].Id];
                if (pending.Answered)
                {
                    var same = pending.Outcome == RecordOutcome.Accepted
                        ? pending.Event.SameContentAs(submission.Events[k])
                        : pending.Stored is { } stored && stored.SameContentAs(submission.Events[k]);
                    submission.Outcomes[k] = same ? RecordOutcome.Duplicate : RecordOutcome.Conflict;
                }
                else
                {
                    submission.Outcomes[k] = pending.Outcome;
                    pending.Answered = true;
                }
            }
        }
    }

    private static async Task<(string[] Ids, (int[] All, Dictionary<string, int> Of) Numbers)> NumberAsync(
        List<Pending> fresh, Func<NewEvent, string> pick, Func<string[], Task<int[]>> number)
    {
        Dictionary<string, int> of = new(StringComparer.Ordinal);
        foreach (var pending in fresh)
        {
            of.TryAdd(pick(pending.Event), 0);
        }

        string[] ids = [.. of.Keys];
        var all = ids.Length == 0 ? [] : await number(ids);
        for (var k = 0; k < ids.Length; k++)
        {
            of[ids[k]] = all[k];
        }

        return (ids, (all, of));
    }
}

/// <summary>An event of a group while its transaction runs.</summary>
internal sealed class Pending(NewEvent one)
{
    public NewEvent Event { get; } = one;

    public RecordOutcome Outcome { get; private set; }

    /// <summary>What is stored under the id, when something is.</summary>
    public StoredContent? Stored { get; private set; }

    /// <summary>The first delivery has its outcome; later ones of the group are compared with it.</summary>
    public bool Answered { get; set; }

    public void Found(StoredContent stored)
    {
        Stored = stored;
        Outcome = stored.SameContentAs(Event) ? RecordOutcome.Duplicate : RecordOutcome.Conflict;
    }
}

/// <summary>The content of a stored event in words. A forgotten user's events are gone, so both ids are there.</summary>
internal readonly record struct StoredContent(string User, string Item, int Type, float? Value, long At, string? Context)
{
    public bool SameContentAs(in NewEvent other) =>
        Type == other.Type.Number && At == other.At && Value == other.Value
        && string.Equals(User, other.User, StringComparison.Ordinal)
        && string.Equals(Item, other.Item, StringComparison.Ordinal)
        && string.Equals(Context, other.Context, StringComparison.Ordinal);
}
