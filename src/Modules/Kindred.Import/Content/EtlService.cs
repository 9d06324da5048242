using System.Data.Common;
using Kindred.Platform;
using Kindred.Platform.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Import.Content;

/// <summary>
/// Follows a content database while the server runs: changes every <see cref="EtlSettings.Every"/>, all of it every <see cref="EtlSettings.CompareEvery"/>
/// and never more than a twentieth of the time. A source that is away is asked again later, with one line in the log for each time it goes and comes.
/// </summary>
internal sealed partial class EtlService(Etl etl, EtlSettings settings, PlatformSettings platform, TimeProvider time, ILogger<EtlService> log) : BackgroundService
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rejected = Path.Combine(platform.DataFolder, "content.rejected.csv");
        var wait = settings.Every;
        var compareAt = time.GetUtcNow();
        var away = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var compare = time.GetUtcNow() >= compareAt;
                var summary = await etl.RunAsync(settings.Source, compare, allowEmpty: false, compare ? rejected : null, progress: null, stoppingToken);
                if (compare)
                {
                    compareAt = time.GetUtcNow() + EtlSettings.NextCompare(settings.CompareEvery, summary);
                }

                if (summary.Changed)
                {
                    Followed(log, summary.Films.Changed, summary.Films.Deleted, summary.Genres.Changed + summary.Persons.Changed, summary.Rejected, summary.Seconds);
                }

                if (away)
                {
                    Back(log);
                }

                (away, wait) = (false, settings.Every);
            }
            catch (Exception trouble) when (trouble is ContentException || (trouble is DbException ours && Database.IsUnavailable(ours)))
            {
                if (!away)
                {
                    Away(log, trouble.Message);
                }

                // What was compared half-way is compared again.
                away = true;
                wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(wait, time, stoppingToken).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    [LoggerMessage(LogLevel.Information, "Content database: {Films} films changed, {Deleted} deleted, {Names} names, {Rejected} rows left out, in {Seconds:0.0} s")]
    private static partial void Followed(ILogger log, long films, long deleted, long names, long rejected, double seconds);

    [LoggerMessage(LogLevel.Warning, "The content database is not followed for now: {Reason}")]
    private static partial void Away(ILogger log, string reason);

    [LoggerMessage(LogLevel.Information, "The content database is followed again")]
    private static partial void Back(ILogger log);
}
