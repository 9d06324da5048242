using Kindred.Contracts;
using Kindred.Notifications.Notices;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Mail;

/// <summary>
/// Hands letters over. One that was taken is written down before the next, so that a fault of another sends none twice; only a crash between the server's yes and
/// our commit does.
/// </summary>
internal sealed class DeliverLetters(string queue, string topic, Postman postman, LetterWriter writer, Inbox inbox, NoticeStore notices, MailSettings settings) : IMessageHandler
{
    public string Queue => queue;

    public string Topic => topic;

    public IReadOnlyList<TimeSpan> RetryAfter => settings.RetryAfter;

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        await using var round = postman.Set();
        foreach (var message in messages)
        {
            if (await inbox.IsHandledAsync(queue, message, cancellation))
            {
                continue;
            }

            var letter = message.Read<Letter>();
            var envelope = new Envelope(message.Id, postman.From, letter.To, message.CreatedAt, postman.Host, letter.Unsubscribe);
            try
            {
                await round.DeliverAsync(message.Id, letter.To, MailText.Write(envelope, writer.Write(letter, letter.Language ?? settings.Language)), cancellation);
            }
            catch (HopelessMessageException refused) when (letter.Notification is { } failed)
            {
                await notices.SetAsync(failed, NoticeWords.Failed, refused.Message, cancellation);
                throw;
            }

            await inbox.OnceAsync(
                queue, [message], (_, transaction) => letter.Notification is { } sent ? notices.SetAsync(transaction, sent.ToString(), NoticeWords.Sent, null, cancellation) : Task.CompletedTask, cancellation);
        }
    }
}
