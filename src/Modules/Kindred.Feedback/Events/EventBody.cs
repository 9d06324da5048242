using System.Text;
using System.Text.Json;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;

namespace Kindred.Feedback.Events;

/// <summary>An event that was not taken, by its place in the request.</summary>
public readonly record struct RejectedRow(int Index, string Pointer, string Code, string Reason);

/// <summary>
/// The body of <c>POST /events</c>, read by hand: 100,000 events a second leave no room for reflection. The rules are those of every other
/// body: no unknown or repeated members, no quoted numbers, finite values, times with an offset. A fault of one row rejects that row; broken
/// JSON rejects the request.
/// </summary>
internal sealed class EventBody
{
    /// <summary>Most events of one request.</summary>
    public const int MaxEvents = 10_000;

    private static readonly JsonReaderOptions s_strict = new() { MaxDepth = 16 };
    private static readonly JsonDocumentOptions s_context = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Checked events.</summary>
    public List<NewEvent> Events { get; } = [];

    /// <summary>Place in the request of each checked event.</summary>
    public List<int> Places { get; } = [];

    /// <summary>Rows that are not events of this collection.</summary>
    public List<RejectedRow> Rejected { get; } = [];

    /// <summary>The body was one object, not an array.</summary>
    public bool Single { get; private set; }

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Some rows came without an id and got one.</summary>
    public bool MadeIds { get; private set; }

    /// <summary>Reads a whole body.</summary>
    /// <exception cref="JsonException">Not JSON, or neither an object nor an array of at most <see cref="MaxEvents"/> objects.</exception>
    public static EventBody Read(ReadOnlySpan<byte> body, Collection collection, DateTimeOffset now)
    {
        var read = new EventBody();
        var reader = new Utf8JsonReader(body, s_strict);
        if (!reader.Read())
        {
            throw new JsonException("The body is empty.");
        }

        if (reader.TokenType == JsonTokenType.StartObject)
        {
            read.Single = true;
            read.ReadRow(ref reader, body, collection, now);
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (read.Count == MaxEvents)
                {
                    throw new JsonException($"At most {MaxEvents} events are taken in one request.");
                }

                read.ReadRow(ref reader, body, collection, now);
            }
        }
        else
        {
            throw new JsonException("The body is an event object or an array of them.");
        }

        while (reader.Read())
        {
            // Throws on anything behind the end.
        }

        return read;
    }

    private void ReadRow(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, Collection collection, DateTimeOffset now)
    {
        var index = Count++;
        var row = default(Row);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            Reject(index, new FieldError("", "type", "an event is a JSON object"));
            return;
        }

        FieldError? fault = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var found = ReadMember(ref reader, ref row, body, collection);
            fault ??= found;
        }

        fault ??= row.User is null ? Missing("user") : row.Item is null ? Missing("item") : row.Type is null ? Missing("type") : null;
        if (fault is not null)
        {
            Reject(index, fault);
            return;
        }

        MadeIds |= row.Id is null;
        var id = row.Id ?? Guid.CreateVersion7(now).ToString();
        var micros = Micros(now);
        fault = EventRules.Check(collection, id, row.User!, row.Item!, row.Type!, row.Value, row.At ?? micros, micros, out var type);
        if (fault is not null)
        {
            Reject(index, fault);
            return;
        }

        Events.Add(new NewEvent(id, row.User!, row.Item!, type, row.Value, row.At ?? micros, row.Context));
        Places.Add(index);
    }

    // Reads one member whole, so that the next one can be read whatever is wrong with this one.
    private static FieldError? ReadMember(ref Utf8JsonReader reader, ref Row row, ReadOnlySpan<byte> body, Collection collection)
    {
        var member = reader.ValueTextEquals("id"u8) ? Member.Id
            : reader.ValueTextEquals("user"u8) ? Member.User
            : reader.ValueTextEquals("item"u8) ? Member.Item
            : reader.ValueTextEquals("type"u8) ? Member.Type
            : reader.ValueTextEquals("value"u8) ? Member.Value
            : reader.ValueTextEquals("at"u8) ? Member.At
            : reader.ValueTextEquals("context"u8) ? Member.Context
            : Member.None;
        if (member == Member.None)
        {
            var name = Text(ref reader) ?? "?";
            reader.Read();
            reader.Skip();
            return new FieldError("/" + name, "unknown", $"\"{name}\" is not a member of an event; known are id, user, item, type, value, at, context");
        }

        var repeated = (row.Seen & member) != Member.None;
        row.Seen |= member;
        reader.Read();
        var fault = ReadValue(ref reader, ref row, member, body, collection);
        return repeated ? new FieldError("/" + Name(member), "duplicate", $"{Name(member)} stands twice in the object") : fault;
    }

    private static FieldError? ReadValue(ref Utf8JsonReader reader, ref Row row, Member member, ReadOnlySpan<byte> body, Collection collection)
    {
        switch (member)
        {
            case Member.Value when reader.TokenType == JsonTokenType.Number:
                if (!reader.TryGetSingle(out var value) || !float.IsFinite(value))
                {
                    return new FieldError("/value", "range", "value is a finite number");
                }

                row.Value = value;
                return null;
            case Member.Value or Member.Context or Member.At or Member.Id when reader.TokenType == JsonTokenType.Null:
                return null;
            case Member.Context:
                return ReadContext(ref reader, ref row, body);
            case Member.Value:
                reader.Skip();
                return new FieldError("/value", "type", "value is a number, not quoted");
            default:
                if (reader.TokenType != JsonTokenType.String)
                {
                    reader.Skip();
                    return new FieldError("/" + Name(member), "type", $"{Name(member)} is a text");
                }

                return ReadText(ref reader, ref row, member, collection);
        }
    }

    private static FieldError? ReadText(ref Utf8JsonReader reader, ref Row row, Member member, Collection collection)
    {
        if (member == Member.At)
        {
            // A time without offset would be read in the server's zone: the same bytes would mean another moment elsewhere.
            if (reader.HasValueSequence || reader.ValueIsEscaped || !HasOffset(reader.ValueSpan) || !reader.TryGetDateTimeOffset(out var at))
            {
                return new FieldError("/at", "time", "at is a time with its offset, such as 2026-01-31T12:00:00Z");
            }

            row.At = Micros(at);
            return null;
        }

        if (member == Member.Type)
        {
            foreach (var type in collection.EventTypes)
            {
                if (reader.ValueTextEquals(type.Name))
                {
                    row.Type = type.Name;
                    return null;
                }
            }
        }

        if (Text(ref reader) is not { } text)
        {
            return new FieldError("/" + Name(member), "text", $"{Name(member)} is not valid Unicode");
        }

        switch (member)
        {
            case Member.Id: row.Id = text; break;
            case Member.User: row.User = text; break;
            case Member.Item: row.Item = text; break;
            default: row.Type = text; break;
        }

        return null;
    }

    private static FieldError? ReadContext(ref Utf8JsonReader reader, ref Row row, ReadOnlySpan<byte> body)
    {
        var start = (int)reader.TokenStartIndex;
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        reader.Skip();
        var json = body[start..(int)reader.BytesConsumed];
        if (!isObject || json.Length > EventRules.MaxContextBytes)
        {
            return new FieldError("/context", isObject ? "length" : "type", $"context is a JSON object of at most {EventRules.MaxContextBytes} bytes");
        }

        try
        {
            using var _ = JsonDocument.Parse(json.ToArray(), s_context);
        }
        catch (JsonException broken)
        {
            return new FieldError("/context", "json", "context: " + broken.Message);
        }

        var text = Encoding.UTF8.GetString(json);
        if (text.Contains("\\u0000", StringComparison.Ordinal))
        {
            return new FieldError("/context", "text", "context holds U+0000");
        }

        row.Context = text;
        return null;
    }

    private static bool HasOffset(ReadOnlySpan<byte> time)
    {
        var clock = time.IndexOf((byte)'T');
        return clock > 0 && (time[^1] == 'Z' || time[clock..].IndexOfAny((byte)'+', (byte)'-') > 0);
    }

    // An escaped half of a surrogate pair is the one text the reader takes and cannot give back.
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static FieldError Missing(string member) => new("/" + member, "required", $"{member} is missing");

    private static string Name(Member member) => member switch
    {
        Member.Id => "id",
        Member.User => "user",
        Member.Item => "item",
        Member.Type => "type",
        Member.Value => "value",
        Member.At => "at",
        _ => "context",
    };

    private void Reject(int index, FieldError fault) => Rejected.Add(new RejectedRow(index, fault.Pointer, fault.Code, fault.Detail));

    [Flags]
    private enum Member : byte
    {
        None = 0,
        Id = 1,
        User = 2,
        Item = 4,
        Type = 8,
        Value = 16,
        At = 32,
        Context = 64,
    }

    private struct Row
    {
        public Member Seen;
        public string? Id;
        public string? User;
        public string? Item;
        public string? Type;
        public float? Value;
        public long? At;
        public string? Context;
    }
}
