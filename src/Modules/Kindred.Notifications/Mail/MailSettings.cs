using System.Net.Mail;

namespace Kindred.Notifications;

/// <summary>Whether a connection to the mail server is encrypted.</summary>
public enum MailTlsSettings
{
    /// <summary>STARTTLS with a certificate that holds, or no letter leaves.</summary>
    Required,

    /// <summary>STARTTLS where the server offers it; without, no password is sent but to this machine.</summary>
    Offered,
}

/// <summary>Section <c>mail</c>.</summary>
public sealed record MailSettings
{
    /// <summary>Mail server; empty writes letters as files into <c>DATA/mail</c>.</summary>
    public string Host { get; init; } = "";

    /// <summary>Port of submission. 1-65535.</summary>
    public int Port { get; init; } = 587;

    /// <summary><c>required</c> or <c>offered</c>.</summary>
    public MailTlsSettings Tls { get; init; }

    /// <summary>PEM file of certificates to trust besides the system's, for a mail server with a certificate of one's own.</summary>
    public string TrustFile { get; init; } = "";

    /// <summary>Name to log in with; empty sends without a login.</summary>
    public string User { get; init; } = "";

    /// <summary>Password to log in with.</summary>
    public string Password { get; init; } = "";

    /// <summary>Sender, such as <c>Kindred &lt;kindred@example.com&gt;</c>; empty makes one of <see cref="User"/>, or of the host in <c>accounts.public_url</c>.</summary>
    public string From { get; init; } = "";

    /// <summary>Longest wait for a connection and for each answer but the last. Above zero, at most ten minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the server to take a letter it has received; giving up too early sends it twice (RFC 5321, 4.5.3.2.6). Above zero, at most 30 minutes.</summary>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Waits between the tries of a letter the server puts off; after the last it is parked. At most 20, each above zero and at most a day.</summary>
    public IReadOnlyList<TimeSpan> RetryAfter { get; init; } =
        [.. Enumerable.Repeat(TimeSpan.FromMinutes(1), 5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    /// <summary>Language of letters to people who have not said theirs: <c>en</c>, <c>ru</c> or <c>pt</c>.</summary>
    public string Language { get; init; } = "en";

    /// <summary>What is wrong, by the name of the setting.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        if (Port is < 1 or > 65535)
        {
            yield return ("port", $"{Port} is not in 1 to 65535");
        }

        if (User.Length > 0 != Password.Length > 0)
        {
            yield return (User.Length > 0 ? "password" : "user", "user and password go together");
        }

        if (From.Length > 0 && !(MailAddress.TryCreate(From, out var from) && Mail.MailText.IsAddress(from.Address)))
        {
            yield return ("from", $"\"{From}\" is not a sender such as Kindred <kindred@example.com>");
        }

        if (TrustFile.Length > 0 && !File.Exists(TrustFile))
        {
            yield return ("trust_file", $"there is no file {TrustFile}");
        }

        if (!Mail.LetterWriter.Languages.Contains(Language))
        {
            yield return ("language", $"\"{Language}\" is none of {string.Join(", ", Mail.LetterWriter.Languages)}");
        }

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(10))
        {
            yield return ("timeout", "a wait is above zero and at most ten minutes");
        }

        if (AcceptTimeout <= TimeSpan.Zero || AcceptTimeout > TimeSpan.FromMinutes(30))
        {
            yield return ("accept_timeout", "a wait is above zero and at most thirty minutes");
        }

        if (RetryAfter.Count > 20 || RetryAfter.Any(wait => wait <= TimeSpan.Zero || wait > TimeSpan.FromDays(1)))
        {
            yield return ("retry_after", "at most 20 waits, each above zero and at most a day");
        }
    }
}
