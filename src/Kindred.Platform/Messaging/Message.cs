using System.Text.Json;
using Kindred.Platform.Web;

namespace Kindred.Platform.Messaging;

/// <summary>What one part of the program tells the others.</summary>
/// <param name="Id">Same for every delivery; a UUIDv7.</param>
/// <param name="Topic">What it is about, such as <c>products.changed</c>.</param>
/// <param name="Body">JSON in snake_case, at most <see cref="MaxBytes"/> of UTF-8.</param>
/// <param name="CreatedAt">When it was written down.</param>
/// <param name="Queue">The one queue it is for, set when a parked message is sent again; null for every queue of the topic.</param>
public sealed record Message(Guid Id, string Topic, string Body, DateTimeOffset CreatedAt, string? Queue = null)
{
    /// <summary>Most bytes of a body.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The body as a type of Contracts; members this program does not know yet are passed over.</summary>
    /// <exception cref="JsonException">The body is not of this type.</exception>
    public T Read<T>() => JsonSerializer.Deserialize<T>(Body, s_reading) ?? throw new JsonException("The body is null.");

    private static readonly JsonSerializerOptions s_reading = new(StrictJson.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip };
}

/// <summary>
/// The consumer of one queue. Messages of its topic come in order, at least once, and never two batches at a time; what must not happen twice goes through
/// <see cref="Inbox"/>. A parked message may be sent again long after those that followed it, so handlers read what is true now or compare versions.
/// </summary>
public interface IMessageHandler
{
    /// <summary>Name of the queue, the same in every process and release.</summary>
    string Queue { get; }

    /// <summary>The topic it is bound to.</summary>
    string Topic { get; }

    /// <summary>Waits between the tries of a message that fails by itself; null for <see cref="MessagingSettings.RetryAfter"/>.</summary>
    IReadOnlyList<TimeSpan>? RetryAfter => null;

    /// <summary>
    /// Does the work, all of the batch or none of it. An exception of a place that is away (database, network, disk) is tried again until it is back; any
    /// other makes each message try alone and parks it after its last try, a <see cref="HopelessMessageException"/> after its first.
    /// </summary>
    Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation);
}

/// <summary>No try of this message will ever succeed: it is parked at once, with this reason.</summary>
public sealed class HopelessMessageException(string message) : Exception(message);

/// <summary>Carries messages from the outbox to the queues of their topic. Two adapters: in this process, and a broker.</summary>
public interface IMessageBus
{
    /// <summary>Topics whose messages this bus can take from this process.</summary>
    IReadOnlyCollection<string> Topics { get; }

    /// <summary>
    /// Takes a message over: when this returns, each of its queues has done its work or parked it, or a broker has stored it for them. Only then may the
    /// outbox forget it.
    /// </summary>
    Task PublishAsync(Message message, CancellationToken cancellation);
}
