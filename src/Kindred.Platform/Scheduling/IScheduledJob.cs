namespace Kindred.Platform.Scheduling;

/// <summary>
/// Work that is done by the calendar. Of all processes on one database one does it: each time has one row, which whoever starts first claims. A run that
/// dies with its process is done again by another, so the work bears a second run.
/// </summary>
public interface IScheduledJob
{
    /// <summary>Its name, such as <c>digests</c>: the same in every process and release, and its key in section <c>schedules</c>.</summary>
    string Name { get; }

    /// <summary>When, unless the settings say otherwise: a cron expression of Quartz (second, minute, hour, day, month, weekday); empty means never.</summary>
    string Cron { get; }

    /// <summary>The zone of <see cref="Cron"/>, by its IANA name.</summary>
    string TimeZone => "UTC";

    /// <summary>True where every process does the work for itself, such as a model it keeps in memory: then nothing is claimed, made good or kept.</summary>
    bool EveryProcess => false;

    /// <summary>
    /// Does the work that was due then. An exception is kept with the time as its failure; the next time comes all the same. Never called twice at once in a process.
    /// </summary>
    /// <param name="due">The moment it was due, which may be some hours ago when no process was there.</param>
    /// <param name="cancellation">The process stops.</param>
    Task RunAsync(DateTimeOffset due, CancellationToken cancellation);
}
