using System.Collections.Concurrent;
using System.Data.Common;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Recommendations.Serving;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Films;

/// <summary>
/// Keeps the table of a collection's ratings as the event log has it. New events are taken before they are acknowledged where they follow the last one without a
/// gap, and read from the log otherwise; a user some of whose events were taken back is read anew. Either is done before the next question is answered. Ratings
/// taken back by another process are missed until that user's next rating here, or the next start.
/// </summary>
internal sealed partial class Tastes(
    string collection, CollectionRegistry registry, Func<IEventReader> events, FilmSettings settings, RecommendationSettings serving, TimeProvider clock, ILogger<Tastes> log) : BackgroundService, IEventsRecorded
{
    /// <summary>Name of the event type that ratings are.</summary>
    public const string EventType = "rating";

    private const int Stamps = 1 << 14;
    private const int MostOfUser = 200_000;
    private const float MostRating = 1000;

    private readonly SemaphoreSlim _following = new(1, 1);
    private readonly Lock _applying = new();
    private readonly ConcurrentDictionary<int, byte> _stale = new();
    private readonly int[] _stamps = new int[Stamps];
    private RatingTable _table = new();
    private int _number = -1;
    private int _type = -1;
    private long _last = -1;
    private long _announced;
    private bool _behind;

    /// <summary>The table with every rating acknowledged so far; null where the collection has no ratings.</summary>
    public ValueTask<RatingTable?> CurrentAsync(CancellationToken cancellation) =>
        IsCurrent ? new ValueTask<RatingTable?>(_table) : FollowAsync(cancellation);

    /// <summary>Grows with every change of what is known of a user; users share them, so it may grow without cause.</summary>
    public int StampOf(int user) => Volatile.Read(ref _stamps[user & (Stamps - 1)]);

    public void OnRecorded(int collection, ReadOnlySpan<EventRecord> events)
    {
        if (collection != _number)
        {
            return;
        }

        lock (_applying)
        {
            _announced = Math.Max(_announced, events[^1].Sequence);
            foreach (ref readonly var record in events)
            {
                Stamp(record);
                if (record.Sequence == _last + 1)
                {
                    Apply(_table, record);
                    Interlocked.Exchange(ref _last, record.Sequence);
                }
            }
        }
    }

    public void OnEventsRemoved(int collection, int user)
    {
        if (collection == _number)
        {
            lock (_applying)
            {
                _stamps[user & (Stamps - 1)]++;
                _stale[user] = 0;
            }
        }
    }

    public void OnUserForgotten(int collection, int user)
    {
        if (collection == _number)
        {
            lock (_applying)
            {
                _stamps[user & (Stamps - 1)]++;
                _table.Replace(user, []);
                _stale[user] = 0;
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _following.Dispose();
        _table.Dispose();
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Known before the first event can be told of.
        Find();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(serving.PollEvery, clock);
        try
        {
            do
            {
                try
                {
                    await PollAsync(stoppingToken);
                    _behind = false;
                }
                catch (Exception fault) when (fault is DbException or IOException or TimeoutException)
                {
                    if (!_behind)
                    {
                        PollFailed(log, fault);
                    }

                    _behind = true;
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private bool IsCurrent => _type >= 0 && Interlocked.Read(ref _last) >= Interlocked.Read(ref _announced) && _stale.IsEmpty;

    private bool Find()
    {
        if (_type < 0 && registry.Find(collection) is { } known)
        {
            _number = known.Number;
            _type = known.FindEventType(EventType)?.Number ?? -1;
        }

        return _type >= 0;
    }

    private async Task PollAsync(CancellationToken cancellation)
    {
        if (Find())
        {
            var last = await events().LastSequenceAsync(_number, cancellation);
            lock (_applying)
            {
                _announced = Math.Max(_announced, last);
            }

            await FollowAsync(cancellation);
        }
    }

    private async ValueTask<RatingTable?> FollowAsync(CancellationToken cancellation)
    {
        if (!Find())
        {
            return null;
        }

        await _following.WaitAsync(cancellation);
        try
        {
            if (_last < 0 || _table.Count > settings.Ratings + (settings.Ratings / 10))
            {
                await LoadAsync(cancellation);
            }

            if (Interlocked.Read(ref _last) < Interlocked.Read(ref _announced))
            {
                await CatchUpAsync(cancellation);
            }

            foreach (var user in _stale.Keys)
            {
                await ReadUserAsync(user, cancellation);
            }

            return _table;
        }
        finally
        {
            _following.Release();
        }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var table = new RatingTable();
        var last = await events().LastSequenceAsync(_number, cancellation);
        await foreach (var record in events().ReadAsync(_number, Math.Max(0, last - settings.Ratings), cancellation))
        {
            if (Rating(record) is { } value)
            {
                table.Fill(record.User, record.Item, value, record.At);
            }

            last = Math.Max(last, record.Sequence);
        }

        table.Filled();
        lock (_applying)
        {
            // Who is still asking the old one finishes with it.
            _table = table;
            Interlocked.Exchange(ref _last, last);
        }
    }

    private async Task CatchUpAsync(CancellationToken cancellation)
    {
        var (after, until) = (_last, Interlocked.Read(ref _announced));
        List<EventRecord> read = [];
        await foreach (var record in events().ReadAsync(_number, after, cancellation))
        {
            read.Add(record);
        }

        lock (_applying)
        {
            foreach (var record in read)
            {
                // What was told meanwhile in its turn is there already, and may be gone again.
                if (record.Sequence > _last)
                {
                    Stamp(record);
                    Apply(_table, record);
                    until = Math.Max(until, record.Sequence);
                }
            }

            Interlocked.Exchange(ref _last, Math.Max(_last, until));
        }
    }

    private async Task ReadUserAsync(int user, CancellationToken cancellation)
    {
        while (true)
        {
            var stamp = StampOf(user);
            var read = await events().ReadUserAsync(_number, user, MostOfUser, cancellation);
            lock (_applying)
            {
                // Whatever was told while this was read is not in it.
                if (stamp == StampOf(user))
                {
                    _table.Replace(user, read.Where(record => Rating(record) is not null).Select(record => (record.Item, record.Value!.Value, record.At)));
                    _stale.TryRemove(user, out _);
                    return;
                }
            }
        }
    }

    private void Stamp(in EventRecord record)
    {
        if (record.Type == _type)
        {
            _stamps[record.User & (Stamps - 1)]++;
        }
    }

    private void Apply(RatingTable table, in EventRecord record)
    {
        if (Rating(record) is { } value)
        {
            table.Set(record.User, record.Item, value, record.At);
        }
    }

    // Ratings are 1 to 10 on our routes; an import brings its own scale.
    private float? Rating(in EventRecord record) => record.Type == _type && record.Value is { } value and > 0 and <= MostRating ? value : null;

    [LoggerMessage(LogLevel.Warning, "Ratings of other processes cannot be read; lists go on from what is known")]
    private static partial void PollFailed(ILogger log, Exception fault);
}
