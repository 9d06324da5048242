using System.Data.Common;
using Kindred.Accounts.People;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Accounts.Mail;

/// <summary>
/// Looks up who asked for a reset, hands over what waits in the outbox, and sweeps out what has ended. It runs beside the requests, so that what
/// it does for an address that has an account shows in no answer's time.
/// </summary>
internal sealed partial class MailRelay(MailOutbox outbox, MailFolder folder, Links links, Tokens.Sessions sessions, TimeProvider clock, ILogger<MailRelay> log) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_sweep = TimeSpan.FromMinutes(10);

    /// <summary>Does what there is to do; returns how many mails were handed over.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        await links.AnswerResetRequestsAsync(Batch, cancellation);
        var waiting = await outbox.WaitingAsync(Batch, cancellation);
        foreach (var mail in waiting)
        {
            folder.Write(mail);
            await outbox.DoneAsync(mail.Id, cancellation);
        }

        return waiting.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_tick, clock);
        var nextSweep = clock.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) == Batch)
                {
                }

                if (clock.GetTimestamp() >= nextSweep)
                {
                    nextSweep = clock.GetTimestamp() + (long)(s_sweep.TotalSeconds * clock.TimestampFrequency);
                    await sessions.SweepAsync(stoppingToken);
                    await links.SweepAsync(stoppingToken);
                }
            }
            catch (Exception away) when (away is DbException or IOException or UnauthorizedAccessException)
            {
                Waits(log, away);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Mail waits: the database or the mail folder does not answer")]
    private static partial void Waits(ILogger log, Exception exception);
}
