using System.Data.Common;
using Kindred.Platform.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Platform.Scheduling;

/// <summary>
/// Waits for the times of every schedule and does its job, one run of a job at a time. Times that passed while no process was there are made good by one
/// run, within a day.
/// </summary>
internal sealed partial class Scheduler(Schedules schedules, ScheduleClaims claims, TimeProvider clock, ILogger<Scheduler> log) : BackgroundService
{
    // Clocks are set and machines sleep, so no wait is longer than the first; other processes die, which the second finds out.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_takeOver = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_renew = TimeSpan.FromSeconds(15);

    private readonly string _owner = Guid.NewGuid().ToString("N");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (schedules.All.Count == 0)
        {
            return;
        }

        var newest = await UntilBackAsync(() => claims.NewestAsync(stoppingToken), stoppingToken);
        if (newest is null)
        {
            return;
        }

        var started = clock.GetUtcNow();
        await Task.WhenAll(
            [.. schedules.All.Select(schedule => FollowAsync(schedule, schedule.Job.EveryProcess ? started : newest.GetValueOrDefault(schedule.Job.Name)?.Due ?? started, stoppingToken)), RenewAsync(stoppingToken)]);
    }

    // From the newest time that anybody claimed, or from the first start: a new job has missed nothing.
    private async Task FollowAsync(Schedule schedule, DateTimeOffset from, CancellationToken stopping)
    {
        var name = schedule.Job.Name;
        long? looked = null;
        while (!stopping.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            if (schedule.Due(from, now) is { } due)
            {
                if (schedule.Job.EveryProcess || await UntilBackAsync(() => claims.TakeAsync(name, due, _owner, stopping), stopping))
                {
                    await RunAsync(schedule, due, stopping);
                }

                from = due;
                continue;
            }

            if (!schedule.Job.EveryProcess && (looked is not { } before || clock.GetElapsedTime(before) >= s_takeOver))
            {
                looked = clock.GetTimestamp();
                if (await UntilBackAsync(() => claims.TakeOverAsync(name, _owner, stopping), stopping) is { } left)
                {
                    looked = null;
                    await RunAsync(schedule, left, stopping);
                    continue;
                }
            }

            var wait = schedule.Next(from) is { } next && next - now < s_look ? next - now : s_look;
            await WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), stopping);
        }
    }

    private async Task RunAsync(Schedule schedule, DateTimeOffset due, CancellationToken stopping)
    {
        var name = schedule.Job.Name;
        string? failure = null;
        try
        {
            await schedule.Job.RunAsync(due, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            if (!schedule.Job.EveryProcess)
            {
                await UntilBackAsync(() => GiveBackAsync(name, due), stopping);
            }

            return;
        }
#pragma warning disable CA1031 // whatever a job throws is this run's failure, kept with it; its next time comes
        catch (Exception broken)
#pragma warning restore CA1031
        {
            failure = $"{broken.GetType().Name}: {broken.Message}";
            Failed(log, name, due, broken);
        }

        if (!schedule.Job.EveryProcess)
        {
            await UntilBackAsync(() => FinishAsync(name, due, failure), stopping);
        }
    }

    private async Task<bool> FinishAsync(string name, DateTimeOffset due, string? failure)
    {
        await claims.FinishAsync(name, due, failure, CancellationToken.None);
        return true;
    }

    private async Task<bool> GiveBackAsync(string name, DateTimeOffset due)
    {
        await claims.GiveBackAsync(name, due, CancellationToken.None);
        return true;
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await WaitAsync(s_renew, stopping);
            await UntilBackAsync(
                async () =>
                {
                    await claims.RenewAsync(_owner, stopping);
                    return true;
                },
                stopping);
        }
    }

    // The default of T when the process stops first.
    private async Task<T?> UntilBackAsync<T>(Func<Task<T>> work, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return default;
            }
            catch (DbException away) when (Database.IsUnavailable(away))
            {
                Waits(log, away);
                if (stopping.IsCancellationRequested)
                {
                    return default;
                }

                await WaitAsync(TimeSpan.FromSeconds(1), stopping);
            }
        }
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(time, clock, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(LogLevel.Error, "Job {Job}, due {Due:u}, failed; its next time comes all the same")]
    private static partial void Failed(ILogger log, string job, DateTimeOffset due, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Schedules wait: the database does not answer")]
    private static partial void Waits(ILogger log, Exception exception);
}
