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
