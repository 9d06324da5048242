using System.Buffers;
using System.Text;
using System.Text.Json;
using Kindred.Platform.Web;

namespace Kindred.Notifications.Chat;

/// <summary>Somebody who is in a room now.</summary>
internal sealed record Present(long Person, string Username, string Email, string Role);

/// <summary>What a client's frame asks for.</summary>
/// <param name="Text">To be said, or null.</param>
/// <param name="Command"><c>get_history</c>, <c>resume</c>; null for none.</param>
/// <param name="After">The place to resume after.</param>
/// <param name="IsAuth">True for the first frame.</param>
internal readonly record struct Asked(string? Text, string? Command = null, long? After = null, bool IsAuth = false);

/// <summary>Frames of the chat as UTF-8 JSON, out and in.</summary>
internal static class ChatFrames
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = StrictJson.Options.Encoder, SkipValidation = true };
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 8 };

    public static byte[] Message(MessageRow message, bool isSelf) => Write(json => WriteMessage(json, message, isSelf));

    public static byte[] History(IReadOnlyList<MessageRow> messages, long reader) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "history");
        json.WriteStartArray("messages");
        foreach (var message in messages)
        {
            WriteMessage(json, message, message.Person == reader);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Addresses of others are for admins.</summary>
    public static byte[] Users(IReadOnlyList<Present> present, Present reader) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "users_update");
        json.WriteStartArray("users");
        foreach (var one in present)
        {
            json.WriteStartObject();
            json.WriteString("username", one.Username);
            json.WriteString("email", one.Person == reader.Person || reader.Role == ChatConnection.Admin ? one.Email : "");
            json.WriteString("role", one.Role);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Reads a frame; null where it is not JSON. A JSON value that is no object is what it says, as is an object cut short: people write what they like.</summary>
    public static Asked? Read(ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var json = JsonDocument.Parse(frame, s_reading);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return new Asked(Encoding.UTF8.GetString(frame.Span));
            }

            var after = root.TryGetProperty("after", out var place) && place.ValueKind == JsonValueKind.Number && place.TryGetInt64(out var given) && given >= 0 ? given : (long?)null;
            return Member(root, "type") == "auth" ? new Asked(Text: null, After: after, IsAuth: true)
                : Member(root, "command") is { } command ? new Asked(Text: null, command, after)
                : new Asked(Member(root, "text"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Member(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Text(value) : null;

    // Half of a surrogate pair can be written as \ud800 and is no text.
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void WriteMessage(Utf8JsonWriter json, MessageRow message, bool isSelf)
    {
        json.WriteStartObject();
        json.WriteString("type", message.Kind);
        json.WriteNumber("id", message.Place);
        json.WriteString("text", message.Text);
        json.WriteString("username", message.Username);
        json.WriteNumber("timestamp", message.CreatedAt / 1000.0);
        json.WriteString("role", message.Role);
        json.WriteBoolean("is_self", isSelf);
        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, s_writing))
        {
            write(json);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
