using System.Globalization;
using System.Text;
using Kindred.Platform;

namespace Kindred.Accounts.Mail;

/// <summary>
/// Hands mails over as files <c>DATA/mail/ID.eml</c> (RFC 5322), mode 600: for a mail server to pick up, or for people to open. The same mail
/// handed over twice is one file.
/// </summary>
internal sealed class MailFolder(PlatformSettings platform, AccountsOptions options)
{
    private readonly string _folder = Path.Combine(platform.DataFolder, "mail");

    public void Write(OutboxMail mail)
    {
        var host = Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var address) ? address.Host : "localhost";
        var at = DateTimeOffset.FromUnixTimeMilliseconds(mail.CreatedAt);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"From: Kindred <kindred@{host}>\r\n");
        text.Append(CultureInfo.InvariantCulture, $"To: <{mail.Recipient}>\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Subject: {Header(mail.Subject)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {at.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Message-ID: <{mail.Id}@{host}>\r\n");
        text.Append("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
        text.Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(mail.Body.ReplaceLineEndings("\r\n")), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\r\n"));
        text.Append("\r\n");
        PrivateFiles.Write(Path.Combine(_folder, mail.Id + ".eml"), Encoding.ASCII.GetBytes(text.ToString()));
    }

    // RFC 2047: words of other letters go as base64, at most 45 bytes of text each, never in the middle of a character.
    private static string Header(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        List<string> words = [];
        StringBuilder word = new();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > 45)
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
