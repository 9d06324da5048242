using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Collection {Collection} is answered by run {Run} (version {Version}, {Recommender}, {Items} items).")]
    public static partial void ModelTaken(this ILogger logger, int collection, string run, long version, string recommender, int items);

    [LoggerMessage(Level = LogLevel.Error, Message = "Collection {Collection}: run {Run} (version {Version}) was refused and the previous model stays: {Reason}.")]
    public static partial void ModelRefused(this ILogger logger, int collection, string run, long version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Collection {Collection}: looking for changes failed; answers go on from what is known.")]
    public static partial void PollFailed(this ILogger logger, Exception fault, string collection);

    [LoggerMessage(Level = LogLevel.Information, Message = "Collection {Collection}: {Items} items loaded.")]
    public static partial void ItemsLoaded(this ILogger logger, string collection, int items);
}
