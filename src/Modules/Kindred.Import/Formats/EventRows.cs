using System.Globalization;
using System.Text;
using Kindred.Contracts;
using Kindred.Import.Reading;
using Kindred.Platform.Collections;

namespace Kindred.Import.Formats;

/// <summary>What the columns of a format are called, for messages.</summary>
internal sealed record EventColumns(string User, string Item, string Value, string Time, string Type, string Id);

/// <summary>Turns the fields of a row into an event, or says what is wrong with the first field at fault. The rules are those of the API.</summary>
internal sealed class EventRows(Collection collection, EventColumns columns, double scale)
{
    private const int LongestId = 256;
    private readonly EventIds _ids = new();
    private readonly TextPool _texts = new();

    public EventColumns Columns => columns;

    /// <summary>Reads times, set where a format writes them in its own way.</summary>
    public TimeReader ReadTime { get; init; } = Times.TryRead;

    public delegate bool TimeReader(ReadOnlySpan<char> text, out long at);

    public Row<ImportedEvent> Make(
        long line, ReadOnlySpan<char> user, ReadOnlySpan<char> item, ReadOnlySpan<char> type, ReadOnlySpan<char> value, ReadOnlySpan<char> time, ReadOnlySpan<char> id)
    {
        user = user.Trim();
        item = item.Trim();
        value = value.Trim();
        time = time.Trim();
        id = id.Trim();
        var fault = CheckId(columns.User, user) ?? CheckId(columns.Item, item) ?? (id.IsEmpty ? null : CheckId(columns.Id, id));
        if (fault is not null)
        {
            return new(line, default, fault);
        }

        var typeName = _texts.Get(type.Trim());
        if (collection.FindEventType(typeName) is not { } eventType)
        {
            return new(line, default, Fault.Of(columns.Type, typeName, $"is not an event type of {collection.Name}"));
        }

        var settings = eventType.Settings;
        float? number = null;
        if (!value.IsEmpty)
        {
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var read) || !float.IsFinite((float)(read * scale)))
            {
                return new(line, default, Fault.Of(columns.Value, value, "is not a number"));
            }

            number = (float)(read * scale);
            var scaled = scale == 1 ? "" : $" (times {scale.ToString(CultureInfo.InvariantCulture)})";
            if (number < settings.Minimum)
            {
                return new(line, default, Fault.Of(columns.Value, value, string.Create(CultureInfo.InvariantCulture, $"is below {settings.Minimum}{scaled}")));
            }

            if (number > settings.Maximum)
            {
                return new(line, default, Fault.Of(columns.Value, value, string.Create(CultureInfo.InvariantCulture, $"is above {settings.Maximum}{scaled}")));
            }
        }
        else if (settings.ValueRequired)
        {
            return new(line, default, Fault.Of(columns.Value, "", "is missing"));
        }

        if (!ReadTime(time, out var at))
        {
            return new(line, default, Fault.Of(columns.Time, time, time.IsEmpty ? "is missing" : "is not a time"));
        }

        var userText = _texts.Get(user);
        var itemText = _texts.Get(item);
        var eventId = id.IsEmpty ? _ids.Make(userText, itemText, typeName, number, at) : id.ToString();
        return new(line, new ImportedEvent(eventId, userText, itemText, typeName, number, at), null);
    }

    public static Fault? CheckId(string column, ReadOnlySpan<char> id)
    {
        if (id.IsEmpty)
        {
            return Fault.Of(column, "", "is missing");
        }

        if (id.Length * 3 > LongestId && Encoding.UTF8.GetByteCount(id) > LongestId)
        {
            return Fault.Of(column, id, $"is longer than {LongestId} bytes");
        }

        // Ids are any text; these two are traces of bytes that were no text.
        return id.ContainsAny('\0', '\ufffd') ? Fault.Of(column, id, "is not UTF-8 text") : null;
    }
}
