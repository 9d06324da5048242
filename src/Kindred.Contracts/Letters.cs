using System.Data.Common;

namespace Kindred.Contracts;

/// <summary>A mail to one person.</summary>
/// <param name="To">The address, alone.</param>
/// <param name="Subject">One line.</param>
/// <param name="Body">Plain text; lines end with a line feed.</param>
public sealed record Letter(string To, string Subject, string Body);

/// <summary>
/// Sends mail by writing it down: the mail leaves once the transaction has committed, and never without it. Handing over is repeated until it
/// worked, so a crash in that moment may send a mail twice.
/// </summary>
public interface IMailer
{
    /// <summary>Writes the mail down in the caller's transaction.</summary>
    /// <exception cref="ArgumentException">The address or the subject holds a line break, with which a sender could add headers.</exception>
    Task SendAsync(Letter letter, DbTransaction transaction, CancellationToken cancellation);
}
