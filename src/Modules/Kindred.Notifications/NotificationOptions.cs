namespace Kindred.Notifications;

/// <summary>What notifications take from the settings of other parts.</summary>
public sealed record NotificationOptions
{
    /// <summary>Address of this server as people reach it, for links and the right half of message ids; without a slash at its end.</summary>
    public string PublicUrl { get; init; } = "http://127.0.0.1:8000";
}
