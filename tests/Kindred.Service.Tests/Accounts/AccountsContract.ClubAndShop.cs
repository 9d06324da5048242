using System.Globalization;
using System.Text.Json;
using Kindred.Accounts;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Storage;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

/// <summary>The accounts of the film club and of the vendors' shop.</summary>
public abstract partial class AccountsContract
{
    // --- B: the film club

    [Fact]
    public async Task B_01_Register_gives_a_number_and_always_role_1()
    {
        var reply = await _world.PostAsync("/register", new { username = "anna", email = "anna@example.org", password = Password, role_id = 2, is_superuser = true });
        reply.Status.ShouldBe(201, reply.Text);
        reply.Text.ShouldBe("""{"id":1,"email":"anna@example.org","is_active":true,"is_superuser":false,"is_verified":false,"username":"anna","role_id":1}""");
        var taken = await _world.PostAsync("/register", new { username = "anna", email = "anna@example.org", password = Password, role_id = 1 });
        (taken.Status, taken["detail"]).ShouldBe((400, "REGISTER_USER_ALREADY_EXISTS"));
        (await _world.PostAsync("/register", new { email = "a@b.cd", password = Password, role_id = 1 })).Status.ShouldBe(422);
        (await _world.PostAsync("/register", new { username = "a", email = "a@b.cd", password = Password })).Status.ShouldBe(422);
        (await _world.PostAsync("/register", new { username = "a", email = "a@b.cd", password = Password, role_id = "one" })).Status.ShouldBe(422);
    }

    [Fact]
    public async Task B_02_B_03_B_04_The_cookie_bonds_opens_whoami_until_logout()
    {
        await _world.PostAsync("/register", new { username = "anna", email = "anna@example.org", password = Password, role_id = 1 });
        var wrong = await _world.PostAsync("/login", Form("anna@example.org", "wrong password"));
        (wrong.Status, wrong["detail"]).ShouldBe((400, "LOGIN_BAD_CREDENTIALS"));
        (await _world.PostAsync("/login", new { username = "anna@example.org" })).Status.ShouldBeOneOf(415, 422);
        var login = await _world.PostAsync("/login", Form("ANNA@EXAMPLE.ORG"));
        (login.Status, login.Text).ShouldBe((204, ""));
        var parts = login.SetCookie("bonds")!.ToLowerInvariant().Split("; ")[1..];
        parts.ShouldBe(["max-age=3600", "path=/", "secure", "samesite=lax", "httponly"], ignoreOrder: true);
        var cookie = "bonds=" + login.Cookie("bonds");
        var who = await _world.GetAsync("/whoami", cookie: cookie);
        (who.Status, who.Text).ShouldBe((200, "\"user name: anna, email: anna@example.org, id: 1\""));
        var nobody = await _world.GetAsync("/whoami");
        (nobody.Status, nobody["detail"]).ShouldBe((401, "Unauthorized"));

        (await _world.GetAsync("/auth/v1/users/me", cookie: cookie)).Status.ShouldBe(401, "the cookie counts on the film club's routes alone");
        var logout = await _world.PostAsync("/logout", cookie: cookie);
        logout.Status.ShouldBe(204);
        logout.SetCookie("bonds")!.ToLowerInvariant().ShouldContain("max-age=0");
        (await _world.GetAsync("/whoami", cookie: cookie)).Status.ShouldBe(401, "the token is worth nothing after logout");
        (await _world.PostAsync("/logout", cookie: cookie)).Status.ShouldBe(401);
    }

    // --- D: the vendors' shop

    [Fact]
    public async Task D_01_Register_answers_the_profile_and_names_every_fault()
    {
        var reply = await _world.PostAsync("/api/v1/auth/register/", new { first_name = "Anna", last_name = "K", email = "anna@example.org", password = Password });
        reply.Status.ShouldBe(201, reply.Text);
        reply.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["detail", "id", "first_name", "last_name", "email"]);
        reply["id"].ShouldBe("1");
        var empty = await _world.PostAsync("/api/v1/auth/register/", new { first_name = "Anna" });
        (empty.Status, empty["type"]).ShouldBe((400, "validation_error"));
        Faults(empty).ShouldBe(["required last_name", "required email", "required password"], ignoreOrder: true);
        Faults(await _world.PostAsync("/api/v1/auth/register/", new { first_name = "A", last_name = "B", email = "anna@example.org", password = Password })).ShouldBe(["unique email"]);
        Faults(await _world.PostAsync("/api/v1/auth/register/", new { first_name = "A", last_name = "B", email = "nothing", password = Password })).ShouldBe(["invalid email"]);
        Faults(await _world.PostAsync("/api/v1/auth/register/", new { first_name = "A", last_name = "B", email = "b@example.org", password = "12345678" })).ShouldBe(["invalid password"]);
        (await _world.PostAsync("/api/v1/auth/register/", "{")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task D_02_Admins_sign_up_by_invitation_and_never_by_how_an_address_ends()
    {
        var body = new { first_name = "Ada", last_name = "L", email = "ada@example.org", password = Password };
        var refused = await _world.PostAsync("/api/v1/auth/admin-signup/", body);
        refused.Status.ShouldBe(400);
        Faults(refused).ShouldBe(["invalid email"]);
        await _world.Get<AccountsEntry>().InviteAsync("ada@example.org", "admin", CancellationToken.None);
        var mail = (await _world.MailsAsync()).ShouldHaveSingleItem();
        var invitation = Token(mail);
        Faults(await _world.PostAsync("/api/v1/auth/admin-signup/", new { body.first_name, body.last_name, email = "eve@example.org", body.password, invitation })).ShouldBe(["invalid email"]);
        var made = await _world.PostAsync("/api/v1/auth/admin-signup/", new { body.first_name, body.last_name, body.email, body.password, invitation });
        made.Status.ShouldBe(201, made.Text);
        var access = (await _world.PostAsync("/api/v1/auth/login/", new { email = "ada@example.org", password = Password }))["access"];
        (await _world.GetAsync("/auth/v1/users/me", access))["is_superuser"].ShouldBe("True");
        (await _world.PostAsync("/api/v1/auth/admin-signup/", new { body.first_name, body.last_name, body.email, body.password, invitation })).Status.ShouldBe(400, "once");
    }

    [Fact]
    public async Task D_02_An_invitation_takes_over_an_account_somebody_made_under_the_address()
    {
        await _world.RegisterAsync("ada@example.org", "the squatter's own");
        var squatter = await _world.LoginAsync("ada@example.org", "the squatter's own");
        var admin = await _world.AdminAsync("ada@example.org");
        (await _world.GetAsync("/auth/v1/users/me", admin))["is_superuser"].ShouldBe("True");
        (await _world.GetAsync("/auth/v1/users/me", squatter.Access)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/jwt/login", Form("ada@example.org", "the squatter's own"))).Status.ShouldBe(400);
        (await _world.Get<AccountsEntry>().ListAsync(10, CancellationToken.None)).ShouldHaveSingleItem().Roles.ShouldBe(["admin"]);
    }

    [Fact]
    public async Task D_03_Login_logout_refresh_and_deny_list()
    {
        await _world.PostAsync("/api/v1/auth/register/", new { first_name = "Anna", last_name = "K", email = "anna@example.org", password = Password });
        var wrong = await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org", password = "wrong password" });
        wrong.Status.ShouldBe(401);
        (wrong["type"], Faults(wrong)[0], wrong["detail"]).ShouldBe(("client_error", "no_active_account ", "No active account found with the given credentials"));
        Faults(await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org" })).ShouldBe(["required password"]);
        var login = await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org", password = Password });
        login.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["refresh", "access"]);

        var renewed = await _world.PostAsync("/api/v1/auth/refresh/", new { refresh = login["refresh"] });
        renewed.Status.ShouldBe(200);
        (await _world.PostAsync("/api/v1/auth/refresh-blacklist/", new { refresh = renewed["refresh"] })).Text.ShouldBe("{}");
        (await _world.PostAsync("/api/v1/auth/refresh/", new { refresh = renewed["refresh"] })).Status.ShouldBe(401);
        Faults(await _world.PostAsync("/api/v1/auth/refresh-blacklist/", new { refresh = "x" })).ShouldBe(["token_not_valid "]);

        login = await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org", password = Password });
        (await _world.PostAsync("/api/v1/auth/logout/", bearer: login["access"]))["message"].ShouldBe("logged out");
        var denied = await _world.GetAsync("/api/v1/users/me/", login["access"]);
        denied.Status.ShouldBe(401);
        denied.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"api\"");
        Faults(denied).ShouldBe(["not_authenticated "]);
    }

    [Fact]
    public async Task D_04_Bearer_and_Token_both_open_the_shop_and_only_Bearer_the_rest()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        (await _world.GetAsync("/api/v1/users/me/", "Bearer " + access)).Status.ShouldBe(200);
        (await _world.GetAsync("/api/v1/users/me/", "Token " + access)).Status.ShouldBe(200);
        (await _world.GetAsync("/api/v1/users/me", "Token " + access)).Status.ShouldBe(200, "with or without the last slash");
        (await _world.GetAsync("/api/v1/users/me/", "Basic " + access)).Status.ShouldBe(401);
        (await _world.GetAsync("/auth/v1/users/me", "Token " + access)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task D_05_Profiles_are_one_s_own_and_everybody_s_for_admins()
    {
        await _world.PostAsync("/api/v1/auth/register/", new { first_name = "Anna", last_name = "K", email = "anna@example.org", password = Password });
        await _world.PostAsync("/api/v1/auth/register/", new { first_name = "Ben", last_name = "L", email = "ben@example.org", password = Password });
        var (anna, _) = await _world.LoginAsync("anna@example.org");
        var admin = await _world.AdminAsync();
        (await _world.GetAsync("/api/v1/users/me/", anna)).Text.ShouldBe("""{"id":1,"first_name":"Anna","last_name":"K","email":"anna@example.org"}""");
        (await _world.SendAsync(HttpMethod.Patch, "/api/v1/users/update-me/", new { last_name = "Z" }, anna))["last_name"].ShouldBe("Z");
        Faults(await _world.SendAsync(HttpMethod.Patch, "/api/v1/users/update-me/", new { email = "ben@example.org" }, anna)).ShouldBe(["unique email"]);
        (await _world.GetAsync("/api/v1/users/", anna)).Body.EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetInt64().ShouldBe(1);
        (await _world.GetAsync("/api/v1/users/", admin)).Body.GetArrayLength().ShouldBe(3);
        var page = await _world.GetAsync("/api/v1/users/?page=1", admin);
        page.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["count", "next", "previous", "results"]);
        (page["count"], page.Body.GetProperty("next").ValueKind).ShouldBe(("3", JsonValueKind.Null));
        (await _world.GetAsync("/api/v1/users/?page=2", admin)).Status.ShouldBe(404);
        (await _world.GetAsync("/api/v1/users/1/", anna)).Status.ShouldBe(200);
        var other = await _world.GetAsync("/api/v1/users/2/", anna);
        var none = await _world.GetAsync("/api/v1/users/99/", anna);
        (other.Status, Stable(other)).ShouldBe((404, Stable(none)), "somebody else's looks like nobody's");
        foreach (var (method, body) in new (HttpMethod, object?)[] { (HttpMethod.Put, new { first_name = "x", last_name = "y", email = "z@example.org" }), (HttpMethod.Patch, new { first_name = "x" }), (HttpMethod.Delete, null) })
        {
            var forbidden = await _world.SendAsync(method, "/api/v1/users/2/", body, anna);
            forbidden.Status.ShouldBe(403);
            Faults(forbidden).ShouldBe(["permission_denied "]);
        }

        (await _world.SendAsync(HttpMethod.Put, "/api/v1/users/2/", new { first_name = "x" }, admin)).Status.ShouldBe(400);
        (await _world.SendAsync(HttpMethod.Put, "/api/v1/users/2/", new { first_name = "B", last_name = "M", email = "ben@example.com" }, admin))["email"].ShouldBe("ben@example.com");
        (await _world.PostAsync("/api/v1/users/", new { first_name = "C", last_name = "D", email = "c@example.org" }, anna)).Status.ShouldBe(403);
        (await _world.PostAsync("/api/v1/users/", new { first_name = "C", last_name = "D", email = "c@example.org" }, admin)).Status.ShouldBe(201);
        (await _world.PostAsync("/auth/v1/jwt/login", Form("c@example.org", "x"))).Status.ShouldBe(400, "an account without a password opens for nobody");
        (await _world.PostAsync("/auth/v1/users/reset-password", new { token = Token((await _world.MailsAsync())[^1]), password = "chosen by myself" })).Status.ShouldBe(200);
        await _world.LoginAsync("c@example.org", "chosen by myself");

        var (ben, _) = await _world.LoginAsync("ben@example.com");
        (await _world.SendAsync(HttpMethod.Delete, "/api/v1/users/2/", null, admin)).Status.ShouldBe(204);
        (await _world.GetAsync("/api/v1/users/me/", ben)).Status.ShouldBe(401, "a deleted account is out at once");
    }
}
