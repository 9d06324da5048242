using System.Collections.Frozen;
using System.Data.Common;
using System.Threading.Channels;
using Kindred.Platform.Storage;
using Microsoft.Extensions.Logging;

namespace Kindred.Platform.Messaging;

/// <summary>
/// The bus within one process: one bounded channel and one worker a queue. Messages stay in the outbox until their queues are done, so nothing
/// is lost with the process; what it was doing comes again.
/// </summary>
internal sealed partial class InProcessBus : IMessageBus, IAsyncDisposable
{
    private const int BatchLimit = 128;
    private readonly FrozenDictionary<string, Line[]> _lines;
    private readonly ParkedMessages _parked;
    private readonly MessagingSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<InProcessBus> _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;

    public InProcessBus(IEnumerable<IMessageHandler> handlers, ParkedMessages parked, MessagingSettings settings, TimeProvider clock, ILogger<InProcessBus> log)
    {
        _stopped = _stopping.Token; // still to be asked when a retry outlives its source
        _parked = parked;
        _settings = settings;
        _clock = clock;
        _log = log;
        var all = handlers.ToArray();
        if (all.GroupBy(handler => handler.Queue, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"Two consumers say they are queue {twice.Key}.");
        }

        _lines = all.GroupBy(handler => handler.Topic, StringComparer.Ordinal).ToFrozenDictionary(
            group => group.Key,
            group => group.Select(handler => new Line(handler, Channel.CreateBounded<Delivery>(new BoundedChannelOptions(settings.Window) { SingleReader = true }))).ToArray(),
            StringComparer.Ordinal);
        foreach (var line in _lines.Values.SelectMany(lines => lines))
        {
            line.Working = Task.Run(() => WorkAsync(line));
        }
    }

    public IReadOnlyCollection<string> Topics => _lines.Keys;

    public async Task PublishAsync(Message message, CancellationToken cancellation)
    {
        var done = new List<Task>();
        foreach (var line in _lines.GetValueOrDefault(message.Topic) ?? [])
        {
            if (message.Queue is null || string.Equals(message.Queue, line.Handler.Queue, StringComparison.Ordinal))
            {
                var delivery = new Delivery(message, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                await line.Channel.Writer.WriteAsync(delivery, cancellation);
                done.Add(delivery.Done.Task);
            }
        }

        await Task.WhenAll(done);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var line in _lines.Values.SelectMany(lines => lines))
        {
            line.Channel.Writer.TryComplete();
            await line.Working;
            while (line.Channel.Reader.TryRead(out var left))
            {
                left.Done.TrySetCanceled();
            }
        }

        _stopping.Dispose();
    }

    private async Task WorkAsync(Line line)
    {
        List<Delivery> batch = [];
        try
        {
            while (await line.Channel.Reader.WaitToReadAsync(_stopped))
            {
                while (batch.Count < BatchLimit && line.Channel.Reader.TryRead(out var delivery))
                {
                    batch.Add(delivery);
                }

                await HandleAsync(line, batch);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            foreach (var delivery in batch)
            {
                delivery.Done.TrySetCanceled();
            }
        }
    }

    private async Task HandleAsync(Line line, List<Delivery> batch)
    {
        if (await TryAsync(line, batch) is not { } failure)
        {
            return;
        }

        if (batch.Count == 1)
        {
            _ = RetryAsync(line, batch[0], failure);
            return;
        }

        // One that cannot be handled must not hold up the others.
        foreach (var delivery in batch)
        {
            await HandleAsync(line, [delivery]);
        }
    }

    // Null once the batch is done.
    private async Task<Exception?> TryAsync(Line line, List<Delivery> batch)
    {
        await line.Turn.WaitAsync(_stopped);
        try
        {
            await UntilBackAsync(line, () => line.Handler.HandleAsync([.. batch.Select(delivery => delivery.Message)], _stopped));
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // whatever a handler throws is this message's failure, kept with it as its reason
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return failure;
        }
        finally
        {
            line.Turn.Release();
        }

        foreach (var delivery in batch)
        {
            delivery.Done.TrySetResult();
        }

        return null;
    }

    // A place that is away is waited for in line: nobody behind would fare better.
    private async Task UntilBackAsync(Line line, Func<Task> work)
    {
        for (var wait = TimeSpan.FromMilliseconds(100); ; wait = wait * 2 < _settings.AwayRetry ? wait * 2 : _settings.AwayRetry)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception away) when (!_stopped.IsCancellationRequested && IsAway(away))
            {
                Away(_log, line.Handler.Queue, away);
                await Task.Delay(wait, _clock, _stopped);
            }
        }
    }

    // Out of the line: those behind go on.
    private async Task RetryAsync(Line line, Delivery delivery, Exception failure)
    {
        try
        {
            var tries = 1;
            foreach (var wait in line.Handler.RetryAfter ?? _settings.RetryAfter)
            {
                if (failure is HopelessMessageException)
                {
                    break;
                }

                await Task.Delay(wait, _clock, _stopped);
                tries++;
                if (await TryAsync(line, [delivery]) is not { } again)
                {
                    return;
                }

                failure = again;
            }

            await UntilBackAsync(
                line, () => _parked.ParkAsync(line.Handler.Queue, delivery.Message, tries, $"{failure.GetType().Name}: {failure.Message}", _stopped));
            Parked(_log, line.Handler.Queue, delivery.Message.Id, failure);
            delivery.Done.TrySetResult();
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            delivery.Done.TrySetCanceled();
        }
    }

    private static bool IsAway(Exception exception) => exception switch
    {
        DbException broken => Database.IsUnavailable(broken),
        HttpRequestException or IOException or TimeoutException or OperationCanceledException => true,
        _ => false,
    };

    [LoggerMessage(LogLevel.Warning, "Queue {Queue} waits: a place it needs is away")]
    private static partial void Away(ILogger log, string queue, Exception exception);

    [LoggerMessage(LogLevel.Error, "Queue {Queue} parked message {Message}; kindred dlq shows it")]
    private static partial void Parked(ILogger log, string queue, Guid message, Exception exception);

    private sealed record Delivery(Message Message, TaskCompletionSource Done);

    private sealed class Line(IMessageHandler handler, Channel<Delivery> channel)
    {
        public IMessageHandler Handler { get; } = handler;

        public Channel<Delivery> Channel { get; } = channel;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public Task Working { get; set; } = Task.CompletedTask;
    }
}
