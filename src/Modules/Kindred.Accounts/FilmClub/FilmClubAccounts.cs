using System.Text.Json.Serialization;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Accounts.FilmClub;

/// <summary>A registration; <c>role_id</c> is asked for and always 1, other members are ignored as they always were.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record FilmClubRegisterRequest(string? Username = null, string? Email = null, string? Password = null, int? RoleId = null);

/// <summary>An account as the film club shows it.</summary>
public sealed record FilmClubUserResponse(long Id, string Email, bool IsActive, bool IsSuperuser, bool IsVerified, string Username, long RoleId);

/// <summary><c>POST /register</c>, <c>POST /login</c>, <c>POST /logout</c>, <c>GET /whoami</c>: the token travels in the cookie <c>bonds</c>.</summary>
internal static class FilmClubAccounts
{
    public const string Cookie = "bonds";

    public static async Task<IResult> Register(FilmClubRegisterRequest request, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults =
        [
            .. new[] { Requests.CheckName("/username", request.Username, needed: true) }.OfType<FieldError>(),
            .. Requests.Check(request.Email, request.Password),
            .. request.RoleId is null ? [new FieldError("/role_id", "required", "This field is required.")] : Array.Empty<FieldError>(),
        ];
        if (faults.Length > 0)
        {
            return Problems.Unprocessable("The registration is not complete.", faults);
        }

        var asked = new Person { Email = request.Email!.Trim(), Username = request.Username!.Trim() };
        return await registration.RegisterAsync(asked, request.Password!, Visit.Of(context), cancellation) switch
        {
            { Refusal: { } refusal } => refusal,
            { Fault: ChangeFault.BadPassword, Reason: var reason } => Problems.Coded(400, "REGISTER_INVALID_PASSWORD", reason),
            { Person: { } person } => TypedResults.Json(
                new FilmClubUserResponse(person.Number, person.Email, person.IsActive, IsSuperuser: false, IsVerified: false, person.Username!, Role.UserNumber), statusCode: StatusCodes.Status201Created),
            _ => Problems.Coded(400, "REGISTER_USER_ALREADY_EXISTS"),
        };
    }

    public static async Task<IResult> Login(SignIn signIn, AccountsOptions options, HttpContext context, CancellationToken cancellation)
    {
        if (await Requests.LoginFormAsync(context.Request, cancellation) is not var (username, password))
        {
            return Problems.Unprocessable("A login is a form with username and password.", new FieldError("username", "required", "username and password, once each"));
        }

        var login = await signIn.SignInAsync(username, password, Visit.Of(context), new SessionTerms(options.AccessLifetime, Refresh: null), cancellation);
        if (login.Tokens is not { } tokens)
        {
            return login.Refusal ?? Problems.Coded(400, "LOGIN_BAD_CREDENTIALS");
        }

        context.Response.Cookies.Append(Cookie, tokens.Access, Requests.Cookie("/", tokens.AccessLifetime, SameSiteMode.Lax));
        return TypedResults.NoContent();
    }

    public static async Task<IResult> Logout(Caller caller, Sessions sessions, HttpContext context, CancellationToken cancellation)
    {
        await sessions.EndAsync(caller.Person!.Session, cancellation);
        context.Response.Cookies.Append(Cookie, "", Requests.Cookie("/", TimeSpan.Zero, SameSiteMode.Lax));
        return TypedResults.NoContent();
    }

    public static async Task<IResult> WhoAmI(Caller caller, PeopleStore people, CancellationToken cancellation) =>
        await people.FindAsync(caller.Person!.Number, cancellation) is { } person
            ? TypedResults.Ok($"user name: {person.Username ?? person.CalledName}, email: {person.Email}, id: {person.Number}")
            : Problems.NotFound("There is no such user.");
}
