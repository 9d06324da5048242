using System.Text.Json.Serialization;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Accounts.Cinema;

/// <summary>The form of a login, for the description of the API.</summary>
public sealed record LoginRequest(string Username, string Password);

/// <summary>Answer to a login.</summary>
public sealed record CinemaLoginResponse(string AccessToken, string TokenType);

/// <summary>Answer to a refresh.</summary>
public sealed record CinemaRefreshResponse(string AccessToken);

/// <summary>One login of one's own.</summary>
public sealed record LoginHistoryResponse(Guid Id, Guid UserId, string UserAgent, DateTimeOffset Timestamp);

/// <summary>Asks for a mail with a code.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ForgotPasswordRequest(string? Email = null);

/// <summary>A new password by the code of the mail.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ResetPasswordRequest(string? Token = null, string? Password = null);

/// <summary><c>/auth/v1/jwt/login</c> and <c>logout</c>, <c>refresh</c>, <c>s/{short_id}</c>, <c>users/forgot-password</c> and <c>reset-password</c>, <c>auth_history/all</c>.</summary>
internal static class CinemaLogins
{
    private const string Cookie = "refresh_token";
    private const string CookiePath = "/auth/v1";
    private const int MostLogins = 100;

    public static async Task<IResult> Login(SignIn signIn, AccountsOptions options, HttpContext context, CancellationToken cancellation)
    {
        if (await Requests.LoginFormAsync(context.Request, cancellation) is not var (username, password))
        {
            return Problems.Unprocessable("A login is a form with username and password.", new FieldError("username", "required", "username and password, once each"));
        }

        var login = await signIn.SignInAsync(username, password, Visit.Of(context), Terms(options), cancellation);
        if (login.Tokens is not { } tokens)
        {
            return login.Refusal ?? Problems.Coded(400, "LOGIN_BAD_CREDENTIALS");
        }

        SetCookie(context, tokens);
        return TypedResults.Ok(new CinemaLoginResponse(tokens.Access, "bearer"));
    }

    public static async Task<IResult> Logout(Caller caller, Sessions sessions, HttpContext context, CancellationToken cancellation)
    {
        await sessions.EndAsync(caller.Person!.Session, cancellation);
        context.Response.Cookies.Append(Cookie, "", Requests.Cookie(CookiePath, TimeSpan.Zero, SameSiteMode.Strict));
        return TypedResults.NoContent();
    }

    /// <summary>Wants both, of one session: the cookie, and the access token even where that has expired, which no page of somebody else's can send.</summary>
    public static async Task<IResult> Refresh(Sessions sessions, TokenService tokens, AccountsOptions options, HttpContext context, CancellationToken cancellation)
    {
        if (Requests.Bearer(context.Request) is { } bearer && tokens.Read(TokenKind.Access, bearer, acceptExpired: true) is { } access
            && context.Request.Cookies[Cookie] is { } refresh
            && await sessions.RefreshAsync(refresh, Terms(options), claims => claims.Session == access.Session, cancellation) is { } renewed)
        {
            SetCookie(context, renewed);
            return TypedResults.Ok(new CinemaRefreshResponse(renewed.Access));
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Coded(401, "Invalid refresh token");
    }

    public static async Task<IResult> Confirm(string shortId, Registration registration, AttemptLimits limits, AccountsOptions options, HttpContext context, CancellationToken cancellation)
    {
        if (limits.Take("address " + Visit.Of(context).Address, options.AttemptsPerMinute) is { } wait)
        {
            return Problems.TooMany("Too many attempts from this address.", wait);
        }

        return await registration.ConfirmAsync(shortId, cancellation) is null
            ? Problems.Coded(404, "The link is not known, was used or has expired")
            : TypedResults.Redirect(options.ConfirmedPage, permanent: false, preserveMethod: true);
    }

    public static async Task<IResult> ForgotPassword(ForgotPasswordRequest request, Links links, AttemptLimits limits, AccountsOptions options, HttpContext context, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Requests.Check(request.Email, password: null, passwordNeeded: false)];
        if (faults.Length > 0)
        {
            return Problems.Unprocessable("An address is needed.", faults);
        }

        if (limits.Take("address " + Visit.Of(context).Address, options.AttemptsPerMinute) is { } wait)
        {
            return Problems.TooMany("Too many attempts from this address.", wait);
        }

        await links.AskForResetAsync(request.Email!, cancellation);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    public static async Task<IResult> ResetPassword(ResetPasswordRequest request, Registration registration, HttpContext context, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(request.Token) || string.IsNullOrEmpty(request.Password))
        {
            return Problems.Unprocessable("token and password are needed.", new FieldError(string.IsNullOrEmpty(request.Token) ? "/token" : "/password", "required", "This field is required."));
        }

        return await registration.ResetAsync(request.Token, request.Password, Visit.Of(context), cancellation) switch
        {
            { Refusal: { } refusal } => refusal,
            { Fault: ChangeFault.BadPassword, Reason: var reason } => Problems.Coded(400, "RESET_PASSWORD_INVALID_PASSWORD", reason),
            { Fault: ChangeFault.None } => TypedResults.Ok(),
            _ => Problems.Coded(400, "RESET_PASSWORD_BAD_TOKEN"),
        };
    }

    public static async Task<IResult> History(Caller caller, PeopleStore people, CancellationToken cancellation, int limit = 10, int page_number = 0)
    {
        if (limit is < 1 or > MostLogins || page_number is < 0 or > 1_000_000)
        {
            return Problems.Unprocessable(
                "The page is not valid.", new FieldError(limit is < 1 or > MostLogins ? "limit" : "page_number", "range", $"limit lies in 1 to {MostLogins}, page_number from 0"));
        }

        var id = Guid.Parse(caller.Id);
        var logins = await people.ListLoginsAsync(caller.Person!.Number, page_number * limit, limit, cancellation);
        return TypedResults.Ok(logins.Select(login => new LoginHistoryResponse(Guid.Parse(login.Id), id, login.UserAgent, DateTimeOffset.FromUnixTimeMilliseconds(login.At))));
    }

    private static SessionTerms Terms(AccountsOptions options) => new(options.AccessLifetime, options.RefreshLifetime);

    private static void SetCookie(HttpContext context, TokenPair tokens) =>
        context.Response.Cookies.Append(Cookie, tokens.Refresh!, Requests.Cookie(CookiePath, tokens.RefreshLifetime, SameSiteMode.Strict));
}
