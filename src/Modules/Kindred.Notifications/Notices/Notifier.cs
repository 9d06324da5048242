using System.Data.Common;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Notifications.Chat;
using Kindred.Notifications.Mail;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Notices;

/// <summary>Asks for a notice to be delivered.</summary>
internal sealed record NoticeAsked(Guid Id);

/// <summary>
/// Delivers notices: by mail, or live into the person's own room. One that is past its time is not delivered; a newsletter waits for the end of quiet hours. A letter
/// counts as sent when the mail server took it.
/// </summary>
internal sealed class Notifier(
    Outbox outbox, Inbox inbox, NoticeStore store, ChatStore chat, ChatHub hub, IMailer mailer, MailPreferences preferences, Unsubscribing unsubscribing, IPeopleReader people, TimeProvider clock) : IMessageHandler
{
    public const string Asked = "notifications.asked";

    /// <summary>How long a notice may be late.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public string Queue => "notifications";

    public string Topic => Asked;

    /// <summary>Writes a notice down in the caller's transaction, once an occasion; it is delivered after the commit.</summary>
    public async Task AskAsync(DbTransaction transaction, PersonRecord person, string kind, string body, IReadOnlyList<string>? films, string? occasion, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var byMail = kind is NoticeWords.UserRegistered or NoticeWords.PopularMovies;
        var isNew = await store.AddAsync(
            transaction,
            new NoticeRow
            {
                Id = id.ToString(), Person = person.Number, UserId = person.Id.ToString(), Kind = kind, Body = body, Films = films is null ? null : JsonSerializer.Serialize(films), Recipient = person.Email,
                Method = byMail ? NoticeWords.Email : NoticeWords.Push, Status = NoticeWords.Queued, ExpiresAt = (now + Lifetime).ToUnixTimeMilliseconds(),
            },
            occasion,
            cancellation);
        if (isNew)
        {
            await outbox.AddAsync(Asked, new NoticeAsked(id), transaction, cancellation);
        }
    }

    /// <summary>Takes a notice up again whose quiet hours may be over.</summary>
    public Task AgainAsync(DbTransaction transaction, string id, CancellationToken cancellation) => outbox.AddAsync(Asked, new NoticeAsked(Guid.Parse(id)), transaction, cancellation);

    public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        var links = await unsubscribing.LinksAsync(cancellation);
        foreach (var message in messages)
        {
            (long Room, IReadOnlyList<MessageRow> Rows)? said = null;
            await inbox.OnceAsync(
                Queue,
                [message],
                async (_, transaction) =>
                {
                    said = null;
                    if (await NoticeStore.FindAsync(transaction, message.Read<NoticeAsked>().Id, cancellation) is { Status: NoticeWords.Queued or NoticeWords.Waiting } row)
                    {
                        said = await DeliverAsync(transaction, row, links, cancellation);
                    }
                },
                cancellation);
            if (said is var (room, rows))
            {
                hub.Publish(room, rows);
            }
        }
    }

    private async Task<(long Room, IReadOnlyList<MessageRow> Rows)?> DeliverAsync(DbTransaction transaction, NoticeRow row, Func<long, string> links, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (row.ExpiresAt <= now.ToUnixTimeMilliseconds())
        {
            await store.SetAsync(transaction, row.Id, NoticeWords.Expired, "it came too late", cancellation);
        }
        else if (!(await people.FindAsync([row.Person], cancellation)).TryGetValue(row.Person, out var person) || !person.IsActive)
        {
            await store.SetAsync(transaction, row.Id, NoticeWords.Failed, "the account is gone", cancellation);
        }
        else if (row.Method == NoticeWords.Push)
        {
            if (await ChatStore.OwnRoomAsync(transaction, person.Id, cancellation) is not { } room
                || await chat.AddAsync(transaction, room.Number, [new Said(Said.System, Person: null, ChatWords.Notifier, ChatWords.BotRole, row.Body)], cancellation) is not { } rows)
            {
                await store.SetAsync(transaction, row.Id, NoticeWords.Failed, "the address is not confirmed, so there is no live channel", cancellation);
                return null;
            }

            await store.SetAsync(transaction, row.Id, NoticeWords.Sent, null, cancellation);
            return (room.Number, rows);
        }
        else if (row.Kind == NoticeWords.PopularMovies)
        {
            var wishes = await preferences.FindAsync(person.Number, cancellation);
            if (!person.IsVerified || wishes.Recommendations == 0)
            {
                await store.SetAsync(transaction, row.Id, NoticeWords.Failed, "the person did not ask for newsletters", cancellation);
            }
            else if (wishes.IsQuiet(now))
            {
                await store.SetAsync(transaction, row.Id, NoticeWords.Waiting, null, cancellation);
            }
            else
            {
                await store.SetAsync(transaction, row.Id, NoticeWords.Queued, null, cancellation);
                await mailer.SendAsync(
                    new Letter(person.Email, LetterKind.PopularFilms)
                    {
                        Person = person.Number, Name = person.Name, Films = JsonSerializer.Deserialize<string[]>(row.Films ?? "[]") ?? [], Notification = Guid.Parse(row.Id),
                        Unsubscribe = links(person.Number),
                    },
                    transaction,
                    cancellation);
            }
        }
        else
        {
            await mailer.SendAsync(new Letter(person.Email, LetterKind.Welcome) { Person = person.Number, Name = person.Name, Notification = Guid.Parse(row.Id) }, transaction, cancellation);
        }

        return null;
    }
}
