using System.Globalization;

namespace Kindred.Cli;

/// <summary>Sizes as people write them: <c>1GiB</c>, <c>1.5GiB</c>, <c>800MB</c>, <c>500000</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, long Bytes)[] s_units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ];

    /// <summary>Bytes, or null for what is no size above 0.</summary>
    public static long? Parse(string text)
    {
        var unit = s_units.FirstOrDefault(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase), ("", 1));
        var number = text.AsSpan(0, text.Length - unit.Suffix.Length).Trim();
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= (decimal)long.MaxValue / unit.Bytes
            ? (long)(count * unit.Bytes)
            : null;
    }
}
