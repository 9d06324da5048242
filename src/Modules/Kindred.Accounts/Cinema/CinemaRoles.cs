using System.Text.Json.Serialization;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Accounts.Cinema;

/// <summary>A role as it is to be; in a change what is missing stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record RoleRequest(string? Name = null, IReadOnlyList<string>? Permissions = null);

/// <summary>A role.</summary>
public sealed record RoleResponse(Guid Id, string Name, IReadOnlyList<string> Permissions);

/// <summary>That something was done.</summary>
public sealed record DetailResponse(string Detail);

/// <summary>Invites an address to a role.</summary>
public sealed record InvitationRequest(string? Email = null, Guid? RoleId = null);

/// <summary>Takes an invitation.</summary>
public sealed record AcceptInvitationRequest(string? Token = null, string? Password = null, string? Name = null, string? Surname = null, string? Patronymic = null);

/// <summary><c>/auth/v1/roles/…</c>, <c>/auth/v1/users/{id}/roles…</c> and <c>/auth/v1/invitations…</c>.</summary>
internal static class CinemaRoles
{
    private const int LongestName = 64;

    private static readonly string[] s_permissions = ["read", "write", "delete", "update"];

    public static async Task<IResult> List(PeopleStore people, CancellationToken cancellation) => TypedResults.Ok((await people.ListRolesAsync(cancellation)).Select(Response));

    public static async Task<IResult> Create(RoleRequest request, PeopleStore people, CancellationToken cancellation) =>
        Check(request.Name ?? "", request.Permissions ?? []) is { } fault ? Problems.Unprocessable(fault.Detail, fault)
        : await people.AddRoleAsync(request.Name!.Trim(), Text(request.Permissions!), cancellation) is { } role ? TypedResults.Ok(Response(role))
        : Problems.Coded(400, "ROLE_ALREADY_EXISTS");

    public static async Task<IResult> Change(string roleId, RoleRequest request, PeopleStore people, Sessions sessions, CancellationToken cancellation)
    {
        if (await FindAsync(roleId, people, cancellation) is not { Role: { } role } found)
        {
            return Missing(roleId);
        }

        var (name, permissions) = (request.Name ?? role.Name, request.Permissions ?? found.Permissions);
        if (Check(name, permissions) is { } fault)
        {
            return Problems.Unprocessable(fault.Detail, fault);
        }

        if (role.IsBuiltIn)
        {
            return Problems.Forbidden("The roles user and admin are built in.");
        }

        var changed = role with { Name = name.Trim(), Permissions = Text(permissions) };
        if (!await people.UpdateRoleAsync(changed, cancellation))
        {
            return Problems.Coded(400, "ROLE_ALREADY_EXISTS");
        }

        sessions.Changed();
        return TypedResults.Ok(Response(changed));
    }

    public static async Task<IResult> Delete(string roleId, PeopleStore people, Sessions sessions, CancellationToken cancellation)
    {
        if (await FindAsync(roleId, people, cancellation) is not { Role: { } role })
        {
            return Missing(roleId);
        }

        if (role.IsBuiltIn)
        {
            return Problems.Forbidden("The roles user and admin are built in.");
        }

        await people.DeleteRoleAsync(role.Number, cancellation);
        sessions.Changed();
        return TypedResults.Ok(new DetailResponse("Role deleted successfully"));
    }

    public static async Task<IResult> OfUser(string id, PeopleStore people, CancellationToken cancellation) =>
        !Guid.TryParse(id, out var guid) ? CinemaUsers.BadId()
        : await people.FindAsync(guid, cancellation) is { } person ? TypedResults.Ok((await people.ListRolesAsync(person.Number, cancellation)).Select(Response))
        : CinemaUsers.Missing();

    public static Task<IResult> Give(string id, string roleId, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        SetAsync(id, roleId, has: true, people, registration, cancellation);

    public static Task<IResult> Take(string id, string roleId, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        SetAsync(id, roleId, has: false, people, registration, cancellation);

    public static async Task<IResult> Invite(InvitationRequest request, AccountsEntry accounts, PeopleStore people, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Requests.Check(request.Email, password: null, passwordNeeded: false)];
        if (faults.Length > 0)
        {
            return Problems.Unprocessable("An invitation names an address and a role.", faults);
        }

        if (await FindAsync(request.RoleId?.ToString() ?? "", people, cancellation) is not { Role: { } role })
        {
            return Missing(request.RoleId?.ToString() ?? "");
        }

        await accounts.InviteAsync(request.Email!, role.Name, cancellation);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    public static async Task<IResult> Accept(AcceptInvitationRequest request, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults = [.. CinemaUsers.Names(request.Name, request.Surname, request.Patronymic)];
        if (string.IsNullOrEmpty(request.Token) || string.IsNullOrEmpty(request.Password))
        {
            faults = [.. faults, new FieldError(string.IsNullOrEmpty(request.Token) ? "/token" : "/password", "required", "This field is required.")];
        }

        if (faults.Length > 0)
        {
            return Problems.Unprocessable("token and password are needed.", faults);
        }

        var asked = new Person { Name = Requests.Name(request.Name), Surname = Requests.Name(request.Surname), Patronymic = Requests.Name(request.Patronymic) };
        return await registration.AcceptInvitationAsync(request.Token!, email: null, asked, request.Password!, Visit.Of(context), cancellation) switch
        {
            { Refusal: { } refusal } => refusal,
            { Fault: ChangeFault.BadPassword, Reason: var reason } => Problems.Coded(400, "REGISTER_INVALID_PASSWORD", reason),
            { Person: { } person } => TypedResults.Ok(CinemaUsers.Response(person)),
            _ => Problems.Coded(400, "INVITATION_BAD_TOKEN"),
        };
    }

    private static async Task<IResult> SetAsync(string id, string roleId, bool has, PeopleStore people, Registration registration, CancellationToken cancellation)
    {
        if (!Guid.TryParse(id, out var guid))
        {
            return CinemaUsers.BadId();
        }

        if (await people.FindAsync(guid, cancellation) is not { } person)
        {
            return CinemaUsers.Missing();
        }

        if (await FindAsync(roleId, people, cancellation) is not { Role: { } role })
        {
            return Missing(roleId);
        }

        if (role.Number == Role.UserNumber)
        {
            return Problems.Forbidden("Everybody has the role user.");
        }

        var had = (await people.ListRolesAsync(person.Number, cancellation)).Any(given => given.Number == role.Number);
        return !await registration.SetRoleAsync(person.Number, role.Number, has, cancellation) && had && !has
            ? Problems.Coded(400, "LAST_ADMIN")
            : await OfUser(id, people, cancellation);
    }

    private static async Task<(Role? Role, IReadOnlyList<string> Permissions)> FindAsync(string roleId, PeopleStore people, CancellationToken cancellation)
    {
        var role = Guid.TryParse(roleId, out var guid) ? (await people.ListRolesAsync(cancellation)).FirstOrDefault(known => known.Id == guid.ToString()) : null;
        return (role, role?.Permissions.Split(' ') ?? []);
    }

    private static FieldError? Check(string name, IReadOnlyList<string> permissions) =>
        Requests.CheckName("/name", name, needed: true) ?? (name.Length > LongestName ? new FieldError("/name", "length", $"At most {LongestName} characters.") : null)
        ?? (permissions.Count == 0 || permissions.Any(permission => !s_permissions.Contains(permission, StringComparer.Ordinal))
            ? new FieldError("/permissions", "invalid", $"One or more of {string.Join(", ", s_permissions)}.")
            : null);

    // In the order of the list, each once.
    private static string Text(IReadOnlyList<string> permissions) => string.Join(' ', s_permissions.Where(permissions.Contains));

    private static RoleResponse Response(Role role) => new(Guid.Parse(role.Id), role.Name, role.Permissions.Split(' '));

    private static ProblemHttpResult Missing(string roleId) =>
        Guid.TryParse(roleId, out _) ? Problems.Coded(404, "Role not found") : Problems.Unprocessable("A role's id is a UUID.", new FieldError("role_id", "invalid", "a role's id is a UUID"));
}
