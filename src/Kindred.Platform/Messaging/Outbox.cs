using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Dapper;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;

namespace Kindred.Platform.Messaging;

/// <summary>Messages leave through rows written in the transaction of their cause: neither is ever without the other. Safe for any number of threads.</summary>
public sealed class Outbox
{
    private const int EarlyLimit = 1024;
    private const int RowsAtOnce = 100;
    private readonly TimeProvider _clock;
    private readonly MessagingSettings _settings;
    private readonly ConditionalWeakTable<DbTransaction, Written> _open = [];
    private readonly Lock _settling = new();
    private readonly Dictionary<Guid, TaskCompletionSource> _waiting = [];
    private readonly HashSet<Guid> _settledEarly = [];
    private readonly Queue<Guid> _settledOrder = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _wakes = new(StringComparer.Ordinal);

    /// <summary>Watches the database for commits that carry messages.</summary>
    public Outbox(Database database, MessagingSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(database);
        _settings = settings;
        _clock = clock;
        database.Committed += OnCommitted;
    }

    /// <summary>Writes a message down in the caller's transaction and returns its id. It is delivered after the commit, and never without it.</summary>
    /// <exception cref="ArgumentException">The body is larger than <see cref="Message.MaxBytes"/>.</exception>
    public async Task<Guid> AddAsync<T>(string topic, T body, DbTransaction transaction, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var json = Json(body);
        var now = _clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await InsertAsync(new Message(id, topic, json, now), transaction, cancellation);
        return id;
    }

    /// <summary>Writes many messages of one topic down in the caller's transaction, in their order and with few statements; as <see cref="AddAsync{T}"/> otherwise.</summary>
    /// <exception cref="ArgumentException">A body is larger than <see cref="Message.MaxBytes"/>.</exception>
    public async Task AddAllAsync<T>(string topic, IReadOnlyList<T> bodies, DbTransaction transaction, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(bodies);
        ArgumentNullException.ThrowIfNull(transaction);
        var now = _clock.GetUtcNow();
        foreach (var chunk in bodies.Chunk(RowsAtOnce))
        {
            var values = new DynamicParameters(new { topic, at = now.ToUnixTimeMilliseconds() });
            List<string> rows = new(chunk.Length);
            foreach (var body in chunk)
            {
                var id = Guid.CreateVersion7(now);
                values.Add($"i{rows.Count}", id.ToString());
                values.Add($"b{rows.Count}", Json(body));
                rows.Add($"(@i{rows.Count}, @topic, @b{rows.Count}, @at)");
                _open.GetOrCreateValue(transaction).Messages.Add((id, topic));
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"insert into outbox(id, topic, body, created_at) values {string.Join(", ", rows)}", values, transaction, cancellationToken: cancellation));
        }
    }

    /// <summary>
    /// Waits, after the commit, until this process has handled the message, so that the caller's next request sees its effects; at most
    /// <see cref="MessagingSettings.SettleWithin"/>, for slow or absent consumers hold nobody up.
    /// </summary>
    public async Task SettledAsync(Guid message, CancellationToken cancellation)
    {
        TaskCompletionSource? waiting;
        lock (_settling)
        {
            _waiting.TryGetValue(message, out waiting);
        }

        if (waiting is null)
        {
            return;
        }

        try
        {
            await waiting.Task.WaitAsync(_settings.SettleWithin, _clock, cancellation);
        }
        catch (TimeoutException)
        {
            // Its effects come later.
        }
    }

    private static string Json<T>(T body)
    {
        var json = JsonSerializer.Serialize(body, StrictJson.Options);
        return Encoding.UTF8.GetByteCount(json) <= Message.MaxBytes ? json : throw new ArgumentException($"A message holds at most {Message.MaxBytes} bytes.", nameof(body));
    }

    internal async Task InsertAsync(Message message, DbTransaction transaction, CancellationToken cancellation)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "insert into outbox(id, topic, queue, body, created_at) values (@id, @Topic, @Queue, @Body, @at)",
            new { id = message.Id.ToString(), message.Topic, message.Queue, message.Body, at = message.CreatedAt.ToUnixTimeMilliseconds() },
            transaction,
            cancellationToken: cancellation));
        _open.GetOrCreateValue(transaction).Messages.Add((message.Id, message.Topic));
    }

    /// <summary>Messages of this topic are delivered from this process; called before the server answers.</summary>
    internal void Listen(string topic) => _wakes.TryAdd(topic, new SemaphoreSlim(0));

    /// <summary>Ends when a message of the topic was committed here, or when it is time to look for those of other processes.</summary>
    internal Task WaitAsync(string topic, TimeSpan poll, CancellationToken cancellation) => _wakes[topic].WaitAsync(poll, cancellation);

    /// <summary>The message is handled: whoever waits for it goes on.</summary>
    internal void Settle(Guid message)
    {
        lock (_settling)
        {
            if (_waiting.Remove(message, out var waiting))
            {
                waiting.SetResult();
                return;
            }

            // Handled before its committer came to tell of it.
            if (_settledEarly.Add(message))
            {
                _settledOrder.Enqueue(message);
            }

            if (_settledOrder.Count > EarlyLimit)
            {
                _settledEarly.Remove(_settledOrder.Dequeue());
            }
        }
    }

    private void OnCommitted(DbTransaction transaction)
    {
        if (!_open.TryGetValue(transaction, out var written))
        {
            return;
        }

        foreach (var (id, topic) in written.Messages)
        {
            if (!_wakes.TryGetValue(topic, out var wake))
            {
                continue;
            }

            lock (_settling)
            {
                if (!_settledEarly.Contains(id))
                {
                    _waiting.TryAdd(id, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                }
            }

            if (wake.CurrentCount == 0)
            {
                wake.Release();
            }
        }
    }

    private sealed class Written
    {
        public List<(Guid Id, string Topic)> Messages { get; } = [];
    }
}
