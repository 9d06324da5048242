using System.Text.Json.Serialization;
using Kindred.Accounts.People;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Accounts.Cinema;

/// <summary>A registration; members it does not know, such as <c>is_superuser</c>, are ignored as they always were.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record CinemaRegisterRequest(string? Email = null, string? Password = null, string? Name = null, string? Surname = null, string? Patronymic = null);

/// <summary>A change of a profile: what is missing stays. The three flags are an admin's to change.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record CinemaUpdateRequest(
    string? Email = null,
    string? Password = null,
    string? Name = null,
    string? Surname = null,
    string? Patronymic = null,
    bool? IsActive = null,
    bool? IsSuperuser = null,
    bool? IsVerified = null);

/// <summary>A new password, and the old one as proof.</summary>
public sealed record PasswordChangeRequest(string? CurrentPassword = null, string? Password = null);

/// <summary>A person as the cinema shows them.</summary>
public sealed record CinemaUserResponse(Guid Id, string Email, bool IsActive, bool IsSuperuser, bool IsVerified, string? Name, string? Surname, string? Patronymic);

/// <summary><c>POST /auth/v1/register</c>, <c>GET PATCH /auth/v1/users/me</c> and <c>/users/{id}</c>, <c>POST /users/me/password</c>.</summary>
internal static class CinemaUsers
{
    public static async Task<IResult> Register(CinemaRegisterRequest request, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Requests.Check(request.Email, request.Password), .. Names(request.Name, request.Surname, request.Patronymic)];
        if (faults.Length > 0)
        {
            return Problems.Unprocessable("The registration is not complete.", faults);
        }

        var asked = new Person
        {
            Email = request.Email!.Trim(),
            Name = Requests.Name(request.Name),
            Surname = Requests.Name(request.Surname),
            Patronymic = Requests.Name(request.Patronymic),
        };
        return await registration.RegisterAsync(asked, request.Password!, Visit.Of(context), cancellation) switch
        {
            { Refusal: { } refusal } => refusal,
            { Fault: ChangeFault.BadPassword, Reason: var reason } => Problems.Coded(400, "REGISTER_INVALID_PASSWORD", reason),
            { Person: { } person } => TypedResults.Json(Response(person), statusCode: StatusCodes.Status201Created),
            _ => Problems.Coded(400, "REGISTER_USER_ALREADY_EXISTS"),
        };
    }

    public static async Task<IResult> Me(Caller caller, PeopleStore people, CancellationToken cancellation) =>
        await people.FindAsync(caller.Person!.Number, cancellation) is { } person ? TypedResults.Ok(Response(person)) : Missing();

    public static async Task<IResult> UpdateMe(CinemaUpdateRequest request, Caller caller, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        await people.FindAsync(caller.Person!.Number, cancellation) is { } person
            ? await UpdateAsync(person, request with { IsActive = null, IsSuperuser = null, IsVerified = null }, caller.Person.Session, registration, people, cancellation)
            : Missing();

    public static async Task<IResult> Get(string id, PeopleStore people, CancellationToken cancellation) =>
        !Guid.TryParse(id, out var guid) ? BadId() : await people.FindAsync(guid, cancellation) is { } person ? TypedResults.Ok(Response(person)) : Missing();

    public static async Task<IResult> Update(string id, CinemaUpdateRequest request, Caller caller, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        !Guid.TryParse(id, out var guid) ? BadId()
        : await people.FindAsync(guid, cancellation) is { } person
            ? await UpdateAsync(person, request, person.Number == caller.Person?.Number ? caller.Person.Session : null, registration, people, cancellation)
            : Missing();

    public static async Task<IResult> ChangePassword(
        PasswordChangeRequest request, Caller caller, PeopleStore people, SignIn signIn, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(request.CurrentPassword) || string.IsNullOrEmpty(request.Password))
        {
            return Problems.Unprocessable("current_password and password are needed.", new FieldError(string.IsNullOrEmpty(request.Password) ? "/password" : "/current_password", "required", "This field is required."));
        }

        if (await people.FindAsync(caller.Person!.Number, cancellation) is not { } person)
        {
            return Missing();
        }

        var (fits, refusal) = await signIn.CheckAgainAsync(person, request.CurrentPassword, Visit.Of(context), cancellation);
        return refusal is not null ? refusal
            : !fits ? Problems.Coded(400, "LOGIN_BAD_CREDENTIALS")
            : await registration.UpdateAsync(person, person, request.Password, caller.Person.Session, cancellation) switch
            {
                { Refusal: { } busy } => busy,
                { Fault: ChangeFault.BadPassword, Reason: var reason } => Problems.Coded(400, "UPDATE_USER_INVALID_PASSWORD", reason),
                _ => TypedResults.NoContent(),
            };
    }

    public static CinemaUserResponse Response(Person person) =>
        new(Guid.Parse(person.Id), person.Email, person.IsActive, person.IsAdmin, person.IsVerified, person.Name, person.Surname, person.Patronymic);

    public static IEnumerable<FieldError> Names(string? name, string? surname, string? patronymic) =>
        new[] { Requests.CheckName("/name", name), Requests.CheckName("/surname", surname), Requests.CheckName("/patronymic", patronymic) }.OfType<FieldError>();

    public static IResult BadId() => Problems.Unprocessable("An id is a UUID.", new FieldError("id", "invalid", "an id is a UUID"));

    public static IResult Missing() => Problems.NotFound("There is no such user.");

    private static async Task<IResult> UpdateAsync(
        Person person, CinemaUpdateRequest request, string? session, Registration registration, PeopleStore people, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Requests.Check(request.Email ?? person.Email, password: null, passwordNeeded: false), .. Names(request.Name, request.Surname, request.Patronymic)];
        if (faults.Length > 0)
        {
            return Problems.Unprocessable("The profile is not valid.", faults);
        }

        var after = person with
        {
            Email = request.Email?.Trim() ?? person.Email,
            Name = request.Name is null ? person.Name : Requests.Name(request.Name),
            Surname = request.Surname is null ? person.Surname : Requests.Name(request.Surname),
            Patronymic = request.Patronymic is null ? person.Patronymic : Requests.Name(request.Patronymic),
            DisabledAt = request.IsActive is { } active ? (active ? null : person.DisabledAt ?? registration.Now) : person.DisabledAt,
            VerifiedAt = request.IsVerified is { } verified ? (verified ? person.VerifiedAt ?? registration.Now : null) : person.VerifiedAt,
        };
        switch (await registration.UpdateAsync(person, after, request.Password, session, cancellation))
        {
            case { Refusal: { } refusal }:
                return refusal;
            case { Fault: ChangeFault.BadPassword, Reason: var reason }:
                return Problems.Coded(400, "UPDATE_USER_INVALID_PASSWORD", reason);
            case { Fault: not ChangeFault.None }:
                return Problems.Coded(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
        }

        if (request.IsSuperuser is { } admin && admin != person.IsAdmin && !await registration.SetRoleAsync(person.Number, Role.AdminNumber, admin, cancellation))
        {
            return Problems.Coded(400, "LAST_ADMIN");
        }

        return await people.FindAsync(person.Number, cancellation) is { } stored ? TypedResults.Ok(Response(stored)) : Missing();
    }
}
