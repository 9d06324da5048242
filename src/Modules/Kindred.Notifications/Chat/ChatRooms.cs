using System.Data.Common;
using Kindred.Contracts;
using Kindred.Notifications.Mail;

namespace Kindred.Notifications.Chat;

/// <summary>Rooms of people's own, which come and go with them.</summary>
internal sealed class ChatRooms(ChatStore store, MailSettings mail) : IPeopleChanged
{
    /// <summary>Makes a person's own room with its welcome; nothing where they have it.</summary>
    public async Task MakeOwnAsync(DbTransaction transaction, PersonRecord person, CancellationToken cancellation)
    {
        var language = await Preferences.LanguageAsync(transaction, person.Number, cancellation) ?? mail.Language;
        await store.MakeOwnRoomAsync(
            transaction,
            person,
            ChatWords.Room(person.Name, language),
            new Said(Said.System, Person: null, ChatWords.Bot, ChatWords.BotRole, ChatWords.Welcome(person.Name, language)),
            cancellation);
    }

    public Task OnRegisteredAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    public Task OnVerifiedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    public Task OnDeletedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => ChatStore.ForgetAsync(transaction, person.Number, cancellation);
}
