namespace Kindred.Platform.Scheduling;

/// <summary>Section <c>schedules</c>, one entry a job: what differs from the job's own schedule.</summary>
public sealed record ScheduleSettings
{
    /// <summary>A cron expression of Quartz: second, minute, hour, day, month, weekday. Empty means never; null leaves the job's own.</summary>
    public string? Cron { get; init; }

    /// <summary>The zone of the expression by its IANA name; null leaves the job's own.</summary>
    public string? TimeZone { get; init; }
}
