using System.Collections.Concurrent;
using System.Data.Common;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Notifications.Chat;

/// <summary>
/// The rooms that have somebody in them here. What this process stores is pushed at once; once a second it looks for what others stored, and for people who are
/// no longer members or signed in.
/// </summary>
internal sealed partial class ChatHub(ChatStore store, ICredentials credentials, ChatSettings settings, TimeProvider clock, ILogger<ChatHub> log) : BackgroundService
{
    private const int Page = 256;
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<long, Entry> _rooms = new();
    private readonly ConcurrentDictionary<long, int> _ofPerson = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _connections;

    /// <summary>Ends when the server stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Connections open now.</summary>
    public int Count => _connections;

    /// <summary>Takes a place for a connection of a person; false where there is none left.</summary>
    public bool TryReserve(long person)
    {
        if (Interlocked.Increment(ref _connections) <= settings.Connections)
        {
            if (_ofPerson.AddOrUpdate(person, 1, static (_, count) => count + 1) <= settings.ConnectionsOfPerson)
            {
                return true;
            }

            _ofPerson.AddOrUpdate(person, 0, static (_, count) => count - 1);
        }

        Interlocked.Decrement(ref _connections);
        return false;
    }

    /// <summary>Gives it back.</summary>
    public void Release(long person)
    {
        Interlocked.Decrement(ref _connections);
        if (_ofPerson.AddOrUpdate(person, 0, static (_, count) => count - 1) == 0)
        {
            _ofPerson.TryRemove(KeyValuePair.Create(person, 0));
        }
    }

    /// <summary>Brings a connection into its room; true where it is the first of its person there.</summary>
    public async Task<(ChatRoom Room, bool First)> EnterAsync(long room, ChatConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            var entry = _rooms.GetOrAdd(room, static number => new Entry(new ChatRoom(number)));
            bool first;
            lock (entry)
            {
                if (entry.IsOver)
                {
                    continue;
                }

                first = entry.Room.Add(connection);
            }

            if (entry.Room.Latest < 0)
            {
                // Messages that come while this is read are caught up with by the pump.
                entry.Room.Begin((await store.LastPlacesAsync([room], cancellation)).GetValueOrDefault(room));
                await PumpAsync(entry, cancellation);
            }

            return (entry.Room, first);
        }
    }

    /// <summary>Takes a connection out; true where it was the last of its person.</summary>
    public bool Leave(ChatRoom room, ChatConnection connection)
    {
        var last = room.Remove(connection);
        if (_rooms.TryGetValue(room.Number, out var entry))
        {
            lock (entry)
            {
                if (entry.Room == room && room.Connections.Count == 0)
                {
                    entry.IsOver = true;
                    _rooms.TryRemove(KeyValuePair.Create(room.Number, entry));
                }
            }
        }

        return last;
    }

    /// <summary>Pushes messages this process has stored.</summary>
    public void Publish(long room, IReadOnlyList<MessageRow> messages)
    {
        if (_rooms.TryGetValue(room, out var entry) && !entry.Room.Take(messages) && entry.Room.Latest >= 0)
        {
            _ = CatchUpAsync(entry);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_poll, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (DbException away) when (Database.IsUnavailable(away))
                {
                    Waits(log, away);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var rooms = _rooms.ToArray();
        if (rooms.Length == 0)
        {
            return;
        }

        long[] numbers = [.. rooms.Select(pair => pair.Key)];
        var places = await store.LastPlacesAsync(numbers, cancellation);
        foreach (var (number, entry) in rooms)
        {
            if (places.TryGetValue(number, out var last) && last > entry.Room.Latest && entry.Room.Latest >= 0)
            {
                await PumpAsync(entry, cancellation);
            }
        }

        var members = await store.MembersAsync(numbers, cancellation);
        var connections = rooms.SelectMany(pair => pair.Value.Room.Connections.Select(connection => (Room: pair.Key, Connection: connection))).ToArray();
        var live = await credentials.LiveAsync([.. connections.Select(one => one.Connection.Session).Distinct()], cancellation);
        foreach (var (room, connection) in connections)
        {
            if (!members.Contains((room, connection.Who.Person)))
            {
                connection.Close(ChatClose.Refused, "not a member of this room");
            }
            else if (!live.Contains(connection.Session))
            {
                connection.Close(ChatClose.Refused, "signed out");
            }
        }
    }

    private async Task CatchUpAsync(Entry entry)
    {
        try
        {
            await PumpAsync(entry, _stopping.Token);
        }
        catch (Exception away) when (away is DbException or OperationCanceledException or ObjectDisposedException)
        {
            // The next look does it.
        }
    }

    private async Task PumpAsync(Entry entry, CancellationToken cancellation)
    {
        await entry.Pumping.WaitAsync(cancellation);
        try
        {
            while (true)
            {
                var rows = await store.ReadAsync(entry.Room.Number, entry.Room.Latest, long.MaxValue, Page, cancellation);
                if (rows.Count == 0)
                {
                    return;
                }

                if (!entry.Room.Take(rows))
                {
                    // What lies between was deleted: trimmed away, or with its author.
                    entry.Room.Skip(rows[0].Place - 1);
                    for (var k = 0; k < rows.Count; k++)
                    {
                        if (!entry.Room.Take([rows[k]]))
                        {
                            entry.Room.Skip(rows[k].Place - 1);
                            entry.Room.Take([rows[k]]);
                        }
                    }
                }
            }
        }
        finally
        {
            entry.Pumping.Release();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Chat looks for other processes' messages later: the database does not answer")]
    private static partial void Waits(ILogger log, Exception exception);

    private sealed class Entry(ChatRoom room)
    {
        public ChatRoom Room { get; } = room;

        public SemaphoreSlim Pumping { get; } = new(1, 1);

        public bool IsOver { get; set; }
    }
}
