using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Training.Processes;
using Kindred.Training.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Training.Schedule;

/// <summary>Queues runs that are due and starts queued ones, one at a time in this server. Several servers may do so on one database: a run is claimed once.</summary>
internal sealed class TrainingScheduler(
    TrainingStore store, TrainingProcess processes, IEventReader events, CollectionRegistry collections, TrainingSettings settings, TimeProvider clock,
    ILogger<TrainingScheduler> logger) : BackgroundService
{
    private readonly SemaphoreSlim _wake = new(0);
    private readonly long _startedAt = clock.GetUtcNow().ToMicroseconds();

    /// <summary>Looks now instead of at the next tick: a run was asked for.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Queues what is due.</summary>
    public async Task QueueDueAsync(CancellationToken cancellation)
    {
        await store.RecoverAsync(settings.LeaseTime, cancellation);
        foreach (var collection in collections.All)
        {
            var last = await store.ListAsync(collection.Number, long.MaxValue, 1, cancellation) is [var newest] ? newest : null;
            var sequence = await events.LastSequenceAsync(collection.Number, cancellation);
            var due = DueRule.Check(collection.Settings, last, sequence, clock.GetUtcNow().ToMicroseconds(), _startedAt);
            if (due is not null && await store.RequestAsync(collection.Number, due, "{}", settings.LeaseTime, cancellation) is { } run)
            {
                logger.RunQueued(run.Id, collection.Name, due);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await QueueDueAsync(stoppingToken);
                while (await store.NextQueuedAsync(stoppingToken) is { } run)
                {
                    await processes.RunAsync(run, stoppingToken);
                }

                await WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (System.Data.Common.DbException away)
            {
                logger.DatabaseAway(away);
                await Task.Delay(settings.CheckEvery, clock, stoppingToken);
            }
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        using var tick = new CancellationTokenSource(settings.CheckEvery, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tick.Token, stopping);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
        }
    }
}
