using System.Data.Common;
using System.Threading.Channels;
using Kindred.Contracts;
using Kindred.Feedback.Purchases;
using Kindred.Feedback.Ratings;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Events;

/// <summary>
/// The one way events enter. Callers queue; one writer takes all who wait into one durable transaction (group commit), tells the readers of
/// this process, and then answers the callers. While a commit waits for the disk the next group gathers, so a slow disk makes larger groups, not a
/// longer queue. At the queue's limit callers are turned away and nothing accepted is dropped.
/// </summary>
internal sealed class EventLog(Database database, Numbers numbers, EventWriter writer, IEnumerable<IEventsRecorded> readers, FeedbackOptions options) : IAsyncDisposable
{
    private readonly Channel<Submission> _queue = Channel.CreateUnbounded<Submission>(new UnboundedChannelOptions { SingleReader = true });
    private readonly IEventsRecorded[] _readers = [.. readers];
    private readonly Lock _starting = new();
    private Task? _writing;
    private int _waiting;

    /// <summary>
    /// Stores events of one collection and returns what became of each, once that is durable; null when the queue is full. A purchase is stored with
    /// its events, also when there are none.
    /// </summary>
    public async Task<RecordOutcome[]?> RecordAsync(Collection collection, IReadOnlyList<NewEvent> events, CancellationToken cancellation, NewPurchase? purchase = null)
    {
        if (events.Count == 0 && purchase is null)
        {
            return [];
        }

        var submission = new Submission(collection, events, purchase);
        return Queue(submission) ? await submission.Answer.Task.WaitAsync(cancellation) : null;
    }

    /// <summary>Does what is wished with a rating, durably with its event and its message; the wish says what became of it. False when the queue is full.</summary>
    public async Task<bool> RateAsync(Collection collection, RatingChange change, CancellationToken cancellation)
    {
        var submission = new Submission(collection, [], purchase: null, change);
        if (!Queue(submission))
        {
            return false;
        }

        await submission.Answer.Task.WaitAsync(cancellation);
        return true;
    }

    /// <summary>Takes no more, writes what was queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        if (_writing is { } writing)
        {
            await writing;
        }
    }

    // A caller that goes away learns nothing; what it sent is stored all the same, and its retry is a duplicate.
    private bool Queue(Submission submission)
    {
        // An empty queue takes a request of any size: one that could never fit would be sent again for ever.
        var waiting = Interlocked.Add(ref _waiting, submission.Size);
        if (waiting > options.QueueLimit && waiting > submission.Size)
        {
            Interlocked.Add(ref _waiting, -submission.Size);
            return false;
        }

        if (!_queue.Writer.TryWrite(submission))
        {
            Interlocked.Add(ref _waiting, -submission.Size);
            throw new OperationCanceledException("The event log is closed: the server is stopping.");
        }

        Start();
        return true;
    }

    // The first event starts the writer: in the server and in a command alike.
    private void Start()
    {
        if (_writing is null)
        {
            lock (_starting)
            {
                _writing ??= Task.Run(RunAsync);
            }
        }
    }

    // Ends when the queue is closed and empty, so a polite stop keeps what was queued.
    private async Task RunAsync()
    {
        List<Submission> group = [];
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await GatherAsync();
            var events = 0;
            while (events < options.GroupLimit && _queue.Reader.TryRead(out var submission))
            {
                group.Add(submission);
                events += submission.Size;
            }

            await CommitAsync(group);
            Interlocked.Add(ref _waiting, -events);
            group.Clear();
        }
    }

    // The callers just answered send their next requests now: as long as the queue grows between two turns of the thread pool, one commit for
    // all of them is cheaper than one for the quickest. A caller alone waits for two turns.
    private async Task GatherAsync()
    {
        for (var before = 0; ;)
        {
            var waiting = Volatile.Read(ref _waiting);
            if (waiting == before || waiting >= options.GroupLimit)
            {
                return;
            }

            before = waiting;
            await Task.Yield();
        }
    }

    private async Task CommitAsync(List<Submission> group)
    {
        try
        {
            var written = await database.WriteAsync(transaction => WriteAsync(transaction, group), CancellationToken.None);
            foreach (var one in written)
            {
                numbers.RememberUsers(one.Users);
                numbers.RememberItems(one.Items);
                foreach (var user in one.UsersOfRemoved)
                {
                    foreach (var reader in _readers)
                    {
                        reader.OnEventsRemoved(one.Collection, user);
                    }
                }

                foreach (var reader in one.Records.Length > 0 ? _readers : [])
                {
                    reader.OnRecorded(one.Collection, one.Records);
                }
            }
        }
#pragma warning disable CA1031 // whatever failed belongs to the callers of this group; the log goes on with the next
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (group.Count == 1)
            {
                group[0].Answer.TrySetException(failure);
                return;
            }

            // What one caller sent must not fail the others: each tries alone.
            foreach (var submission in group)
            {
                await CommitAsync([submission]);
            }

            return;
        }

        foreach (var submission in group)
        {
            submission.Answer.TrySetResult(submission.Outcomes);
        }
    }

    private async Task<List<WrittenEvents>> WriteAsync(DbTransaction transaction, List<Submission> group)
    {
        List<WrittenEvents> written = [];
        foreach (var collection in group.GroupBy(submission => submission.Collection.Number).OrderBy(of => of.Key))
        {
            written.Add(await writer.WriteAsync(transaction, collection.Key, [.. collection]));
        }

        return written;
    }
}

/// <summary>What one caller wants stored.</summary>
internal sealed class Submission(Collection collection, IReadOnlyList<NewEvent> events, NewPurchase? purchase, RatingChange? rating = null)
{
    public Collection Collection { get; } = collection;

    public IReadOnlyList<NewEvent> Events { get; } = events;

    /// <summary>What the events are together, or null.</summary>
    public NewPurchase? Purchase { get; } = purchase;

    /// <summary>What is to become of a rating, or null; its event is made when that is decided.</summary>
    public RatingChange? Rating { get; } = rating;

    /// <summary>Room it takes in the queue.</summary>
    public int Size { get; } = Math.Max(1, events.Count);

    public RecordOutcome[] Outcomes { get; } = new RecordOutcome[events.Count];

    public TaskCompletionSource<RecordOutcome[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a transaction stored for one collection.</summary>
internal sealed record WrittenEvents(int Collection, EventRecord[] Records, GivenNumbers Users, GivenNumbers Items, IReadOnlyList<int> UsersOfRemoved);
