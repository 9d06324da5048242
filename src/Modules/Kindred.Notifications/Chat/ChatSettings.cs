namespace Kindred.Notifications;

/// <summary>Section <c>chat</c>.</summary>
public sealed record ChatSettings
{
    /// <summary>WebSockets open at once in this process. 1-1,000,000.</summary>
    public int Connections { get; init; } = 5000;

    /// <summary>Of one person. 1-1,000.</summary>
    public int ConnectionsOfPerson { get; init; } = 10;

    /// <summary>Messages a room keeps; older ones are deleted. 10-1,000,000.</summary>
    public int Keep { get; init; } = 1000;

    /// <summary>Messages <c>get_history</c> answers with, the newest. 1-1,000.</summary>
    public int History { get; init; } = 200;

    /// <summary>Messages a second one connection may send over time, after a first hundred; what comes faster waits. 1-10,000.</summary>
    public int MessagesPerSecond { get; init; } = 10;

    /// <summary>How often a silent client is asked whether it is there, and how long its answer may take. 1 second to 10 minutes.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one frame may take to leave; whoever reads slower is closed. 1 second to 10 minutes.</summary>
    public TimeSpan SendWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the first frame may be in coming. 1 second to 10 minutes.</summary>
    public TimeSpan AuthWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong, by the name of the setting.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        foreach (var (name, value, least, most) in new[]
        {
            ("connections", Connections, 1, 1_000_000), ("connections_of_person", ConnectionsOfPerson, 1, 1_000), ("keep", Keep, 10, 1_000_000), ("history", History, 1, 1_000),
            ("messages_per_second", MessagesPerSecond, 1, 10_000),
        })
        {
            if (value < least || value > most)
            {
                yield return (name, $"{value} is not in {least} to {most}");
            }
        }

        foreach (var (name, wait) in new[] { ("ping", Ping), ("send_within", SendWithin), ("auth_within", AuthWithin) })
        {
            if (wait < TimeSpan.FromSeconds(1) || wait > TimeSpan.FromMinutes(10))
            {
                yield return (name, "a wait lies in one second to ten minutes");
            }
        }
    }
}
