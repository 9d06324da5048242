using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Scheduling;
using Kindred.Training.Runs;

namespace Kindred.Training.Schedule;

/// <summary>Asks for a run of a collection by the calendar, when anything is new; the training scheduler starts it as it does others.</summary>
internal sealed class TrainNightly(string collection, TrainingStore store, Func<IEventReader> events, CollectionRegistry collections, TrainingSettings settings) : IScheduledJob
{
    public string Name => $"train-{collection}";

    public string Cron => "0 30 3 * * ?";

    public async Task RunAsync(DateTimeOffset due, CancellationToken cancellation)
    {
        if (collections.Find(collection) is not { } wanted)
        {
            return;
        }

        var last = await store.ListAsync(wanted.Number, long.MaxValue, 1, cancellation) is [var newest] ? newest : null;
        if ((last is null || !RunState.IsActive(last.State)) && await events().LastSequenceAsync(wanted.Number, cancellation) > (last?.LastSequence ?? 0))
        {
            await store.RequestAsync(wanted.Number, RunTrigger.Schedule, "{}", settings.LeaseTime, cancellation);
        }
    }
}
