using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Kindred.Accounts;
using Kindred.Accounts.Passwords;

namespace Kindred.Service.Tests.Accounts;

/// <summary>The pages that links in mails lead to, and the demo's people.</summary>
public abstract partial class AccountsContract
{
    private const string Another = "a new horse battery";

    [Fact]
    public async Task C_07_The_page_of_the_mail_sets_a_new_password_without_any_script()
    {
        await _world.RegisterAsync("anna@example.org");
        (await _world.PostAsync("/auth/v1/users/forgot-password", new { email = "anna@example.org" })).Status.ShouldBe(202);
        var mail = (await _world.MailsAsync()).Single(one => one.Contains("Set a new password", StringComparison.Ordinal));
        var link = new Uri(mail.Split('\n').Single(line => line.Contains("#token=", StringComparison.Ordinal)).Trim());
        var page = await _world.GetAsync(link.AbsolutePath);
        CheckPage(page, 200);
        page.Text.ShouldContain($"action=\"{link.AbsolutePath}\"");

        var code = AccountsWorld.Token(mail);
        CheckPage(await SendFormAsync(link.AbsolutePath, code, Another, "something else"), 422).ShouldContain("not the same");
        CheckPage(await SendFormAsync(link.AbsolutePath, code, "short", "short"), 422).ShouldContain("will not do");
        CheckPage(await SendFormAsync(link.AbsolutePath, "\"><b>x", Another, Another), 400).ShouldNotContain("<b>");
        CheckPage(await SendFormAsync(link.AbsolutePath, "\"><b>x", Another, "other"), 422).ShouldNotContain("<b>");
        CheckPage(await SendFormAsync(link.AbsolutePath, "", Another, Another), 422);
        CheckPage(await SendFormAsync(link.AbsolutePath, code, Another, Another), 200).ShouldContain("Your password is set");
        await _world.LoginAsync("anna@example.org", Another);
        CheckPage(await SendFormAsync(link.AbsolutePath, code, Another, Another), 400).ShouldContain("used or too old");
        (await _world.PostAsync(link.AbsolutePath, new { token = code, password = Another })).Status.ShouldBe(415, "a page takes a form; the API has its own route");
    }

    [Fact]
    public async Task C_08_The_page_of_an_invitation_makes_the_account()
    {
        var link = new Uri((await _world.Get<AccountsEntry>().InviteAsync("ben@example.org", "admin", CancellationToken.None)).Link!);
        CheckPage(await _world.GetAsync(link.AbsolutePath), 200).ShouldContain($"action=\"{link.AbsolutePath}\"");
        var code = AccountsWorld.Token(link.OriginalString);
        CheckPage(await SendFormAsync(link.AbsolutePath, code, "password1", "password1"), 422).ShouldContain($"value=\"{code}\"", Case.Sensitive, "the code does not have to be found again");
        CheckPage(await SendFormAsync(link.AbsolutePath, code, Another, Another), 200).ShouldContain("Welcome");
        var (access, _) = await _world.LoginAsync("ben@example.org", Another);
        (await _world.GetAsync("/auth/v1/users/me", access))["is_superuser"].ShouldBe("True");
        CheckPage(await SendFormAsync(link.AbsolutePath, code, Another, Another), 400);
    }

    [Fact]
    public async Task B_12_The_demo_has_an_admin_and_users_with_a_password_of_its_own()
    {
        var entry = _world.Get<AccountsEntry>();
        var (emails, password) = await entry.AddDemoPeopleAsync(["u7", "u9"], CancellationToken.None);
        emails.ShouldBe(["test1@mail.com", "test2@mail.com", "test3@mail.com"]);
        PasswordRules.Check(password, emails[0], new AccountsOptions()).ShouldBeNull();
        var file = Path.Combine(_world.Folder, "demo-users.txt");
        (await File.ReadAllTextAsync(file)).ShouldContain(password);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        foreach (var (email, admin) in emails.Zip([true, false, false]))
        {
            var login = await _world.PostAsync("/login", AccountsWorld.Form(email, password));
            login.Status.ShouldBe(204);
            (await _world.GetAsync("/whoami", cookie: "bonds=" + login.Cookie("bonds"))).Text.ShouldContain(email);
            var (access, _) = await _world.LoginAsync(email, password);
            var me = await _world.GetAsync("/auth/v1/users/me", access);
            (me["is_verified"], me["is_superuser"]).ShouldBe(("True", admin ? "True" : "False"));
        }

        // Who they are in the collections is whom the invented world knows.
        var (token, _) = await _world.LoginAsync("test2@mail.com", password);
        (await _world.PostAsync("/api/v1/collections/shop/events", new { user = "u7", item = "tea", type = "purchase" }, token)).Status.ShouldBe(202);
        (await _world.GetAsync("/api/v1/collections/shop/users/u7/events", token)).Status.ShouldBe(200);
        (await _world.GetAsync("/api/v1/collections/shop/users/u9/events", token)).Status.ShouldBe(404);

        (await entry.AddDemoPeopleAsync(["u7", "u9"], CancellationToken.None)).Password.ShouldBe(password);
        (await _world.ScalarAsync<long>("select count(*) from people")).ShouldBe(3);
        File.Delete(file);
        var (_, renewed) = await entry.AddDemoPeopleAsync(["u7", "u9"], CancellationToken.None);
        renewed.ShouldNotBe(password);
        await _world.LoginAsync("test3@mail.com", renewed);
    }

    private Task<Reply> SendFormAsync(string path, string token, string password, string again) =>
        _world.PostAsync(path, new Dictionary<string, string>(StringComparer.Ordinal) { ["token"] = token, ["password"] = password, ["again"] = again }, page: true);

    // Everything of the page is in the page, and its policy lets nothing else in.
    private static string CheckPage(Reply page, int status)
    {
        page.Status.ShouldBe(status, page.Text);
        page.ContentType.ShouldBe("text/html");
        page.Text.ShouldNotContain("src=");
        page.Text.ShouldNotContain("href=");
        page.Text.ShouldNotContain("http");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'");
        policy.ShouldContain("form-action 'self'");
        policy.ShouldNotContain("unsafe");
        foreach (var tag in new[] { "style", "script" })
        {
            foreach (Match inline in Regex.Matches(page.Text, $"<{tag}>(?<text>.*?)</{tag}>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
            {
                policy.ShouldContain($"{tag}-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inline.Groups["text"].Value)))}'");
            }
        }

        return page.Text;
    }
}
