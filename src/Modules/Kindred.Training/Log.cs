using Microsoft.Extensions.Logging;

namespace Kindred.Training;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run} of {Collection} is due ({Trigger})")]
    public static partial void RunQueued(this ILogger logger, long run, string collection, string trigger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run} trains in process {Process}")]
    public static partial void ProcessStarted(this ILogger logger, long run, int process);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run} {State}: {Reason}")]
    public static partial void RunEnded(this ILogger logger, long run, string state, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Run} failed")]
    public static partial void RunFailed(this ILogger logger, Exception failure, long run);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away; runs wait")]
    public static partial void DatabaseAway(this ILogger logger, Exception failure);
}
