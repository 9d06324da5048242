using System.Threading.Channels;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Chat;

/// <summary>
/// Stores what people say: one writer takes all that waits into one transaction (group commit), pushes it, and then lets those who said it go on. A connection
/// reads its next frame only then, so the queue holds one message a connection at most.
/// </summary>
internal sealed class ChatWriter(Database database, ChatStore store, ChatHub hub) : IAsyncDisposable
{
    private const int Batch = 256;
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _starting = new();
    private Task? _writing;

    /// <summary>Stores and pushes one message; its place, or null where the room is gone. A fault of the database is the caller's to see.</summary>
    public async Task<long?> SayAsync(long room, Said said)
    {
        Waiting waiting = new(room, said);
        if (!_queue.Writer.TryWrite(waiting))
        {
            throw new OperationCanceledException("The chat is closed: the server is stopping.");
        }

        lock (_starting)
        {
            _writing ??= Task.Run(WriteAsync);
        }

        return await waiting.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await (_writing ?? Task.CompletedTask);
    }

    private async Task WriteAsync()
    {
        List<Waiting> batch = new(Batch);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < Batch && _queue.Reader.TryRead(out var waiting))
            {
                batch.Add(waiting);
            }

            try
            {
                await StoreAsync(batch);
            }
#pragma warning disable CA1031 // whatever it is, it is told to everybody whose message is not stored, and the next batch is tried
            catch (Exception fault)
#pragma warning restore CA1031
            {
                foreach (var waiting in batch)
                {
                    waiting.Done.TrySetException(fault);
                }
            }

            batch.Clear();
        }
    }

    private async Task StoreAsync(List<Waiting> batch)
    {
        var stored = await database.WriteAsync(
            transaction => store.AddAsync(transaction, [.. batch.Select(waiting => (waiting.Room, waiting.Said))], CancellationToken.None), CancellationToken.None);
        foreach (var group in batch.GroupBy(waiting => waiting.Room))
        {
            var rows = stored.GetValueOrDefault(group.Key);
            if (rows is not null)
            {
                hub.Publish(group.Key, rows);
            }

            foreach (var (waiting, k) in group.Select((waiting, k) => (waiting, k)))
            {
                waiting.Done.TrySetResult(rows?[k].Place);
            }
        }
    }

    private sealed record Waiting(long Room, Said Said)
    {
        public TaskCompletionSource<long?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
