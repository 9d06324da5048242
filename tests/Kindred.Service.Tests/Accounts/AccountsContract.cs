using System.Globalization;
using System.Text.Json;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Storage;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

/// <summary>The accounts of the three systems, by the numbers of the contract. Inherited once a database.</summary>
public abstract partial class AccountsContract : IAsyncLifetime
{
    private AccountsWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await StartAsync(await ConnectionStringAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var k = 0; !holds(); k++)
        {
            k.ShouldBeLessThan(400, "what was waited for did not come");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private protected abstract Task<string> ConnectionStringAsync();

    // --- C: the cinema

    [Fact]
    public async Task C_02_Register_makes_an_account_and_mails_a_link()
    {
        var reply = await _world.PostAsync("/auth/v1/register", new { email = "Anna@Example.org", password = Password, name = "Anna", surname = "K", is_superuser = true, is_verified = true });
        reply.Status.ShouldBe(201, reply.Text);
        reply.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "email", "is_active", "is_superuser", "is_verified", "name", "surname", "patronymic"]);
        reply.Body.GetProperty("id").GetGuid().Version.ShouldBe(7);
        reply["email"].ShouldBe("Anna@Example.org");
        (reply["is_active"], reply["is_superuser"], reply["is_verified"]).ShouldBe(("True", "False", "False"), "flags in a body change nothing");
        reply.Body.GetProperty("patronymic").ValueKind.ShouldBe(JsonValueKind.Null);

        var mail = (await _world.MailsAsync()).ShouldHaveSingleItem();
        mail.ShouldContain("To: <Anna@Example.org>");
        mail.ShouldContain("Subject: Please confirm your e-mail");
        mail.ShouldContain("http://127.0.0.1:8000/auth/v1/s/");
        _world.People.Told.ShouldHaveSingleItem().What.ShouldBe("registered");
    }

    [Fact]
    public async Task C_02_Register_refuses_a_taken_address_a_bad_password_and_a_body_of_the_wrong_form()
    {
        await _world.RegisterAsync("anna@example.org");
        var taken = await _world.PostAsync("/auth/v1/register", new { email = "ANNA@example.org", password = Password });
        (taken.Status, taken["detail"]).ShouldBe((400, "REGISTER_USER_ALREADY_EXISTS"));
        foreach (var password in new[] { "short", "password1", "ben@example.org!" })
        {
            var refused = await _world.PostAsync("/auth/v1/register", new { email = "ben@example.org", password });
            refused.Status.ShouldBe(400, password);
            refused.Body.GetProperty("detail").GetProperty("code").GetString().ShouldBe("REGISTER_INVALID_PASSWORD");
            refused.Body.GetProperty("detail").GetProperty("reason").GetString().ShouldNotBeNullOrEmpty();
        }

        foreach (var body in new[] { "{", "null", "[]", "{}", """{"email":"no address","password":"correct horse"}""", """{"email":"a@b.cd","password":7}""", """{"email":"a@b.cd","email":"a@b.cd","password":"correct horse"}""", """{"email":"a\r\nb@b.cd","password":"correct horse"}""" })
        {
            (await _world.PostAsync("/auth/v1/register", body)).Status.ShouldBe(422, body);
        }

        (await _world.ScalarAsync<long>("select count(*) from people")).ShouldBe(1);
    }

    [Fact]
    public async Task C_03_Login_gives_a_token_and_a_cookie_and_writes_history()
    {
        await _world.RegisterAsync("anna@example.org");
        var reply = await _world.SendAsync(HttpMethod.Post, "/auth/v1/jwt/login", Form(" ANNA@example.org ".Trim()), headers: ("User-Agent", "Mozilla/5.0 (Linux; Android 15) Mobile"));
        reply.Status.ShouldBe(200, reply.Text);
        reply["token_type"].ShouldBe("bearer");
        var cookie = reply.SetCookie("refresh_token")!.ToLowerInvariant();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("secure");
        cookie.ShouldContain("max-age=86400");
        (await _world.GetAsync("/auth/v1/users/me", reply["access_token"])).Status.ShouldBe(200);
        (await _world.ScalarAsync<string>("select device from login_history")).ShouldBe("mobile");
        (await _world.GetAsync("/auth/v1/users/me", reply.Cookie("refresh_token"))).Status.ShouldBe(401, "a refresh token opens nothing");
    }

    [Fact]
    public async Task C_03_Login_answers_wrong_passwords_unknown_addresses_and_disabled_accounts_alike()
    {
        await _world.RegisterAsync("anna@example.org");
        var off = await _world.RegisterAsync("off@example.org");
        (await _world.SendAsync(HttpMethod.Patch, $"/auth/v1/users/{off}", new { is_active = false }, await _world.AdminAsync())).Status.ShouldBe(200);
        var replies = new[]
        {
            await _world.PostAsync("/auth/v1/jwt/login", Form("anna@example.org", "wrong password")),
            await _world.PostAsync("/auth/v1/jwt/login", Form("nobody@example.org", "wrong password")),
            await _world.PostAsync("/auth/v1/jwt/login", Form("off@example.org")),
            await _world.PostAsync("/auth/v1/jwt/login", Form("no address", "wrong password")),
            await _world.PostAsync("/auth/v1/jwt/login", Form("anna@example.org", new string('x', 2000))),
        };
        replies.ShouldAllBe(reply => reply.Status == 400 && reply["detail"] == "LOGIN_BAD_CREDENTIALS");
        replies.Select(Stable).Distinct().Count().ShouldBe(1);
        (await _world.PostAsync("/auth/v1/jwt/login", new Dictionary<string, string>(StringComparer.Ordinal) { ["username"] = "anna@example.org" })).Status.ShouldBe(422);
        (await _world.PostAsync("/auth/v1/jwt/login")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task C_03_Logout_ends_the_session_at_once()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, refresh) = await _world.LoginAsync("anna@example.org");
        var other = await _world.LoginAsync("anna@example.org");
        (await _world.PostAsync("/auth/v1/jwt/logout", bearer: access)).Status.ShouldBe(204);
        var after = await _world.GetAsync("/auth/v1/users/me", access);
        (after.Status, after["detail"]).ShouldBe((401, "Unauthorized"));
        (await _world.PostAsync("/auth/v1/jwt/logout", bearer: access)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh)).Status.ShouldBe(401);
        (await _world.GetAsync("/auth/v1/users/me", other.Access)).Status.ShouldBe(200, "other sessions go on");
    }

    [Fact]
    public async Task C_04_Refresh_gives_a_new_token_also_for_an_expired_one()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, refresh) = await _world.LoginAsync("anna@example.org");
        _world.Clock.Advance(TimeSpan.FromMinutes(61));
        (await _world.GetAsync("/auth/v1/users/me", access)).Status.ShouldBe(401);
        var reply = await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh);
        reply.Status.ShouldBe(200, reply.Text);
        reply.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["access_token"]);
        (await _world.GetAsync("/auth/v1/users/me", reply["access_token"])).Status.ShouldBe(200);
        reply.Cookie("refresh_token").ShouldNotBe(refresh);
    }

    [Fact]
    public async Task C_04_Refresh_wants_both_tokens_of_one_session()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, refresh) = await _world.LoginAsync("anna@example.org");
        var other = await _world.LoginAsync("anna@example.org");
        (await _world.PostAsync("/auth/v1/refresh", cookie: "refresh_token=" + refresh)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/refresh", bearer: access)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + access)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/refresh", bearer: other.Access, cookie: "refresh_token=" + refresh)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task C_04_A_refresh_token_that_comes_again_ends_its_session()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, refresh) = await _world.LoginAsync("anna@example.org");
        var first = await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh);
        first.Status.ShouldBe(200);
        (await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh)).Status.ShouldBe(401);
        (await _world.GetAsync("/auth/v1/users/me", first["access_token"])).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/refresh", bearer: first["access_token"], cookie: "refresh_token=" + first.Cookie("refresh_token"))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task C_04_Of_many_at_once_one_refresh_succeeds()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, refresh) = await _world.LoginAsync("anna@example.org");
        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh)));
        replies.Count(reply => reply.Status == 200).ShouldBe(1);
        replies.Count(reply => reply.Status == 401).ShouldBe(9);
    }

    [Fact]
    public async Task C_04_A_session_ends_however_often_it_is_refreshed()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, refresh) = await _world.LoginAsync("anna@example.org");
        for (var hours = 20; hours < 30 * 24; hours += 20)
        {
            _world.Clock.Advance(TimeSpan.FromHours(20));
            var reply = await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh);
            reply.Status.ShouldBe(200, $"after {hours} h");
            (access, refresh) = (reply["access_token"]!, reply.Cookie("refresh_token")!);
        }

        _world.Clock.Advance(TimeSpan.FromHours(20));
        (await _world.PostAsync("/auth/v1/refresh", bearer: access, cookie: "refresh_token=" + refresh)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task C_05_A_confirmation_link_works_once_within_its_hour()
    {
        await _world.RegisterAsync("anna@example.org");
        await _world.RegisterAsync("ben@example.org");
        var links = (await _world.MailsAsync()).Select(mail => "/auth/v1/s/" + mail.Split("/auth/v1/s/")[1].Split('\n', '\r')[0]).ToArray();
        var followed = await _world.GetAsync(links[0]);
        followed.Status.ShouldBe(307);
        followed.Headers.Location!.ToString().ShouldBe("/confirmed");
        (await _world.GetAsync("/confirmed")).ShouldSatisfyAllConditions(page => page.Status.ShouldBe(200), page => page.Text.ShouldContain("is confirmed"));
        (await _world.ScalarAsync<long>("select count(*) from people where verified_at is not null")).ShouldBe(1);
        _world.People.Told.Select(told => told.What).ShouldBe(["registered", "registered", "verified"]);
        var again = await _world.GetAsync(links[0]);
        again.Status.ShouldBe(404);
        again["detail"].ShouldNotBeNullOrEmpty();
        _world.Clock.Advance(TimeSpan.FromMinutes(61));
        (await _world.GetAsync(links[1])).Status.ShouldBe(404);
        foreach (var wrong in new[] { "x", "AAAAAAAAAAAAAAAAAAAAAA", "%27", "'--" })
        {
            (await _world.GetAsync("/auth/v1/s/" + wrong)).Status.ShouldBe(404);
        }
    }

    [Fact]
    public async Task C_05_A_confirmed_address_is_told_to_the_others_once()
    {
        var id = await _world.RegisterAsync("anna@example.org");
        var messages = _world.Get<RecordedMessages>();
        async Task ConfirmAsync()
        {
            var link = (await _world.MailsAsync()).Last(mail => mail.Contains("/auth/v1/s/", StringComparison.Ordinal)).Split("/auth/v1/s/")[1].Split('\n', '\r')[0];
            (await _world.GetAsync("/auth/v1/s/" + link)).Status.ShouldBe(307);
        }

        await ConfirmAsync();
        await UntilAsync(() => messages.Of<UserVerified>(CinemaTopics.UserVerified).Count == 1);
        messages.Of<UserVerified>(CinemaTopics.UserVerified).ShouldHaveSingleItem().ShouldBe(new UserVerified(id, "anna@example.org", "Anna Karenina"));

        // Another way to the same: an admin takes the mark away and gives it back.
        var admin = await _world.AdminAsync();
        await UntilAsync(() => messages.Of<UserVerified>(CinemaTopics.UserVerified).Count == 2);
        foreach (var verified in new[] { false, true })
        {
            (await _world.SendAsync(HttpMethod.Patch, $"/auth/v1/users/{id}", new { is_verified = verified }, admin)).Status.ShouldBe(200);
        }

        // Somebody who moves away and comes back has confirmed both, each once.
        var (access, _) = await _world.LoginAsync("anna@example.org");
        foreach (var address in new[] { "anna@example.com", "Anna@example.org" })
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
            (await _world.SendAsync(HttpMethod.Patch, "/auth/v1/users/me", new { email = address }, access)).Status.ShouldBe(200);
            await ConfirmAsync();
        }

        await UntilAsync(() => messages.Of<UserVerified>(CinemaTopics.UserVerified).Count == 3);
        (await _world.ScalarAsync<long>("select count(*) from outbox where topic = 'user_verified'")).ShouldBe(0);
        messages.Of<UserVerified>(CinemaTopics.UserVerified).Select(told => told.Email).ShouldBe(["anna@example.org", "admin@example.org", "anna@example.com"]);
        _world.People.Told.Count(told => told.What == "verified").ShouldBe(3);
    }

    [Fact]
    public async Task C_06_A_profile_is_read_and_changed_by_its_owner()
    {
        var id = await _world.RegisterAsync("anna@example.org");
        await _world.RegisterAsync("ben@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        var me = await _world.GetAsync("/auth/v1/users/me", access);
        me.Body.GetProperty("id").GetGuid().ShouldBe(id);
        var changed = await _world.SendAsync(HttpMethod.Patch, "/auth/v1/users/me", new { surname = "Arkadyevna", is_superuser = true, is_verified = true }, access);
        (changed.Status, changed["name"], changed["surname"], changed["is_superuser"], changed["is_verified"]).ShouldBe((200, "Anna", "Arkadyevna", "False", "False"));
        var taken = await _world.SendAsync(HttpMethod.Patch, "/auth/v1/users/me", new { email = "Ben@example.org" }, access);
        (taken.Status, taken["detail"]).ShouldBe((400, "UPDATE_USER_EMAIL_ALREADY_EXISTS"));
        var weak = await _world.SendAsync(HttpMethod.Patch, "/auth/v1/users/me", new { password = "123" }, access);
        (weak.Status, weak.Body.GetProperty("detail").GetProperty("code").GetString()).ShouldBe((400, "UPDATE_USER_INVALID_PASSWORD"));
        (await _world.SendAsync(HttpMethod.Patch, "/auth/v1/users/me", new { email = "nothing" }, access)).Status.ShouldBe(422);
        (await _world.GetAsync("/auth/v1/users/me")).Status.ShouldBe(401);
        (await _world.GetAsync($"/auth/v1/users/{id}", access)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task C_06_A_new_password_ends_the_other_sessions_and_is_told_by_mail()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        var other = await _world.LoginAsync("anna@example.org");
        var wrong = await _world.PostAsync("/auth/v1/users/me/password", new { current_password = "not this one", password = "another good one" }, access);
        (wrong.Status, wrong["detail"]).ShouldBe((400, "LOGIN_BAD_CREDENTIALS"));
        (await _world.PostAsync("/auth/v1/users/me/password", new { current_password = Password, password = "another good one" }, access)).Status.ShouldBe(204);
        (await _world.GetAsync("/auth/v1/users/me", access)).Status.ShouldBe(200);
        (await _world.GetAsync("/auth/v1/users/me", other.Access)).Status.ShouldBe(401);
        (await _world.PostAsync("/auth/v1/jwt/login", Form("anna@example.org"))).Status.ShouldBe(400);
        await _world.LoginAsync("anna@example.org", "another good one");
        (await _world.MailsAsync())[^1].ShouldContain("the password of your account was changed");
    }

    [Fact]
    public async Task C_06_A_new_address_has_to_be_confirmed_and_both_are_told()
    {
        await _world.RegisterAsync("anna@example.org");
        var old = (await _world.MailsAsync())[0].Split("/auth/v1/s/")[1].Split('\n', '\r')[0];
        var (access, _) = await _world.LoginAsync("anna@example.org");
        (await _world.SendAsync(HttpMethod.Patch, "/auth/v1/users/me", new { email = "anna@example.com" }, access)).Status.ShouldBe(200);
        var mails = await _world.MailsAsync();
        mails.Count.ShouldBe(3);

        // Two mails of one millisecond have no order.
        var confirm = mails.Skip(1).Single(mail => mail.Contains("To: <anna@example.com>", StringComparison.Ordinal));
        mails.Skip(1).Count(mail => mail.Contains("To: <anna@example.org>", StringComparison.Ordinal)).ShouldBe(1);
        (await _world.GetAsync("/auth/v1/s/" + old)).Status.ShouldBe(404, "a link to the old address proves nothing about the new one");
        (await _world.GetAsync("/auth/v1/s/" + confirm.Split("/auth/v1/s/")[1].Split('\n', '\r')[0])).Status.ShouldBe(307);
        await _world.LoginAsync("anna@example.com");
    }

    [Fact]
    public async Task C_06_Admins_read_and_change_anybody()
    {
        var id = await _world.RegisterAsync("anna@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        var admin = await _world.AdminAsync();
        (await _world.GetAsync($"/auth/v1/users/{id}", admin)).Status.ShouldBe(200);
        (await _world.GetAsync($"/auth/v1/users/{Guid.NewGuid()}", admin)).Status.ShouldBe(404);
        (await _world.GetAsync("/auth/v1/users/7", admin)).Status.ShouldBe(422);
        var off = await _world.SendAsync(HttpMethod.Patch, $"/auth/v1/users/{id}", new { is_active = false }, admin);
        (off.Status, off["is_active"]).ShouldBe((200, "False"));
        (await _world.GetAsync("/auth/v1/users/me", access)).Status.ShouldBe(401, "a disabled account is out at once");
        (await _world.GetAsync($"/auth/v1/users/{id}")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task C_07_A_forgotten_password_is_set_anew_by_mail()
    {
        await _world.RegisterAsync("anna@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        var known = await _world.PostAsync("/auth/v1/users/forgot-password", new { email = "anna@example.org" });
        var unknown = await _world.PostAsync("/auth/v1/users/forgot-password", new { email = "nobody@example.org" });
        (known.Status, known.Text, unknown.Status, unknown.Text).ShouldBe((202, "", 202, ""));
        var mails = await _world.MailsAsync();
        mails.Count.ShouldBe(2, "none for the address without an account");
        var token = Token(mails[1]);
        var weak = await _world.PostAsync("/auth/v1/users/reset-password", new { token, password = "12345678" });
        (weak.Status, weak.Body.GetProperty("detail").GetProperty("code").GetString()).ShouldBe((400, "RESET_PASSWORD_INVALID_PASSWORD"));
        (await _world.PostAsync("/auth/v1/users/reset-password", new { token, password = "a fresh password" })).Status.ShouldBe(200);
        (await _world.GetAsync("/auth/v1/users/me", access)).Status.ShouldBe(401);
        await _world.LoginAsync("anna@example.org", "a fresh password");
        var again = await _world.PostAsync("/auth/v1/users/reset-password", new { token, password = "a fresh password" });
        (again.Status, again["detail"]).ShouldBe((400, "RESET_PASSWORD_BAD_TOKEN"));
    }

    [Fact]
    public async Task C_07_Reset_codes_expire_and_only_the_newest_counts_and_nobody_is_flooded()
    {
        await _world.RegisterAsync("anna@example.org");
        for (var k = 0; k < 12; k++)
        {
            (await _world.PostAsync("/auth/v1/users/forgot-password", new { email = "anna@example.org" })).Status.ShouldBe(202);
        }

        var mails = await _world.MailsAsync();
        mails.Count.ShouldBeInRange(2, 1 + 5, "at most five mails an hour");
        if (mails.Count > 2)
        {
            (await _world.PostAsync("/auth/v1/users/reset-password", new { token = Token(mails[1]), password = "a fresh password" })).Status.ShouldBe(400);
        }

        _world.Clock.Advance(TimeSpan.FromMinutes(61));
        (await _world.PostAsync("/auth/v1/users/reset-password", new { token = Token(mails[^1]), password = "a fresh password" })).Status.ShouldBe(400);
    }

    [Fact]
    public async Task C_09_History_is_one_s_own_newest_first_and_paged()
    {
        var id = await _world.RegisterAsync("anna@example.org");
        await _world.RegisterAsync("ben@example.org");
        await _world.LoginAsync("ben@example.org");
        var access = "";
        for (var k = 0; k < 3; k++)
        {
            access = (await _world.SendAsync(HttpMethod.Post, "/auth/v1/jwt/login", Form("anna@example.org"), headers: ("User-Agent", $"agent {k}")))["access_token"];
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var all = (await _world.GetAsync("/auth/v1/auth_history/all?limit=100", access)).Body;
        all.EnumerateArray().Select(row => row.GetProperty("user_agent").GetString()).ShouldBe(["agent 2", "agent 1", "agent 0"]);
        all[0].EnumerateObject().Select(member => member.Name).ShouldBe(["id", "user_id", "user_agent", "timestamp"]);
        all.EnumerateArray().ShouldAllBe(row => row.GetProperty("user_id").GetGuid() == id);
        (await _world.GetAsync("/auth/v1/auth_history/all?limit=2&page_number=1", access)).Body[0].GetProperty("user_agent").GetString().ShouldBe("agent 0");
        (await _world.GetAsync("/auth/v1/auth_history/all?limit=0", access)).Status.ShouldBe(422);
        (await _world.GetAsync("/auth/v1/auth_history/all?limit=x", access)).Status.ShouldBe(422);
        (await _world.GetAsync("/auth/v1/auth_history/all")).Status.ShouldBe(401);
    }

    // --- one identity, native routes

    [Fact]
    public async Task One_account_serves_all_systems()
    {
        await _world.PostAsync("/register", new { username = "anna", email = "anna@example.org", password = Password, role_id = 1 });
        (await _world.LoginAsync("anna@example.org")).Access.ShouldNotBeEmpty();
        (await _world.PostAsync("/api/v1/auth/login/", new { email = "anna@example.org", password = Password })).Status.ShouldBe(200);
        (await _world.PostAsync("/auth/v1/register", new { email = "anna@example.org", password = Password }))["detail"].ShouldBe("REGISTER_USER_ALREADY_EXISTS");
        (await _world.ScalarAsync<long>("select count(*) from login_history")).ShouldBe(2);
    }

    [Fact]
    public async Task People_see_their_own_events_and_recommendations_and_nobody_else_s()
    {
        var anna = await _world.RegisterAsync("anna@example.org");
        var ben = await _world.RegisterAsync("ben@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        var (other, _) = await _world.LoginAsync("ben@example.org");
        (await _world.PostAsync(Shop + "/events", new { user = anna, item = "tea", type = "purchase" }, access)).Status.ShouldBe(202);
        (await _world.PostAsync(Shop + "/events", new { user = ben, item = "tea", type = "purchase" }, access)).Status.ShouldBe(400);
        var mixed = await _world.PostAsync(Shop + "/events", new[] { new { user = anna, item = "cake", type = "purchase" }, new { user = ben, item = "cake", type = "purchase" } }, access);
        (mixed["accepted"], mixed.Body.GetProperty("rejected")[0].GetProperty("index").GetInt32()).ShouldBe(("1", 1));

        (await _world.GetAsync($"{Shop}/users/{anna}/events", access)).Body.GetProperty("data").GetArrayLength().ShouldBe(2);
        var hers = await _world.GetAsync($"{Shop}/users/{anna}/events", other);
        var nobodys = await _world.GetAsync($"{Shop}/users/{Guid.NewGuid()}/events", other);
        (hers.Status, Stable(hers)).ShouldBe((404, Stable(nobodys)));
        var list = await _world.GetAsync($"{Shop}/users/{anna}/recommendations", access);
        list.Status.ShouldBe(200, list.Text);
        (await _world.GetAsync($"{Shop}/users/{anna}/recommendations", other)).Status.ShouldBe(404);
        (await _world.GetAsync($"{Shop}/users/{anna}/why/tea", other)).Status.ShouldBe(404);
        (await _world.GetAsync($"{Shop}/receipts/{list["receipt"]}", access)).Status.ShouldBe(200);
        (await _world.GetAsync($"{Shop}/receipts/{list["receipt"]}", other)).Status.ShouldBe(404);
        (await _world.GetAsync(Shop + "/popular", other)).Status.ShouldBe(200);
        (await _world.GetAsync(Shop + "/items", other)).Status.ShouldBe(200);
        foreach (var (method, path) in new[] { ("GET", "/events"), ("GET", "/users"), ("PUT", "/items/x"), ("DELETE", $"/users/{anna}"), ("PUT", $"/users/{ben}") })
        {
            (await _world.SendAsync(new HttpMethod(method), Shop + path, method == "PUT" ? "{}" : null, other)).Status.ShouldBe(403, path);
        }
    }

    [Fact]
    public async Task Keys_note_their_last_use_and_do_not_pass_for_people()
    {
        var keys = _world.Get<ApiKeys>();
        var (key, secret) = await keys.CreateAsync("all", [Scopes.Admin], [], expiresAt: null, CancellationToken.None);
        (await keys.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().LastUsedAt.ShouldBeNull();
        (await _world.GetAsync(Shop + "/items", secret)).Status.ShouldBe(200);
        var used = (await keys.ListAsync(CancellationToken.None))[0].LastUsedAt.ShouldNotBeNull();
        (_world.Clock.GetUtcNow() - used).TotalMinutes.ShouldBeInRange(0, 1);
        (await _world.GetAsync("/auth/v1/users/me", secret)).Status.ShouldBe(403);
        (await _world.GetAsync($"/auth/v1/users/{Guid.NewGuid()}", secret)).Status.ShouldBe(404, "an admin key administers");
        var (_, bound) = await keys.CreateAsync("shop", [Scopes.Admin], ["shop"], expiresAt: null, CancellationToken.None);
        (await _world.GetAsync($"/auth/v1/users/{Guid.NewGuid()}", bound)).Status.ShouldBe(403, "one bound to a collection does not");
    }

    // Everything but what belongs to one request.
    private protected static string Stable(Reply reply) =>
        string.Join('\n', reply.Body.EnumerateObject().Where(member => member.Name is not ("request_id" or "trace_id")).Select(member => member.ToString()))
        + string.Join('\n', reply.Headers.Where(header => !header.Key.Equals("X-Request-Id", StringComparison.OrdinalIgnoreCase) && header.Key != "Date").Select(header => header.Key + string.Join(',', header.Value)));

    private static string[] Faults(Reply reply) =>
        [.. reply.Body.GetProperty("errors").EnumerateArray().Select(fault => string.Create(CultureInfo.InvariantCulture, $"{fault.GetProperty("code").GetString()} {(fault.TryGetProperty("attr", out var attr) ? attr.GetString() : "?")}"))];
}

public sealed class SqliteAccountsTests : AccountsContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresAccountsTests(PostgresCluster cluster) : AccountsContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
