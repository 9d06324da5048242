using System.CommandLine;
using Kindred.Hosting;
using Kindred.Platform.Scheduling;

namespace Kindred.Cli;

/// <summary><c>kindred schedules</c>: what is done by the calendar, when it comes next and how it ended last.</summary>
internal static class SchedulesCommand
{
    private const int Shown = 3;

    public static Command Create(Func<ParseResult, Terminal> open) =>
        new Verb("schedules", "Lists what is done by the calendar: cron, next times, and how it ended last", "kindred schedules", "kindred schedules --json").Runs(open, ListAsync);

    private static async Task<int> ListAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var schedules = KindredHost.CheckSchedules(workplace.Get<Schedules>, []);
        var newest = await schedules.NewestRunsAsync(context.Cancellation);
        var now = TimeProvider.System.GetUtcNow();
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(schedules.All.Select(schedule => new
            {
                schedule.Job.Name, schedule.Cron, schedule.TimeZone, Next = Next(schedule, now), Last = newest.GetValueOrDefault(schedule.Job.Name) is { } run ? new { run.Due, run.FinishedAt, run.Failure } : null,
            }));
            return ExitCode.Ok;
        }

        if (schedules.All.Count > 0)
        {
            context.Terminal.WriteTable(
                ["name", "cron", "zone", "next (UTC)", "last (UTC)"],
                [.. schedules.All.Select(schedule => (string[])
                [
                    schedule.Job.Name, schedule.Cron.Length == 0 ? "never" : schedule.Cron, schedule.TimeZone,
                    string.Join(", ", Next(schedule, now).Select((time, place) => place == 0 ? $"{time:yyyy-MM-dd HH:mm:ss}" : $"{time:MM-dd HH:mm}")),
                    newest.GetValueOrDefault(schedule.Job.Name) is { } run ? $"{run.Due:yyyy-MM-dd HH:mm} {(run.FinishedAt is null ? "runs" : run.Failure ?? "ok")}" : "",
                ])],
                numbers: false);
        }

        context.Terminal.Say(schedules.All.Count == 0 ? "nothing is done by the calendar" : "set a time with --set 'schedules.NAME.cron=0 30 3 * * ?', or an empty one for never");
        return ExitCode.Ok;
    }

    private static List<DateTimeOffset> Next(Schedule schedule, DateTimeOffset now)
    {
        List<DateTimeOffset> times = [];
        for (var next = schedule.Next(now); next is { } time && times.Count < Shown; next = schedule.Next(time))
        {
            times.Add(time.ToUniversalTime());
        }

        return times;
    }
}
