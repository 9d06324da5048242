using Kindred.Accounts.Cinema;
using Kindred.Accounts.FilmClub;
using Kindred.Accounts.Pages;
using Kindred.Accounts.Passwords;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using Kindred.Accounts.Vendors;
using Kindred.Contracts;
using Kindred.Platform;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Accounts;

/// <summary>Who may do what: people with sessions and roles, API keys.</summary>
public static class AccountsModule
{
    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>Adds people, keys and the check of credentials; letters leave through <see cref="IMailer"/>.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, AccountsOptions options)
    {
        services.AddMigrations("accounts", typeof(AccountsModule).Assembly);
        services.AddSingleton(options);
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<ICredentials, Credentials>();
        services.AddSingleton<PasswordGate>();
        services.AddSingleton<AttemptLimits>();
        services.AddSingleton<PeopleStore>();
        services.AddSingleton<IPeopleReader>(provider => provider.GetRequiredService<PeopleStore>());
        services.AddSingleton<Links>();
        services.AddSingleton<Registration>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<Upkeep>();
        services.AddHostedService(provider => provider.GetRequiredService<Upkeep>());
        services.AddSingleton(provider => new AccountsEntry(
            provider.GetRequiredService<PeopleStore>(), provider.GetRequiredService<Registration>(), provider.GetRequiredService<Links>(), provider.GetRequiredService<Database>(),
            provider.GetRequiredService<PlatformSettings>()));
        return services;
    }

    /// <summary>Maps the accounts of the cinema, the film club and the vendors' shop: three faces of the same people.</summary>
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/.well-known/jwks.json", (SigningKeys keys) => TypedResults.Ok(new KeysResponse([.. keys.Public.Select(key => new KeyResponse(key.Kty, key.Crv, key.X, key.Y, key.Kid, key.Alg, key.Use))])))
            .OpenToAll().WithTags("Accounts").WithSummary("The public keys that access tokens are checked with");
        MapPages(routes.MapGroup("").WithBodyLimit(Requests.MaxBytes));
        MapCinema(routes.MapGroup("/auth/v1").WithErrors(ErrorStyle.Cinema).WithBodyLimit(Requests.MaxBytes).WithTags("Accounts"));
        MapFilmClub(routes.MapGroup("").WithErrors(ErrorStyle.Cinema).WithBodyLimit(Requests.MaxBytes).WithTags("Film club accounts"));
        MapVendors(routes.MapGroup("/api/v1").WithErrors(ErrorStyle.Vendors).WithBodyLimit(Requests.MaxBytes).WithTokenScheme("Token").WithTags("Vendor accounts"));
    }

    private static void MapPages(RouteGroupBuilder pages)
    {
        pages.MapGet("/reset-password", AccountPages.Reset).OpenToAll().ExcludeFromDescription();
        pages.MapPost("/reset-password", AccountPages.ResetPassword).OpenToAll().ExcludeFromDescription();
        pages.MapGet("/invitation", AccountPages.Invitation).OpenToAll().ExcludeFromDescription();
        pages.MapPost("/invitation", AccountPages.AcceptInvitation).OpenToAll().ExcludeFromDescription();
        pages.MapGet("/confirmed", AccountPages.Confirmed).OpenToAll().ExcludeFromDescription();
    }

    private static void MapCinema(RouteGroupBuilder cinema)
    {
        cinema.MapPost("/register", CinemaUsers.Register).OpenToAll().Produces<CinemaUserResponse>(StatusCodes.Status201Created).WithSummary("Make an account; its address is confirmed by mail");
        cinema.MapPost("/jwt/login", CinemaLogins.Login).OpenToAll().Accepts<LoginRequest>(Form).Produces<CinemaLoginResponse>().WithSummary("Log in: an access token, and a refresh token as a cookie");
        cinema.MapPost("/jwt/logout", CinemaLogins.Logout).RequirePerson().Produces(StatusCodes.Status204NoContent).WithSummary("End this session");
        cinema.MapPost("/refresh", CinemaLogins.Refresh).OpenToAll().Produces<CinemaRefreshResponse>().WithSummary("A new access token for the cookie and the old access token");
        cinema.MapGet("/s/{short_id}", (string short_id, Registration registration, AttemptLimits limits, AccountsOptions options, HttpContext context, CancellationToken cancellation) =>
            CinemaLogins.Confirm(short_id, registration, limits, options, context, cancellation)).OpenToAll().Produces(StatusCodes.Status307TemporaryRedirect).WithSummary("Confirm an address");
        cinema.MapGet("/users/me", CinemaUsers.Me).RequirePerson().Produces<CinemaUserResponse>().WithSummary("Who am I");
        cinema.MapPatch("/users/me", CinemaUsers.UpdateMe).RequirePerson().Produces<CinemaUserResponse>().WithSummary("Change my profile");
        cinema.MapPost("/users/me/password", CinemaUsers.ChangePassword).RequirePerson().Produces(StatusCodes.Status204NoContent).WithSummary("Change my password; my other sessions end");
        cinema.MapPost("/users/forgot-password", CinemaLogins.ForgotPassword).OpenToAll().Produces(StatusCodes.Status202Accepted).WithSummary("Ask for a code by mail");
        cinema.MapPost("/users/reset-password", CinemaLogins.ResetPassword).OpenToAll().Produces(StatusCodes.Status200OK).WithSummary("Set a new password by that code");
        cinema.MapGet("/users/{id}", CinemaUsers.Get).RequireScope(Scopes.Admin).Produces<CinemaUserResponse>().WithSummary("A user");
        cinema.MapPatch("/users/{id}", CinemaUsers.Update).RequireScope(Scopes.Admin).Produces<CinemaUserResponse>().WithSummary("Change a user");
        cinema.MapGet("/users/{id}/roles", CinemaRoles.OfUser).RequireScope(Scopes.Admin).Produces<IReadOnlyList<RoleResponse>>().WithSummary("The roles of a user");
        cinema.MapPut("/users/{id}/roles/{roleId}", CinemaRoles.Give).RequireScope(Scopes.Admin).Produces<IReadOnlyList<RoleResponse>>().WithSummary("Give a role");
        cinema.MapDelete("/users/{id}/roles/{roleId}", CinemaRoles.Take).RequireScope(Scopes.Admin).Produces<IReadOnlyList<RoleResponse>>().WithSummary("Take a role away");
        cinema.MapGet("/auth_history/all", CinemaLogins.History).RequirePerson().Produces<IReadOnlyList<LoginHistoryResponse>>().WithSummary("My logins, newest first");
        cinema.MapGet("/roles/all", CinemaRoles.List).RequirePerson().Produces<IReadOnlyList<RoleResponse>>().WithSummary("All roles");
        cinema.MapPost("/roles/", CinemaRoles.Create).RequireScope(Scopes.Admin).Produces<RoleResponse>().WithSummary("Make a role");
        cinema.MapPatch("/roles/{roleId}", CinemaRoles.Change).RequireScope(Scopes.Admin).Produces<RoleResponse>().WithSummary("Change a role");
        cinema.MapDelete("/roles/{roleId}", CinemaRoles.Delete).RequireScope(Scopes.Admin).Produces<DetailResponse>().WithSummary("Delete a role");
        cinema.MapPost("/invitations", CinemaRoles.Invite).RequireScope(Scopes.Admin).Produces(StatusCodes.Status202Accepted).WithSummary("Invite an address to a role");
        cinema.MapPost("/invitations/accept", CinemaRoles.Accept).OpenToAll().Produces<CinemaUserResponse>().WithSummary("Take an invitation");
    }

    private static void MapFilmClub(RouteGroupBuilder club)
    {
        club.MapPost("/register", FilmClubAccounts.Register).OpenToAll().Produces<FilmClubUserResponse>(StatusCodes.Status201Created).WithSummary("Make an account");
        club.MapPost("/login", FilmClubAccounts.Login).OpenToAll().Accepts<LoginRequest>(Form).Produces(StatusCodes.Status204NoContent).WithSummary("Log in: a token as the cookie bonds");
        club.MapPost("/logout", FilmClubAccounts.Logout).RequirePerson().WithTokenCookie(FilmClubAccounts.Cookie).Produces(StatusCodes.Status204NoContent).WithSummary("End this session");
        club.MapGet("/whoami", FilmClubAccounts.WhoAmI).RequirePerson().WithTokenCookie(FilmClubAccounts.Cookie).Produces<string>().WithSummary("Who am I");
    }

    private static void MapVendors(RouteGroupBuilder shop)
    {
        shop.MapPost("/auth/register/", VendorLogins.Register).OpenToAll().Produces<VendorRegisterResponse>(StatusCodes.Status201Created).WithSummary("Make an account");
        shop.MapPost("/auth/admin-signup/", VendorLogins.SignUpAdmin).OpenToAll().Produces<VendorRegisterResponse>(StatusCodes.Status201Created).WithSummary("Make an admin's account by invitation");
        shop.MapPost("/auth/login/", VendorLogins.Login).OpenToAll().Produces<VendorTokensResponse>().WithSummary("Log in");
        shop.MapPost("/auth/refresh/", VendorLogins.Refresh).OpenToAll().Produces<VendorTokensResponse>().WithSummary("New tokens for a refresh token");
        shop.MapPost("/auth/logout/", VendorLogins.Logout).RequirePerson().Produces<VendorMessageResponse>().WithSummary("End this session");
        shop.MapPost("/auth/refresh-blacklist/", VendorLogins.Blacklist).OpenToAll().Produces<VendorEmptyResponse>().WithSummary("End the session of a refresh token");
        shop.MapGet("/users/me/", VendorUsers.Me).RequirePerson().Produces<VendorProfileResponse>().WithSummary("My profile");
        shop.MapPatch("/users/update-me/", VendorUsers.UpdateMe).RequirePerson().Produces<VendorProfileResponse>().WithSummary("Change my profile");
        shop.MapGet("/users/", VendorUsers.List).RequireScope(Scopes.Admin, PersonAccess.Own).Produces<IReadOnlyList<VendorProfileResponse>>().WithSummary("My profile in a list; everybody's for admins");
        shop.MapPost("/users/", VendorUsers.Create).RequireScope(Scopes.Admin).Produces<VendorProfileResponse>(StatusCodes.Status201Created).WithSummary("Make an account for somebody");
        shop.MapGet("/users/{id}/", VendorUsers.Get).RequireScope(Scopes.Admin, PersonAccess.Own).Produces<VendorProfileResponse>().WithSummary("A profile");
        shop.MapPut("/users/{id}/", VendorUsers.Replace).RequireScope(Scopes.Admin).Produces<VendorProfileResponse>().WithSummary("Replace a profile");
        shop.MapPatch("/users/{id}/", VendorUsers.Patch).RequireScope(Scopes.Admin).Produces<VendorProfileResponse>().WithSummary("Change a profile");
        shop.MapDelete("/users/{id}/", VendorUsers.Delete).RequireScope(Scopes.Admin).Produces(StatusCodes.Status204NoContent).WithSummary("Delete an account");
    }
}

/// <summary>Public keys as RFC 7517 lists them.</summary>
public sealed record KeysResponse(IReadOnlyList<KeyResponse> Keys);

/// <summary>One public key.</summary>
public sealed record KeyResponse(string Kty, string Crv, string X, string Y, string Kid, string Alg, string Use);
