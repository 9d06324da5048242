using Kindred.Platform.Collections;
using Kindred.Training.Runs;

namespace Kindred.Training.Schedule;

/// <summary>
/// When a run starts by itself. By growth: after <c>train_after_events</c> new events; a young collection does not wait that long but trains
/// whenever its log has doubled, from 1,000 events on. By time: every <c>train_every</c> when anything is new.
/// </summary>
internal static class DueRule
{
    private const long YoungEvents = 1_000;

    /// <summary>A run that failed is not tried again sooner: what broke it once mostly breaks it twice.</summary>
    private static readonly TimeSpan s_backOff = TimeSpan.FromMinutes(15);

    /// <summary>The trigger, or null while nothing is due. Times are microseconds.</summary>
    public static string? Check(CollectionSettings settings, Run? last, long lastSequence, long now, long startedAt)
    {
        if (last is not null && (RunState.IsActive(last.State)
            || (last.State is RunState.Failed or RunState.Cancelled && now - (last.FinishedAt ?? last.RequestedAt) < (long)s_backOff.TotalMicroseconds)))
        {
            return null;
        }

        var known = last?.LastSequence ?? 0;
        var fresh = lastSequence - known;
        if (fresh <= 0)
        {
            return null;
        }

        if (settings.TrainAfterEvents > 0 && fresh >= Math.Min(settings.TrainAfterEvents, Math.Max(YoungEvents, known)))
        {
            return RunTrigger.Growth;
        }

        return settings.TrainEvery > TimeSpan.Zero && now - (last?.RequestedAt ?? startedAt) >= (long)settings.TrainEvery.TotalMicroseconds
            ? RunTrigger.Schedule
            : null;
    }
}
