namespace Kindred.Platform.Scheduling;

/// <summary>Every job of this process with its schedule.</summary>
public sealed class Schedules
{
    private readonly ScheduleClaims _claims;

    internal Schedules(IEnumerable<IScheduledJob> jobs, IReadOnlyDictionary<string, ScheduleSettings> settings, ScheduleClaims claims)
    {
        _claims = claims;
        All = [.. jobs.Select(job => new Schedule(job, settings.GetValueOrDefault(job.Name))).OrderBy(schedule => schedule.Job.Name, StringComparer.Ordinal)];
        if (All.GroupBy(schedule => schedule.Job.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"Two jobs are called {twice.Key}.");
        }

        Unknown = [.. settings.Keys.Where(name => All.All(schedule => schedule.Job.Name != name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<Schedule> All { get; }

    /// <summary>Names in the settings that no job has.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>What became of the newest time of each, by name; whatever never ran is missing.</summary>
    public Task<IReadOnlyDictionary<string, ScheduleRun>> NewestRunsAsync(CancellationToken cancellation) => _claims.NewestAsync(cancellation);
}
