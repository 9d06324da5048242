using System.Text;
using System.Text.Json;
using Kindred.Platform.Web;

namespace Kindred.Platform.Collections;

/// <summary>What attributes of items and users may be: text, finite number, boolean or array of texts by name.</summary>
public static class Attributes
{
    /// <summary>Most attributes of one item or user.</summary>
    public const int MaxCount = 100;

    /// <summary>Most bytes of all of them as JSON.</summary>
    public const int MaxBytes = 65_536;

    private const int MaxName = 64;

    /// <summary>The first fault, or null; pointers begin with <c>/attributes</c>.</summary>
    public static FieldError? Check(IReadOnlyDictionary<string, JsonElement> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (attributes.Count > MaxCount)
        {
            return new FieldError("/attributes", "length", $"{attributes.Count} attributes; at most {MaxCount} are allowed");
        }

        var bytes = 0L;
        foreach (var (name, value) in attributes)
        {
            if (name.Length is 0 or > MaxName || name.Contains('\0', StringComparison.Ordinal))
            {
                return new FieldError("/attributes", "name", "an attribute's name has 1 to 64 characters and no U+0000");
            }

            var pointer = "/attributes/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
            if (!IsAllowed(value))
            {
                return new FieldError(pointer, "type", $"attribute {name} is a text, a finite number, true, false or an array of texts");
            }

            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value.GetRawText()) + 4;
        }

        return bytes > MaxBytes ? new FieldError("/attributes", "length", $"attributes take {bytes} bytes; at most {MaxBytes} are allowed") : null;
    }

    private static bool IsAllowed(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => IsText(value),
        JsonValueKind.Number => double.IsFinite(value.GetDouble()),
        JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.Array => value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String && IsText(one)),
        _ => false,
    };

    private static bool IsText(JsonElement value) => !value.GetString()!.Contains('\0', StringComparison.Ordinal);
}
