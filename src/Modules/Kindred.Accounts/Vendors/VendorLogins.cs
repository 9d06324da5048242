using System.Text.Json.Serialization;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Accounts.Vendors;

/// <summary>A registration; an admin's carries the code of the invitation.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record VendorRegisterRequest(string? FirstName = null, string? LastName = null, string? Email = null, string? Password = null, string? Invitation = null);

/// <summary>Answer to a registration.</summary>
public sealed record VendorRegisterResponse(string Detail, long Id, string FirstName, string LastName, string Email);

/// <summary>A login.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record VendorLoginRequest(string? Email = null, string? Password = null);

/// <summary>Tokens.</summary>
public sealed record VendorTokensResponse(string Refresh, string Access);

/// <summary>A refresh token.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record VendorRefreshRequest(string? Refresh = null);

/// <summary>That something was done.</summary>
public sealed record VendorMessageResponse(string Message);

/// <summary>Nothing.</summary>
public sealed record VendorEmptyResponse;

/// <summary><c>/api/v1/auth/…</c>: register, admin-signup, login, refresh, logout, refresh-blacklist.</summary>
internal static class VendorLogins
{
    public static async Task<IResult> Register(VendorRegisterRequest request, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Check(request)];
        return faults.Length > 0
            ? Problems.Invalid("The registration is not valid.", faults)
            : Answer(await registration.RegisterAsync(Asked(request), request.Password!, Visit.Of(context), cancellation, vendor: true), "registered");
    }

    /// <summary>An address proves nothing by how it ends: only the code of an invitation, which came to it by mail, makes an admin.</summary>
    public static async Task<IResult> SignUpAdmin(VendorRegisterRequest request, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Check(request)];
        return faults.Length > 0
            ? Problems.Invalid("The registration is not valid.", faults)
            : Answer(await registration.AcceptInvitationAsync(request.Invitation ?? "", request.Email, Asked(request), request.Password!, Visit.Of(context), cancellation), "registered by invitation");
    }

    public static async Task<IResult> Login(VendorLoginRequest request, SignIn signIn, AccountsOptions options, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Missing("/email", request.Email), .. Missing("/password", request.Password)];
        if (faults.Length > 0)
        {
            return Problems.Invalid("A login is an e-mail and a password.", faults);
        }

        var login = await signIn.SignInAsync(request.Email!, request.Password!, Visit.Of(context), Terms(options), cancellation);
        return login.Tokens is { } tokens ? TypedResults.Ok(new VendorTokensResponse(tokens.Refresh!, tokens.Access))
            : login.Refusal ?? Unauthorized("no_active_account", "No active account found with the given credentials");
    }

    public static async Task<IResult> Refresh(VendorRefreshRequest request, Sessions sessions, AccountsOptions options, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Missing("/refresh", request.Refresh)];
        return faults.Length > 0 ? Problems.Invalid("A refresh token is needed.", faults)
            : await sessions.RefreshAsync(request.Refresh!, Terms(options), also: null, cancellation) is { } tokens ? TypedResults.Ok(new VendorTokensResponse(tokens.Refresh!, tokens.Access))
            : Unauthorized("token_not_valid", "Token is invalid or expired");
    }

    public static async Task<IResult> Logout(Caller caller, Sessions sessions, CancellationToken cancellation)
    {
        await sessions.EndAsync(caller.Person!.Session, cancellation);
        return TypedResults.Ok(new VendorMessageResponse("logged out"));
    }

    public static async Task<IResult> Blacklist(VendorRefreshRequest request, Sessions sessions, TokenService tokens, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Missing("/refresh", request.Refresh)];
        return faults.Length > 0 ? Problems.Invalid("A refresh token is needed.", faults)
            : tokens.Read(TokenKind.Refresh, request.Refresh!) is { } claims && await sessions.EndAsync(claims.Session, cancellation) ? TypedResults.Ok(new VendorEmptyResponse())
            : Unauthorized("token_not_valid", "Token is invalid or expired");
    }

    private static IResult Answer(Change change, string detail) => change switch
    {
        { Refusal: { } refusal } => refusal,
        { Fault: ChangeFault.BadPassword, Reason: var reason } => Problems.Invalid(reason!, new FieldError("/password", "invalid", reason!)),
        { Person: { } person } => TypedResults.Json(
            new VendorRegisterResponse(detail, person.Number, person.Name ?? "", person.Surname ?? "", person.Email), statusCode: StatusCodes.Status201Created),
        { Fault: ChangeFault.BadCode } => Problems.Invalid("Admins sign up by invitation.", new FieldError("/email", "invalid", "There is no invitation with this code for this e-mail.")),
        _ => Problems.Invalid("The e-mail is taken.", new FieldError("/email", "unique", "user with this email already exists.")),
    };

    private static IEnumerable<FieldError> Check(VendorRegisterRequest request) =>
    [
        .. new[] { Requests.CheckName("/first_name", request.FirstName, needed: true), Requests.CheckName("/last_name", request.LastName, needed: true) }.OfType<FieldError>(),
        .. Requests.Check(request.Email, request.Password),
    ];

    private static IEnumerable<FieldError> Missing(string pointer, string? value) =>
        string.IsNullOrEmpty(value) ? [new FieldError(pointer, "required", "This field is required.")] : [];

    private static Person Asked(VendorRegisterRequest request) => new() { Email = request.Email!.Trim(), Name = Requests.Name(request.FirstName), Surname = Requests.Name(request.LastName) };

    private static SessionTerms Terms(AccountsOptions options) => new(options.VendorAccessLifetime, options.RefreshLifetime);

    private static ProblemHttpResult Unauthorized(string code, string detail) => Problems.Of(StatusCodes.Status401Unauthorized, detail, [new FieldError("", code, detail)]);
}
