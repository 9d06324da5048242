using Quartz;

namespace Kindred.Platform.Scheduling;

/// <summary>A job with the times it is done at.</summary>
public sealed class Schedule
{
    // Where nothing ran for longer, what was due meanwhile is passed over.
    private static readonly TimeSpan s_catchUp = TimeSpan.FromDays(1);
    private readonly CronExpression? _cron;

    /// <summary>Takes the settings where they say something, and the job's own schedule otherwise.</summary>
    /// <exception cref="FormatException">The expression or the zone is not one; the message says which.</exception>
    public Schedule(IScheduledJob job, ScheduleSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        Job = job;
        Cron = settings?.Cron ?? job.Cron;
        TimeZone = settings?.TimeZone ?? job.TimeZone;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone))
        {
            throw new FormatException($"schedules.{job.Name}.time_zone: this machine knows no time zone \"{TimeZone}\".");
        }

        try
        {
            _cron = Cron.Length == 0 ? null : new CronExpression(Cron, zone);
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"schedules.{job.Name}.cron: \"{Cron}\" is not a cron expression such as \"0 30 3 * * ?\": {wrong.Message}", wrong);
        }
    }

    /// <summary>The job.</summary>
    public IScheduledJob Job { get; }

    /// <summary>The expression in force; empty means never.</summary>
    public string Cron { get; }

    /// <summary>The zone in force.</summary>
    public string TimeZone { get; }

    /// <summary>The first time after a moment; null where none comes.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _cron?.GetNextValidTimeAfter(after);

    /// <summary>The newest time after <paramref name="after"/> up to now, of those that are not too old to be worth doing; null without one.</summary>
    internal DateTimeOffset? Due(DateTimeOffset after, DateTimeOffset now)
    {
        DateTimeOffset? due = null;
        for (var from = after > now - s_catchUp ? after : now - s_catchUp; Next(from) is { } next && next <= now; from = next)
        {
            due = next;
        }

        return due;
    }
}
