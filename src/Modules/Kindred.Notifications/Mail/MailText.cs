using System.Buffers;
using System.Globalization;
using System.Text;

namespace Kindred.Notifications.Mail;

/// <summary>A letter in words.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text; lines end with a line feed.</param>
/// <param name="Html">A whole page.</param>
internal sealed record WrittenLetter(string Subject, string Text, string Html);

/// <summary>Where a letter goes and what its headers say.</summary>
/// <param name="Id">Same for every try; its Message-ID.</param>
/// <param name="From">Sender, <c>Name &lt;address&gt;</c> or an address.</param>
/// <param name="To">The address, alone.</param>
/// <param name="At">When it was written.</param>
/// <param name="Host">Right half of the Message-ID.</param>
/// <param name="Unsubscribe">Address of RFC 8058, or null.</param>
internal sealed record Envelope(Guid Id, string From, string To, DateTimeOffset At, string Host, string? Unsubscribe);

/// <summary>Letters as bytes of RFC 5322: two parts of the same words, in ASCII, with lines that end in CR LF.</summary>
internal static class MailText
{
    private const int LongestAddress = 254;
    private const int WordBytes = 45;
    private static readonly SearchValues<char> s_parting = SearchValues.Create("<>()[],;:\\\"");

    /// <summary>True for one address that can stand in a header and in a command as it is: printable ASCII without what separates or quotes.</summary>
    public static bool IsAddress(string address) =>
        address.Length is >= 3 and <= LongestAddress && !address.AsSpan().ContainsAnyExceptInRange('!', '~') && !address.AsSpan().ContainsAny(s_parting)
        && address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == address.LastIndexOf('@') && at < address.Length - 1;

    /// <summary>True for text that stays on its line.</summary>
    public static bool IsLine(string text) => !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.Contains('\x7f', StringComparison.Ordinal) && !text.AsSpan().ContainsAny('\u0085', '\u2028', '\u2029');

    public static byte[] Write(Envelope envelope, WrittenLetter letter)
    {
        if (!IsAddress(envelope.To) || !IsLine(letter.Subject) || !IsLine(envelope.From) || (envelope.Unsubscribe is { } link && (!IsLine(link) || link.Contains('>', StringComparison.Ordinal))))
        {
            throw new ArgumentException("Addresses, subject and links of a letter are one line each.", nameof(envelope));
        }

        var boundary = "=_" + envelope.Id.ToString("N");
        StringBuilder text = new();
        Add($"From: {Sender(envelope.From)}");
        Add($"To: <{envelope.To}>");
        Add($"Subject: {Words(letter.Subject)}");
        Add($"Date: {envelope.At.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}");
        Add($"Message-ID: <{envelope.Id:N}@{envelope.Host}>");
        Add("MIME-Version: 1.0");
        Add("Auto-Submitted: auto-generated");
        if (envelope.Unsubscribe is { } unsubscribe)
        {
            Add($"List-Unsubscribe: <{unsubscribe}>");
            Add("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
        }

        Add($"Content-Type: multipart/alternative; boundary=\"{boundary}\"");
        Add("");
        foreach (var (type, body) in new[] { ("text/plain", letter.Text), ("text/html", letter.Html) })
        {
            Add("--" + boundary);
            Add($"Content-Type: {type}; charset=utf-8");
            Add("Content-Transfer-Encoding: base64");
            Add("");
            Add(Convert.ToBase64String(Encoding.UTF8.GetBytes(body.ReplaceLineEndings("\r\n")), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\r\n"));
        }

        Add($"--{boundary}--");
        return Encoding.ASCII.GetBytes(text.ToString());

        void Add(string line) => text.Append(line).Append("\r\n");
    }

    private static string Sender(string from) => from.IndexOf('<', StringComparison.Ordinal) is > 0 and var begin ? $"{Phrase(from[..begin].Trim().Trim('"'))} {from[begin..]}" : from;

    private static string Phrase(string name) => name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == ' ') ? name : Words(name, always: true);

    // RFC 2047: words of other letters go as base64, at most 45 bytes of text each, never in the middle of a character.
    private static string Words(string text, bool always = false)
    {
        if (!always && text.Length <= 900 && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        List<string> words = [];
        StringBuilder word = new();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > WordBytes)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            word.Append(rune.ToString());
        }

        words.Add(word.ToString());
        return string.Join("\r\n ", words.Select(part => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(part))}?="));
    }
}
