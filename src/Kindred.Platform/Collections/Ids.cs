using System.Text;

namespace Kindred.Platform.Collections;

/// <summary>What an id may be: any text of 1-256 UTF-8 bytes; kept byte for byte, compared byte for byte.</summary>
public static class Ids
{
    /// <summary>Longest id in UTF-8 bytes.</summary>
    public const int MaxBytes = 256;

    /// <summary>Why the text is no id, for people; null when it is one.</summary>
    public static string? Check(string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            return "is empty; an id has 1 to 256 UTF-8 bytes";
        }

        if (id.Contains('\0', StringComparison.Ordinal))
        {
            return "holds U+0000, which no id may";
        }

        for (var k = 0; k < id.Length; k++)
        {
            if (char.IsSurrogate(id[k]) && !(char.IsHighSurrogate(id[k]) && k + 1 < id.Length && char.IsLowSurrogate(id[++k])))
            {
                return "is not valid Unicode: half of a surrogate pair";
            }
        }

        return Encoding.UTF8.GetByteCount(id) is > MaxBytes and var bytes ? $"has {bytes} UTF-8 bytes; at most {MaxBytes} are allowed" : null;
    }
}
