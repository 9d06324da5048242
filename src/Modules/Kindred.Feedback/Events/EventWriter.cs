using System.Data.Common;
using Kindred.Contracts;
using Kindred.Feedback.Purchases;
using Kindred.Feedback.Ratings;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Events;

/// <summary>
/// Writes one collection's share of a group inside its transaction: hold the collection's row, number what is new, insert what is not there. While it
/// is held sequences have no gaps and follow the order of commits. Almost every id is new, so the insert itself finds the ones that are not.
/// </summary>
internal sealed class EventWriter(Database database, Numbers numbers, RatingWriter ratings)
{
    public async Task<WrittenEvents> WriteAsync(DbTransaction transaction, int collection, IReadOnlyList<Submission> submissions)
    {
        var held = await numbers.HoldAsync(transaction, collection, CancellationToken.None);
        List<RatingPlan> plans = [];
        foreach (var changes in submissions.Select(submission => submission.Rating).OfType<RatingChange>().GroupBy(change => change.Kind))
        {
            plans.Add(await ratings.PlanAsync(transaction, submissions[0].Collection, changes.Key, [.. changes]));
        }

        var (events, byId) = Deduplicate(submissions.SelectMany(submission => submission.Events).Concat(plans.SelectMany(plan => plan.NewEvents)));
        using var rows = EventRows.Open(database.Dialect, transaction, collection);

        // A rejected event must leave nothing behind, so nobody gets a number before it is known that the event is new.
        await rows.MarkStoredAsync([.. events.Where(pending => !numbers.KnowsUser(collection, pending.Event.User) || !numbers.KnowsItem(collection, pending.Event.Item))]);
        events.RemoveAll(pending => pending.Outcome != RecordOutcome.Accepted);
        var purchases = submissions.Where(submission => submission.Purchase is not null).ToList();
        RatingRow[] rated = [.. plans.SelectMany(plan => plan.Unnumbered)];
        var users = await numbers.GetOrAddUsersAsync(
            transaction, held, Ids(events.Select(pending => pending.Event.User).Concat(purchases.Select(submission => submission.Purchase!.User)).Concat(rated.Select(row => row.User))), CancellationToken.None);
        Number(events, users, pending => pending.Event.User, (pending, number) => pending.User = number);
        var items = await numbers.GetOrAddItemsAsync(transaction, held, Ids(events.Select(pending => pending.Event.Item).Concat(rated.Select(row => row.Item))), CancellationToken.None);
        Number(events, items, pending => pending.Event.Item, (pending, number) => pending.Item = number);
        var records = await rows.InsertAsync(events, Rows(purchases, users, byId), held.EventSequence);

        foreach (var plan in plans)
        {
            await ratings.StoreAsync(transaction, collection, plan, ByText(users), ByText(items));
        }

        Answer(submissions, byId);
        return new WrittenEvents(collection, records, users, items, [.. plans.SelectMany(plan => plan.UsersOfReplaced).Distinct()]);
    }

    // The first delivery of an id within the group stands for all of them.
    private static (List<Pending> Events, Dictionary<string, Pending> ById) Deduplicate(IEnumerable<NewEvent> given)
    {
        List<Pending> events = [];
        Dictionary<string, Pending> byId = new(StringComparer.Ordinal);
        foreach (var one in given)
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

    private static PurchaseRow[] Rows(List<Submission> purchases, GivenNumbers users, Dictionary<string, Pending> byId)
    {
        if (purchases.Count == 0)
        {
            return [];
        }

        var numberOf = ByText(users);
        return [.. purchases.Select(submission => new PurchaseRow(
            submission.Purchase!.Id,
            numberOf[submission.Purchase.User],
            submission.Purchase.At,
            $"[{string.Join(',', submission.Events.Select(one => byId[one.Id].Item))}]"))];
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

    private static Dictionary<string, int> ByText(GivenNumbers given) => given.Ids.Zip(given.Numbers).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);

    private static string[] Ids(IEnumerable<string> ids) => [.. ids.ToHashSet(StringComparer.Ordinal)];

    private static void Number(List<Pending> events, GivenNumbers given, Func<Pending, string> pick, Action<Pending, int> set)
    {
        Dictionary<string, int> of = new(given.Ids.Count, StringComparer.Ordinal);
        for (var k = 0; k < given.Ids.Count; k++)
        {
            of[given.Ids[k]] = given.Numbers[k];
        }

        foreach (var pending in events)
        {
            set(pending, of[pick(pending)]);
        }
    }
}

/// <summary>An event of a group while its transaction runs.</summary>
internal sealed class Pending(NewEvent one)
{
    public NewEvent Event { get; } = one;

    /// <summary>Number of the user, once given.</summary>
    public int User { get; set; }

    /// <summary>Number of the item, once given.</summary>
    public int Item { get; set; }

    public RecordOutcome Outcome { get; private set; }

    /// <summary>What is stored under the id, when something is.</summary>
    public StoredContent? Stored { get; private set; }

    /// <summary>The first delivery has its outcome; later ones of the group are compared with it.</summary>
    public bool Answered { get; set; }

    /// <summary>The event as it is stored under a sequence number.</summary>
    public EventRecord Record(long sequence) => new(sequence, User, Item, Event.Type.Number, Event.Value, Event.At);

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
