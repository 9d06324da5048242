namespace Kindred.Notifications.Chat;

/// <summary>
/// A room with somebody in it, as this process has it: the newest messages, once for everybody, and who is connected. Connections read from here by the place
/// they have come to, so nobody has a queue of their own and a slow one holds nothing up. Safe for any number of threads.
/// </summary>
internal sealed class ChatRoom(long number)
{
    private const int Kept = 256;
    private readonly Lock _lock = new();
    private readonly List<ChatFrame> _newest = [];
    private readonly List<ChatConnection> _connections = [];
    private long _latest = -1;

    public long Number { get; } = number;

    /// <summary>Place of the newest message; -1 until it is known.</summary>
    public long Latest
    {
        get
        {
            lock (_lock)
            {
                return _latest;
            }
        }
    }

    public IReadOnlyList<ChatConnection> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections];
            }
        }
    }

    /// <summary>Everybody here, once each.</summary>
    public IReadOnlyList<Present> Present => [.. Connections.Select(connection => connection.Who).DistinctBy(who => who.Person)];

    /// <summary>Adds a connection; true where it is the first of its person.</summary>
    public bool Add(ChatConnection connection)
    {
        lock (_lock)
        {
            var first = !_connections.Exists(other => other.Who.Person == connection.Who.Person);
            _connections.Add(connection);
            return first;
        }
    }

    /// <summary>Takes a connection away; true where it was the last of its person.</summary>
    public bool Remove(ChatConnection connection)
    {
        lock (_lock)
        {
            return _connections.Remove(connection) && !_connections.Exists(other => other.Who.Person == connection.Who.Person);
        }
    }

    /// <summary>Where the room stands when the first connection comes.</summary>
    public void Begin(long latest)
    {
        lock (_lock)
        {
            _latest = Math.Max(_latest, latest);
        }
    }

    /// <summary>Takes new messages in their order; what is known is passed over. False where messages between are missing, which are to be read first.</summary>
    public bool Take(IReadOnlyList<MessageRow> messages)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                if (_latest < 0 || message.Place > _latest + 1)
                {
                    return false;
                }

                if (message.Place == _latest + 1)
                {
                    _newest.Add(new ChatFrame(message));
                    _latest = message.Place;
                }
            }

            if (_newest.Count > 2 * Kept)
            {
                _newest.RemoveRange(0, _newest.Count - Kept);
            }
        }

        Signal();
        return true;
    }

    /// <summary>Places up to this one will never come: their messages were deleted before they were read.</summary>
    public void Skip(long upTo)
    {
        lock (_lock)
        {
            if (upTo > _latest)
            {
                _newest.Clear();
                _latest = upTo;
            }
        }
    }

    /// <summary>The messages after a place; null where they are no longer in memory.</summary>
    public IReadOnlyList<ChatFrame>? After(long place)
    {
        lock (_lock)
        {
            return place >= _latest ? [] : _newest.Count > 0 && _newest[0].Message.Place <= place + 1 ? _newest[(int)(place + 1 - _newest[0].Message.Place)..] : null;
        }
    }

    public void Signal()
    {
        foreach (var connection in Connections)
        {
            connection.Signal();
        }
    }

    /// <summary>Somebody came or went.</summary>
    public void SignalUsers()
    {
        foreach (var connection in Connections)
        {
            connection.SignalUsers();
        }
    }
}

/// <summary>A message with its two frames, for whoever said it and for everybody else, each made once.</summary>
internal sealed class ChatFrame(MessageRow message)
{
    private byte[]? _own;
    private byte[]? _others;

    public MessageRow Message { get; } = message;

    public byte[] For(long reader) => Message.Person == reader ? _own ??= ChatFrames.Message(Message, isSelf: true) : _others ??= ChatFrames.Message(Message, isSelf: false);
}
