using System.Data.Common;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Kindred.Platform.Web;
using Microsoft.Extensions.Logging;

namespace Kindred.Notifications.Chat;

/// <summary>Why a connection is closed, as clients of the chat know it.</summary>
internal static class ChatClose
{
    /// <summary>1008: what was sent, or who sent it, is against the rules.</summary>
    public const WebSocketCloseStatus Refused = WebSocketCloseStatus.PolicyViolation;

    /// <summary>1003: not JSON where JSON is wanted, or not text.</summary>
    public const WebSocketCloseStatus NotText = WebSocketCloseStatus.InvalidMessageType;

    /// <summary>1011: a fault of ours; coming again is worth while.</summary>
    public const WebSocketCloseStatus Fault = WebSocketCloseStatus.InternalServerError;
}

/// <summary>
/// One WebSocket in one room. Two loops: one reads frames and acts on each before it reads the next, the other is the only one that sends. The sender looks at the
/// room from the place it has come to, so there is nothing to queue: a client that does not read is behind, not in the way, and is closed when a frame does not leave
/// in time or a ping is not answered.
/// </summary>
internal sealed partial class ChatConnection(WebSocket socket, Present who, SignedIn session, RoomRow row, ChatHub hub, ChatStore store, ChatWriter writer, ChatSettings settings, TimeProvider clock, ILogger log)
{
    public const string Admin = "admin";

    /// <summary>Most characters of a message.</summary>
    public const int LongestText = 500;

    // 500 characters, each written as \uXXXX\uXXXX, and what is around them.
    private const int LongestFrame = 8 * 1024;
    private const int Burst = 100;
    private const int Page = 128;
    private static readonly TimeSpan s_parting = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[LongestFrame];
    private (WebSocketCloseStatus Status, string Reason)? _closing;
    private bool _usersChanged;
    private bool _historyAsked;
    private (long After, long UpTo)? _resume;
    private ChatRoom? _room;
    private long _place;
    private long _begin;
    private double _allowance = Burst;
    private long _lastSaid;

    public Present Who { get; } = who;

    public SignedIn Session { get; } = session;

    /// <summary>Runs until the connection is closed, by whichever side.</summary>
    public async Task RunAsync(long? after, CancellationToken aborted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted, hub.Stopping);
        var sending = SendAsync(after, over.Token);
        var receiving = ReceiveAsync(over.Token);
        await Task.WhenAny(sending, receiving);
        if (!sending.IsCompleted)
        {
            // The client is gone or has said goodbye: so do we.
            Close(WebSocketCloseStatus.NormalClosure, "");
        }

        // The server's close waits a moment for the client's, then the connection is dropped.
        await Task.WhenAny(Task.WhenAll(sending, receiving), Task.Delay(s_parting, clock, CancellationToken.None));
        socket.Abort();
        await over.CancelAsync();
        await sending;
        await receiving;
    }

    public void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_lock)
        {
            _closing ??= (status, reason);
        }

        Signal();
    }

    public void SignalUsers()
    {
        lock (_lock)
        {
            _usersChanged = true;
        }

        Signal();
    }

    public void Signal() => _signal.Writer.TryWrite(true);

    private TaskCompletionSource Joined { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource<long?> Greeted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
            {
                // Reading is not cancelled, which would drop the connection before the reason is said.
                var first = FrameAsync(cancellation);
                if (await Task.WhenAny(first, Task.Delay(settings.AuthWithin, clock, patience.Token)) != first)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Close(ChatClose.Refused, "no auth frame came");
                    await first;
                    return;
                }

                await patience.CancelAsync();
                if (await first is not { } frame)
                {
                    return;
                }

                if (ChatFrames.Read(frame) is not { } greeting)
                {
                    Close(ChatClose.NotText, "the first frame is JSON");
                }
                else if (!greeting.IsAuth)
                {
                    Close(ChatClose.Refused, "the first frame is of type auth");
                }
                else
                {
                    // What is said before one has come in would lie before the place one begins at.
                    Greeted.TrySetResult(greeting.After);
                    await Joined.Task;
                }
            }

            while (await FrameAsync(cancellation) is { } frame)
            {
                if (!IsClosing)
                {
                    await ActAsync(frame, cancellation);
                }
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
        }
        catch (DbException fault)
        {
            Failed(log, fault);
            Close(ChatClose.Fault, "not stored: come again");
        }
        finally
        {
            Greeted.TrySetCanceled(CancellationToken.None);
        }
    }

    private bool IsClosing
    {
        get
        {
            lock (_lock)
            {
                return _closing is not null;
            }
        }
    }

    // One whole frame, or null where the client closes or sends what is none.
    private async Task<ReadOnlyMemory<byte>?> FrameAsync(CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.MessageType == WebSocketMessageType.Binary)
            {
                Close(ChatClose.NotText, "text frames only");
                await DrainAsync(cancellation);
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return _buffer.AsMemory(0, length);
            }

            if (length == _buffer.Length)
            {
                Close(ChatClose.Refused, $"a frame has at most {LongestFrame} bytes");
                await DrainAsync(cancellation);
                return null;
            }
        }
    }

    // Reads what the client still sends, so that it gets to read why it is closed.
    private async Task DrainAsync(CancellationToken cancellation)
    {
        while ((await socket.ReceiveAsync(_buffer.AsMemory(), cancellation)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    private async Task ActAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        var asked = ChatFrames.Read(frame) ?? new Asked(Encoding.UTF8.GetString(frame.Span));
        switch (asked)
        {
            case { IsAuth: true }:
                break;
            case { Command: "get_history" }:
                lock (_lock)
                {
                    _historyAsked = true;
                }

                Signal();
                break;
            case { Command: "resume", After: { } after }:
                lock (_lock)
                {
                    _resume = (after, _begin);
                }

                Signal();
                break;
            case { Text: { } text }:
                await SayAsync(text.Trim(), cancellation);
                break;
            default:
                Close(ChatClose.Refused, "neither a text nor a command known here");
                break;
        }
    }

    private async Task SayAsync(string text, CancellationToken cancellation)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (text.Length > LongestText)
        {
            Close(ChatClose.Refused, $"a message has at most {LongestText} characters");
            return;
        }

        var now = clock.GetTimestamp();
        _allowance = Math.Min(Burst, _allowance + ((now - _lastSaid) * settings.MessagesPerSecond / (double)clock.TimestampFrequency)) - 1;
        _lastSaid = now;
        if (_allowance < 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(-_allowance / settings.MessagesPerSecond), clock, cancellation);
        }

        if (await writer.SayAsync(row.Number, new Said(Said.Message, Who.Person, Who.Username, Who.Role, text)) is null)
        {
            Close(ChatClose.Refused, "there is no such room");
        }
    }

    private async Task SendAsync(long? after, CancellationToken cancellation)
    {
        var joined = false;
        try
        {
            // One wait at a time: one that is left behind would take the next signal along.
            var greeting = Greeted.Task;
            var news = _signal.Reader.ReadAsync(cancellation).AsTask();
            while (!greeting.IsCompleted && !IsClosing)
            {
                if (await Task.WhenAny(greeting, news) == news)
                {
                    await news;
                    news = _signal.Reader.ReadAsync(cancellation).AsTask();
                }
            }

            if (greeting.IsCompletedSuccessfully && !IsClosing)
            {
                joined = true;
                await JoinAsync(after ?? await greeting, cancellation);
                Joined.TrySetResult();
                while (!IsClosing)
                {
                    await NewsAsync(cancellation);
                    await news;
                    news = _signal.Reader.ReadAsync(cancellation).AsTask();
                }
            }

            var (status, reason) = _closing ?? (WebSocketCloseStatus.NormalClosure, "");
            await WithinAsync(token => socket.CloseOutputAsync(status, reason, token), cancellation);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            if (hub.Stopping.IsCancellationRequested && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await PartAsync();
            }
        }
        catch (DbException fault)
        {
            Failed(log, fault);
            await PartAsync();
        }
        finally
        {
            Joined.TrySetCanceled(CancellationToken.None);
            if (joined)
            {
                await LeaveAsync();
            }
        }
    }

    private async Task PartAsync()
    {
        try
        {
            await WithinAsync(token => socket.CloseOutputAsync(ChatClose.Fault, "come again", token), CancellationToken.None);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
        }
    }

    private async Task JoinAsync(long? after, CancellationToken cancellation)
    {
        (_room, var first) = await hub.EnterAsync(row.Number, this, cancellation);
        _place = _room.Latest;
        if (first && await writer.SayAsync(row.Number, new Said(Said.System, Person: null, Who.Username, Who.Role, $"{Who.Username} joined")) is { } place)
        {
            // A client that resumes has said what it knows; a new one begins with its own arrival.
            _place = place - 1;
        }

        _place = Math.Min(_place, after ?? _place);
        lock (_lock)
        {
            _begin = _place;
            _usersChanged = true;
        }

        _room.SignalUsers();
    }

    private async Task LeaveAsync()
    {
        if (_room is not { } room)
        {
            return;
        }

        try
        {
            if (hub.Leave(room, this))
            {
                await writer.SayAsync(row.Number, new Said(Said.System, Person: null, Who.Username, Who.Role, $"{Who.Username} left"));
            }

            room.SignalUsers();
        }
        catch (Exception fault) when (fault is DbException or OperationCanceledException)
        {
            Failed(log, fault);
        }
    }

    // Everything there is to send, in the order of places.
    private async Task NewsAsync(CancellationToken cancellation)
    {
        while (!IsClosing)
        {
            bool users, history;
            (long After, long UpTo)? resume;
            lock (_lock)
            {
                (users, history, resume) = (_usersChanged, _historyAsked, _resume);
                (_usersChanged, _historyAsked, _resume) = (false, false, null);
            }

            for (var (place, upTo) = resume ?? (0, 0); place < upTo;)
            {
                var page = await store.ReadAsync(row.Number, place, upTo, Page, cancellation);
                foreach (var message in page)
                {
                    await SendAsync(new ChatFrame(message).For(Who.Person), cancellation);
                }

                place = page.Count == 0 ? upTo : page[^1].Place;
            }

            var news = _room!.After(_place);
            if (news is null)
            {
                var latest = _room.Latest;
                var page = await store.ReadAsync(row.Number, _place, latest, Page, cancellation);
                foreach (var message in page)
                {
                    await SendAsync(new ChatFrame(message).For(Who.Person), cancellation);
                }

                _place = page.Count == 0 ? latest : page[^1].Place;
            }
            else
            {
                foreach (var frame in news)
                {
                    await SendAsync(frame.For(Who.Person), cancellation);
                    _place = frame.Message.Place;
                }
            }

            if (users)
            {
                await SendAsync(ChatFrames.Users(_room.Present, Who), cancellation);
            }

            if (history)
            {
                await SendAsync(ChatFrames.History(await store.HistoryAsync(row.Number, cancellation), Who.Person), cancellation);
            }

            if (!users && !history && news is { Count: 0 })
            {
                return;
            }
        }
    }

    private Task SendAsync(byte[] frame, CancellationToken cancellation) =>
        WithinAsync(token => socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, token).AsTask(), cancellation);

    // A send that is cancelled drops the connection: half a frame is out.
    private async Task WithinAsync(Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(settings.SendWithin);
        await work(patience.Token);
    }

    [LoggerMessage(LogLevel.Warning, "A chat connection ends: the database does not answer")]
    private static partial void Failed(ILogger log, Exception exception);
}
