using System.Text.Json;
using Kindred.Contracts;

namespace Kindred.Recommendations.Items;

/// <summary>
/// Attribute names of a catalogue, numbered, with how many items hold each kind of value. Also shares equal texts between rows: genres,
/// brands and the like repeat thousands of times. Guarded by the table's lock.
/// </summary>
internal sealed class AttributeNames
{
    private const int MostSharedTexts = 65_536;
    private const int LongestSharedText = 64;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Numbers, int Texts, int Booleans, int Lists)> _held = [];
    private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);

    /// <summary>The number of an attribute that some item has, with the kinds it has; false when none does.</summary>
    public bool TryFind(string name, out int number, out ValueKind kinds)
    {
        kinds = ValueKind.None;
        if (!_numbers.TryGetValue(name, out number))
        {
            return false;
        }

        var (_, numbers, texts, booleans, lists) = _held[number];
        kinds = (numbers > 0 ? ValueKind.Number : ValueKind.None) | (texts > 0 ? ValueKind.Text : ValueKind.None)
            | (booleans > 0 ? ValueKind.Boolean : ValueKind.None) | (lists > 0 ? ValueKind.Texts : ValueKind.None);
        return kinds != ValueKind.None;
    }

    /// <summary>Names that some item has.</summary>
    public IEnumerable<string> Held => _held.Where(held => held.Numbers + held.Texts + held.Booleans + held.Lists > 0).Select(held => held.Name);

    public ItemRow Row(ItemRecord record)
    {
        var categories = record.Categories.Count == 0 ? [] : new string[record.Categories.Count];
        for (var k = 0; k < categories.Length; k++)
        {
            categories[k] = Share(record.Categories[k]);
        }

        var attributes = new List<ItemAttribute>(record.Attributes.Count);
        foreach (var (name, value) in record.Attributes)
        {
            if (Read(name, value) is { Kind: not ValueKind.None } attribute)
            {
                attributes.Add(attribute);
            }
        }

        return new ItemRow(record, categories, attributes.Count == 0 ? [] : [.. attributes.OrderBy(attribute => attribute.Name)]);
    }

    /// <summary>Counts a row's attributes in (<paramref name="by"/> 1) or out (-1).</summary>
    public void Count(ItemRow row, int by)
    {
        foreach (var attribute in row.Attributes)
        {
            var held = _held[attribute.Name];
            switch (attribute.Kind)
            {
                case ValueKind.Number: held.Numbers += by; break;
                case ValueKind.Text: held.Texts += by; break;
                case ValueKind.Boolean: held.Booleans += by; break;
                default: held.Lists += by; break;
            }

            _held[attribute.Name] = held;
        }
    }

    private ItemAttribute Read(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number) => new(Number(name), ValueKind.Number, number, null),
        JsonValueKind.True => new(Number(name), ValueKind.Boolean, 1, null),
        JsonValueKind.False => new(Number(name), ValueKind.Boolean, 0, null),
        JsonValueKind.String => new(Number(name), ValueKind.Text, 0, Share(value.GetString()!)),
        JsonValueKind.Array => new(Number(name), ValueKind.Texts, 0, Texts(value)),
        _ => default,
    };

    private string[] Texts(JsonElement value) =>
        [.. value.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => Share(text.GetString()!))];

    private int Number(string name)
    {
        if (!_numbers.TryGetValue(name, out var number))
        {
            number = _held.Count;
            _numbers.Add(name, number);
            _held.Add((name, 0, 0, 0, 0));
        }

        return number;
    }

    private string Share(string text)
    {
        if (text.Length > LongestSharedText)
        {
            return text;
        }

        if (_shared.TryGetValue(text, out var shared))
        {
            return shared;
        }

        if (_shared.Count < MostSharedTexts)
        {
            _shared.Add(text, text);
        }

        return text;
    }
}
