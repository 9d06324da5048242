using System.Data.Common;
using Kindred.Accounts.Tokens;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Accounts.People;

/// <summary>
/// Looks up who asked for a reset, and sweeps out what has ended. It runs beside the requests, so that what it does for an address that has an account
/// shows in no answer's time.
/// </summary>
internal sealed partial class Upkeep(Links links, Sessions sessions, TimeProvider clock, ILogger<Upkeep> log) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_sweep = TimeSpan.FromMinutes(10);

    /// <summary>Answers what waits.</summary>
    public Task RunOnceAsync(CancellationToken cancellation) => links.AnswerResetRequestsAsync(Batch, cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_tick, clock);
        var nextSweep = clock.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                if (clock.GetTimestamp() >= nextSweep)
                {
                    nextSweep = clock.GetTimestamp() + (long)(s_sweep.TotalSeconds * clock.TimestampFrequency);
                    await sessions.SweepAsync(stoppingToken);
                    await links.SweepAsync(stoppingToken);
                }
            }
            catch (DbException away)
            {
                Waits(log, away);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Reset mails and the sweep wait: the database does not answer")]
    private static partial void Waits(ILogger log, Exception exception);
}
