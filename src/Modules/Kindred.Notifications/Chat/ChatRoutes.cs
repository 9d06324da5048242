using System.Data.Common;
using System.Text;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Notifications.Chat;

/// <summary>A room in the list of all.</summary>
public sealed record ChatRoomResponse(Guid Id, string Name, long UsersCount);

/// <summary>A room of somebody's.</summary>
public sealed record ChatUserRoomResponse(Guid Id, string Name);

/// <summary>A room that was just made.</summary>
public sealed record ChatNewRoomResponse(Guid Id, string Name, IReadOnlyList<string> MessageHistory);

/// <summary>Somebody who is in a room.</summary>
public sealed record ChatUserResponse(Guid Id, string Name, string Email, string Role);

/// <summary>What became of a form: where to go on, or what is wrong.</summary>
/// <param name="Success">True when it was done.</param>
/// <param name="Error">What is wrong; null when it was done.</param>
/// <param name="RedirectUrl">Where the chat goes on.</param>
/// <param name="UserId">Who goes there.</param>
public sealed record ChatDoneResponse(
    bool Success,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Error = null,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? RedirectUrl = null,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] Guid? UserId = null);

/// <summary>Form of <c>admin_login</c>; the key travels in <c>X-API-Key</c>.</summary>
public sealed record ChatAdminRequest(string Name);

/// <summary>A ticket for one WebSocket.</summary>
/// <param name="Ticket">Goes into <c>?ticket=</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
public sealed record ChatTicketResponse(string Ticket, int ExpiresIn);

/// <summary>
/// The forms of the chat. What cannot be done is answered 200 with <c>success: false</c>, as clients know it; who may not is refused. Addresses that are answered
/// carry no names, mails or roles: the server knows them.
/// </summary>
internal sealed class ChatRoutes(ChatStore store, ChatRooms rooms, ChatTickets tickets, IPeopleReader people, ICredentials credentials, Database database)
{
    private const int LongestName = 100;
    private static readonly ChatDoneResponse s_noRoom = new(false, "there is no such room");
    private static readonly ChatDoneResponse s_nobody = new(false, "there is nobody of this address");

    public async Task<IResult> JoinAsync(HttpContext context, Caller caller, CancellationToken cancellation)
    {
        var form = await FormAsync(context, cancellation);
        var person = (await people.FindAsync([caller.Person!.Number], cancellation)).GetValueOrDefault(caller.Person.Number);
        var email = Field(form, "email");
        return TypedResults.Ok(
            person is null || (email.Length > 0 && !string.Equals(email, person.Email, StringComparison.OrdinalIgnoreCase))
                ? new ChatDoneResponse(false, "this is not the e-mail of whom you are signed in as")
                : await OwnAsync(person, cancellation));
    }

    public async Task<IResult> AdminLoginAsync(HttpContext context, CancellationToken cancellation)
    {
        if (context.Request.Headers["X-API-Key"] is not [{ Length: > 0 } key])
        {
            return Problems.Coded(StatusCodes.Status403Forbidden, "Not authenticated");
        }

        var form = await FormAsync(context, cancellation);
        if (await credentials.CheckAsync(key, cancellation) is not { } caller || !caller.Scopes.Contains(Scopes.Admin) || caller.Collections.Count > 0)
        {
            return TypedResults.Ok(new ChatDoneResponse(false, "the key is not an admin's"));
        }

        // The key says that an admin is here, the name as whom; to enter the chat that person still has to be signed in.
        return await people.FindAsync(Field(form, "name"), cancellation) is { IsAdmin: true } admin
            ? TypedResults.Ok(await OwnAsync(admin, cancellation))
            : TypedResults.Ok(new ChatDoneResponse(false, "there is no admin of this address"));
    }

    public async Task<IResult> TicketAsync(Caller caller, CancellationToken cancellation) =>
        TypedResults.Ok(new ChatTicketResponse(await tickets.IssueAsync(caller, cancellation), (int)ChatTickets.Lifetime.TotalSeconds));

    public async Task<IResult> RoomsAsync(CancellationToken cancellation) =>
        TypedResults.Ok((await store.RoomsAsync(cancellation)).Select(room => new ChatRoomResponse(Guid.Parse(room.Id), room.Name, room.Users)).ToArray());

    public async Task<IResult> UsersAsync(CancellationToken cancellation) =>
        TypedResults.Ok((await people.FindAsync([.. await store.PeopleAsync(cancellation)], cancellation)).Values.OrderBy(person => person.Number)
            .Select(person => new ChatUserResponse(person.Id, person.Name, person.Email, person.IsAdmin ? ChatConnection.Admin : "user")).ToArray());

    public async Task<IResult> UserRoomsAsync(string? user_id, OnlyUser only, Caller caller, CancellationToken cancellation)
    {
        var wanted = user_id ?? (caller.Person is null ? null : caller.Id);
        if (!Guid.TryParse(wanted, out var id))
        {
            return Problems.Unprocessable("user_id is the id of a user.", new FieldError("user_id", "uuid", "a UUID"));
        }

        if (only.Id is not null && id.ToString() != caller.Id)
        {
            return Problems.NotFound("There is no such user.");
        }

        return await people.FindAsync(id, cancellation) is { } person
            ? TypedResults.Ok((await store.RoomsOfAsync(person.Number, cancellation)).Select(room => new ChatUserRoomResponse(Guid.Parse(room.Id), room.Name)).ToArray())
            : Problems.NotFound("There is no such user.");
    }

    public async Task<IResult> CreateRoomAsync(HttpContext context, CancellationToken cancellation)
    {
        var name = Field(await FormAsync(context, cancellation), "name");
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
        {
            return Problems.Unprocessable("A room has a name.", new FieldError("name", "required", $"1 to {LongestName} characters, without control characters"));
        }

        var room = await store.MakeRoomAsync(name, cancellation);
        return TypedResults.Ok(new ChatNewRoomResponse(Guid.Parse(room.Id), room.Name, []));
    }

    public async Task<IResult> SwitchRoomAsync(HttpContext context, CancellationToken cancellation)
    {
        var form = await FormAsync(context, cancellation);
        if (!Guid.TryParse(Field(form, "user_id"), out var id) || await people.FindAsync(id, cancellation) is not { } person)
        {
            return TypedResults.Ok(new ChatDoneResponse(false, "there is no such user"));
        }

        if (!Guid.TryParse(Field(form, "new_room_id"), out var wanted) || await store.FindAsync(wanted, cancellation) is not { } room || (room.Owner is { } owner && owner != person.Number))
        {
            return TypedResults.Ok(s_noRoom);
        }

        await database.WriteAsync(transaction => store.MoveAsync(transaction, room.Number, person.Number, cancellation), cancellation);
        return TypedResults.Ok(new ChatDoneResponse(true, RedirectUrl: Address(room.Id, person)));
    }

    public Task<IResult> AddUserAsync(HttpContext context, CancellationToken cancellation) => ChangeAsync(
        context,
        async (transaction, room, person) =>
        {
            if (room.Owner is not null)
            {
                return "it is somebody's own room";
            }

            await store.AddMemberAsync(transaction, room.Number, person.Number, cancellation);
            return null;
        },
        cancellation);

    public Task<IResult> RemoveUserAsync(HttpContext context, CancellationToken cancellation) => ChangeAsync(
        context,
        async (transaction, room, person) => await store.RemoveMemberAsync(transaction, room.Number, person.Number, cancellation) ? null : "they are not in this room, or it is their own",
        cancellation);

    public async Task<IResult> DeleteRoomAsync(HttpContext context, CancellationToken cancellation)
    {
        if (!Guid.TryParse(Field(await FormAsync(context, cancellation), "room_id"), out var id) || await store.FindAsync(id, cancellation) is not { } room)
        {
            return TypedResults.Ok(s_noRoom);
        }

        return TypedResults.Ok(
            await database.WriteAsync(transaction => store.DeleteRoomAsync(transaction, room.Number, cancellation), cancellation)
                ? new ChatDoneResponse(true)
                : new ChatDoneResponse(false, "the default room and people's own stay"));
    }

    private async Task<ChatDoneResponse> OwnAsync(PersonRecord person, CancellationToken cancellation)
    {
        await database.WriteAsync(transaction => rooms.MakeOwnAsync(transaction, person, cancellation), cancellation);
        var room = (await store.RoomsOfAsync(person.Number, cancellation))[0];
        return new ChatDoneResponse(true, RedirectUrl: Address(room.Id, person), UserId: person.Id);
    }

    private async Task<IResult> ChangeAsync(HttpContext context, Func<DbTransaction, RoomRow, PersonRecord, Task<string?>> change, CancellationToken cancellation)
    {
        var form = await FormAsync(context, cancellation);
        if (!Guid.TryParse(Field(form, "room_id"), out var id) || await store.FindAsync(id, cancellation) is not { } room)
        {
            return TypedResults.Ok(s_noRoom);
        }

        if (await people.FindAsync(Field(form, "email"), cancellation) is not { } person)
        {
            return TypedResults.Ok(s_nobody);
        }

        var error = await database.WriteAsync(transaction => change(transaction, room, person), cancellation);
        return TypedResults.Ok(new ChatDoneResponse(error is null, error));
    }

    private static string Address(string room, PersonRecord person) => $"/ws/v1/chat/{room}/{person.Id}";

    private static async Task<IFormCollection> FormAsync(HttpContext context, CancellationToken cancellation)
    {
        try
        {
            return context.Request.HasFormContentType ? await context.Request.ReadFormAsync(cancellation) : FormCollection.Empty;
        }
        catch (InvalidDataException)
        {
            // More fields, or longer ones, than any form of ours has.
            return FormCollection.Empty;
        }
    }

    private static string Field(IFormCollection form, string name) => form[name] is [{ } text] ? text.Trim() : "";
}
