using System.Globalization;

namespace Kindred.Import.Reading;

/// <summary>Times as files write them, to microseconds since 1970. Without an offset they are UTC.</summary>
internal static class Times
{
    private const long MicrosecondsPerSecond = 1_000_000;
    private static readonly string[] s_months = ["M/d/yyyy H:mm", "M/d/yyyy H:mm:ss", "M/d/yy H:mm"];

    /// <summary>
    /// ISO 8601 (with or without offset, <c>T</c> or blank between date and time, or a date alone), or unix time in seconds, milliseconds or
    /// microseconds, told apart by size: seconds reach to the year 5138, milliseconds from 1973.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<char> text, out long at)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var size = number == long.MinValue ? long.MaxValue : Math.Abs(number);
            at = size < 100_000_000_000 ? number * MicrosecondsPerSecond : size < 100_000_000_000_000 ? number * 1000 : number;
            return size < 100_000_000_000_000_000;
        }

        if (TryReadPlain(text, out at))
        {
            return true;
        }

        // The first three parts must be year, month, day: anything else (03/04/2011) would be a guess.
        if (text.Length >= 10 && text[4] == '-' && text[7] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            at = Microseconds(time.UtcDateTime);
            return true;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds < 100_000_000_000
            && (at = (long)Math.Round(seconds * MicrosecondsPerSecond)) >= 0;
    }

    /// <summary>Also month first (<c>12/1/2010 8:26</c>), as the Online Retail file is often passed on.</summary>
    public static bool TryReadMonthFirst(ReadOnlySpan<char> text, out long at)
    {
        if (TryRead(text, out at))
        {
            return true;
        }

        var read = DateTime.TryParseExact(text, s_months, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        at = read ? Microseconds(time) : 0;
        return read;
    }

    private static long Microseconds(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    // "2010-12-01 08:26:00", by far the commonest, without the general parser's cost.
    private static bool TryReadPlain(ReadOnlySpan<char> text, out long at)
    {
        at = 0;
        if (text.Length != 19 || text[4] != '-' || text[7] != '-' || text[10] is not (' ' or 'T') || text[13] != ':' || text[16] != ':'
            || !Digits(text, 0, 4, out var year) || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day)
            || !Digits(text, 11, 2, out var hour) || !Digits(text, 14, 2, out var minute) || !Digits(text, 17, 2, out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        at = Microseconds(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc));
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, int start, int length, out int number)
    {
        number = 0;
        foreach (var c in text.Slice(start, length))
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        return true;
    }
}
