using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kindred.Contracts;

namespace Kindred.Recommendations.Items;

/// <summary>What kind a value is; also the bits of what an attribute holds across a catalogue.</summary>
[Flags]
internal enum ValueKind
{
    None = 0,
    Number = 1,
    Text = 2,
    Boolean = 4,
    Texts = 8,
}

/// <summary>One attribute of an item. Numbers and booleans lie in <see cref="Number"/>, text and lists in <see cref="Text"/>.</summary>
internal readonly record struct ItemAttribute(int Name, ValueKind Kind, double Number, object? Text);

/// <summary>An item as serving keeps it: immutable, replaced whole, so a reader never sees half a change.</summary>
internal sealed class ItemRow(ItemRecord record, string[] categories, ItemAttribute[] attributes)
{
    public int Number { get; } = record.Number;

    public string Id { get; } = record.Id;

    public string? Title { get; } = record.Title;

    public string[] Categories { get; } = categories;

    /// <summary>By name number, ascending.</summary>
    public ItemAttribute[] Attributes { get; } = attributes;

    /// <summary>Microseconds since 1970 (UTC); <see cref="long.MinValue"/> where unknown.</summary>
    public long Timestamp { get; } =
        record.Timestamp is { } at ? (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond : long.MinValue;

    public bool Hidden { get; } = record.Hidden;

    public bool Deleted { get; } = record.Deleted;

    public bool Answerable => !Hidden && !Deleted;

    public long Version { get; } = record.Version;

    /// <summary>What people call it: its title, or its id where it has none.</summary>
    public string Name => Title ?? Id;

    /// <summary>The row as lists write it, made when it is first written.</summary>
    public ItemJson Json => field ??= new ItemJson(this);

    public bool TryGet(int name, out ItemAttribute attribute)
    {
        foreach (ref readonly var candidate in Attributes.AsSpan())
        {
            if (candidate.Name == name)
            {
                attribute = candidate;
                return true;
            }
        }

        attribute = default;
        return false;
    }
}

/// <summary>An item's constant part of a list in JSON: <c>"item":…,"title":…</c> as evidence has it, and with <c>,"categories":[…]</c> as a place has it.</summary>
internal sealed class ItemJson
{
    private readonly byte[] _bytes;
    private readonly int _evidence;
    private readonly Range _name;

    public ItemJson(ItemRow row)
    {
        var text = new StringBuilder("\"item\":\"").Append(Encode(row.Id));
        _name = 8..Encoding.UTF8.GetByteCount(text.ToString());
        text.Append("\",\"title\":");
        if (row.Title is null)
        {
            text.Append("null");
        }
        else
        {
            var start = Encoding.UTF8.GetByteCount(text.Append('"').ToString());
            _name = start..Encoding.UTF8.GetByteCount(text.Append(Encode(row.Title)).ToString());
            text.Append('"');
        }

        _evidence = Encoding.UTF8.GetByteCount(text.ToString());
        text.Append(",\"categories\":[").AppendJoin(',', row.Categories.Select(category => $"\"{Encode(category)}\"")).Append(']');
        _bytes = Encoding.UTF8.GetBytes(text.ToString());
    }

    public ReadOnlySpan<byte> Place => _bytes;

    public ReadOnlySpan<byte> Evidence => _bytes.AsSpan(0, _evidence);

    /// <summary><see cref="ItemRow.Name"/>, escaped, without quotes.</summary>
    public ReadOnlySpan<byte> Name => _bytes.AsSpan(_name);

    private static string Encode(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
}
