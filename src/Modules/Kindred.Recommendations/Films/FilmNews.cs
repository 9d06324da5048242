using System.Data.Common;
using System.Threading.Channels;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Recommendations.Items;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Films;

/// <summary>
/// Tells others of new lists of films. A list is answered without waiting for that: messages are gathered and written many at a time, for a commit each would cost more
/// than the list. What fails to be written, or is made faster than it can be, is logged and not told.
/// </summary>
internal sealed partial class FilmNews(Database database, Outbox outbox, ILogger<FilmNews> log) : BackgroundService
{
    private const int Waiting = 20_000;
    private const int AtOnce = 500;

    private readonly Channel<RecommendationsMade> _news = Channel.CreateBounded<RecommendationsMade>(new BoundedChannelOptions(Waiting) { SingleReader = true });

    /// <summary>Tells of a list, unless it is empty.</summary>
    /// <param name="user">Whose it is; null for everybody's.</param>
    /// <param name="films">The films, best first.</param>
    public void Tell(Guid? user, IReadOnlyList<ItemRow> films)
    {
        if (films.Count > 0 && !_news.Writer.TryWrite(new RecommendationsMade(user, [.. films.Select(film => new RecommendedFilm(film.Id, film.Title ?? film.Id))])))
        {
            TooMany(log);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What was made before the end is still told.
        _news.Writer.TryComplete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<RecommendationsMade> batch = [];
        while (await _news.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < AtOnce && _news.Reader.TryRead(out var made))
            {
                batch.Add(made);
            }

            try
            {
                await database.WriteAsync(transaction => outbox.AddAllAsync(CinemaTopics.Recommendations, batch, transaction, CancellationToken.None), CancellationToken.None);
            }
            catch (Exception fault) when (fault is DbException or TimeoutException or IOException)
            {
                NotTold(log, batch.Count, fault);
            }

            batch.Clear();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Nobody was told of {Lists} lists of films")]
    private static partial void NotTold(ILogger log, int lists, Exception fault);

    [LoggerMessage(LogLevel.Warning, "A list of films is not told of: they are made faster than they can be written down")]
    private static partial void TooMany(ILogger log);
}
