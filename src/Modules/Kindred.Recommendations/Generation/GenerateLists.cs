using Kindred.Algorithms.Models.CoPurchase;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.Generation;

/// <summary>
/// Makes the lists that were asked for, by the co-purchase rule on the purchases as they are now. All who wait share one reading of the log, which is
/// kept until the log has grown.
/// </summary>
internal sealed class GenerateLists(
    GenerationStore store, GeneratedLists lists, ServedCollections served, CollectionRegistry collections, Func<IEventReader> events, Database database) : IMessageHandler, IEventsRecorded
{
    /// <summary>Name of the event type that is counted.</summary>
    public const string EventType = "purchase";

    /// <summary>Length of a kept list: what is seen or hidden later leaves enough behind it.</summary>
    public const int Length = 100;

    private Kept? _last;

    public string Queue => "generation";

    public string Topic => GenerationStore.Topic;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        foreach (var asked in messages.Select(message => message.Read<GenerationRequested>()).GroupBy(one => one.Collection))
        {
            string[] jobs = [.. asked.Select(one => one.Job)];
            try
            {
                await MakeAsync(asked.Key, asked.ToLookup(one => one.User, one => one.Job), cancellation);
            }
            catch (Exception failure) when (failure is not (OperationCanceledException or System.Data.Common.DbException))
            {
                await store.FailAsync(jobs, failure.Message, cancellation);
                throw;
            }
        }
    }

    public void OnRecorded(int collection, ReadOnlySpan<EventRecord> events)
    {
        // The log has grown, which is seen by its last sequence.
    }

    public void OnEventsRemoved(int collection, int user) => Volatile.Write(ref _last, null);

    public void OnUserForgotten(int collection, int user) => Volatile.Write(ref _last, null);

    private async Task MakeAsync(int collection, ILookup<int, string> jobs, CancellationToken cancellation)
    {
        var known = collections.Find(collection) ?? throw new InvalidOperationException($"Settings no longer name collection {collection}.");
        var table = served.Find(known.Name)!;
        await table.EnsureLoadedAsync(cancellation);
        var scorer = await ScorerAsync(known, cancellation);
        await table.CatchUpAsync(scorer.Items - 1, cancellation);
        table.Items.RankIds();
        var words = new ulong[Math.Max(table.Items.Words, (scorer.Items + 63) >> 6)];
        table.Items.Allowed(words.AsSpan(0, table.Items.Words), category: null, filter: null);
        var made = new List<(int User, (int Item, float Score)[] List)>();
        foreach (var user in jobs)
        {
            var best = new ScoredItem[Length];
            var count = scorer.Recommend(user.Key, new Selection(words, table.Items.TieOrder), best);
            made.Add((user.Key, [.. best.Take(count).Select(line => (line.Item, line.Score))]));
        }

        await database.WriteAsync(
            async transaction =>
            {
                foreach (var (user, list) in made)
                {
                    await store.StoreAsync(collection, user, list, [.. jobs[user]], transaction, cancellation);
                }
            },
            cancellation);
        foreach (var (user, _) in made)
        {
            lists.Drop(collection, user);
        }
    }

    private async Task<CoPurchaseScorer> ScorerAsync(Collection collection, CancellationToken cancellation)
    {
        var sequence = await events().LastSequenceAsync(collection.Number, cancellation);
        if (Volatile.Read(ref _last) is { Scorer: { } scorer } last && last.Collection == collection.Number && last.Sequence == sequence)
        {
            return scorer;
        }

        var reading = new Kept(collection.Number, sequence);
        Volatile.Write(ref _last, reading);
        var type = collection.FindEventType(EventType)?.Number ?? -1;
        var (users, items) = (0, 0);
        var builder = new InteractionsBuilder();
        await foreach (var record in events().ReadAsync(collection.Number, 0, cancellation))
        {
            if (record.Type == type)
            {
                builder.Add(record.User, record.Item, 1);
                (users, items) = (Math.Max(users, record.User + 1), Math.Max(items, record.Item + 1));
            }
        }

        // What was removed while this was read has taken it out of its place already.
        return reading.Scorer = new CoPurchaseScorer(builder.Build(users, items, withTimes: false));
    }

    private sealed class Kept(int collection, long sequence)
    {
        public int Collection { get; } = collection;

        public long Sequence { get; } = sequence;

        public CoPurchaseScorer? Scorer { get; set; }
    }
}
