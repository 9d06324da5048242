using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Feedback.Events;

/// <summary>Events from files and from the demo's maker: the same rules and the same log as events over the API.</summary>
internal sealed class ImportEvents(EventLog log, CollectionRegistry collections, Numbers numbers, TimeProvider clock) : IEventImport
{
    public async ValueTask<ImportedBatch> WriteAsync(int collection, IReadOnlyList<ImportedEvent> events, CancellationToken cancellation)
    {
        var target = collections.Find(collection) ?? throw new ArgumentOutOfRangeException(nameof(collection), collection, "There is no such collection.");
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        List<NewEvent> good = new(events.Count);
        List<int> places = new(events.Count);
        List<(int Index, string Reason)> rejected = [];
        for (var k = 0; k < events.Count; k++)
        {
            var one = events[k];
            if (EventRules.Check(target, one.Id, one.User, one.Item, one.Type, one.Value, one.At, now, out var type) is { } fault)
            {
                rejected.Add((k, fault.Detail));
            }
            else if (!target.Settings.UnknownItems && await numbers.FindItemAsync(collection, one.Item, cancellation) is null)
            {
                rejected.Add((k, $"item \"{one.Item}\" is not in the catalogue"));
            }
            else
            {
                good.Add(new NewEvent(one.Id, one.User, one.Item, type, one.Value, one.At, null));
                places.Add(k);
            }
        }

        var outcomes = await RecordAsync(target, good, cancellation);
        var accepted = 0;
        var repeated = 0;
        for (var k = 0; k < outcomes.Length; k++)
        {
            switch (outcomes[k])
            {
                case RecordOutcome.Accepted: accepted++; break;
                case RecordOutcome.Duplicate: repeated++; break;
                default: rejected.Add((places[k], $"id \"{good[k].Id}\" is stored with other content")); break;
            }
        }

        return new ImportedBatch(accepted, repeated, rejected);
    }

    // A file waits where a request is turned away.
    private async Task<RecordOutcome[]> RecordAsync(Collection target, List<NewEvent> good, CancellationToken cancellation)
    {
        while (true)
        {
            if (await log.RecordAsync(target, good, cancellation) is { } outcomes)
            {
                return outcomes;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellation);
        }
    }
}
