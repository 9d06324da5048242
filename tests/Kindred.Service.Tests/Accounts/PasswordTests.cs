using System.Diagnostics;
using Kindred.Accounts;
using Kindred.Accounts.Passwords;

namespace Kindred.Service.Tests.Accounts;

public sealed class PasswordTests
{
    private const string Email = "anna.karenina@example.org";

    [Theory]
    [InlineData("correct horse battery", true)]
    [InlineData("8 chars!", true)]
    [InlineData("7 chars", false)]
    [InlineData("", false)]
    [InlineData("        ", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("password", false)]
    [InlineData("PassWord", false)]
    [InlineData("Password2026!", false)]
    [InlineData("qwertyuiop", false)]
    [InlineData("1234567890", false)]
    [InlineData("trustno1", false)]
    [InlineData("Kindred123", false)]
    [InlineData("anna.karenina@example.org", false)]
    [InlineData("my ANNA.karenina@example.org!", false)]
    [InlineData("anna.karenina1", false)]
    [InlineData("anna.karenina likes long trains", true)]
    [InlineData("пароль из слов", true)]
    [InlineData("lone \ud800 surrogate", false)]
    [InlineData("\0\0 zero bytes are bytes", true)]
    public void F8_A_password_is_long_enough_not_a_common_one_and_not_the_address(string password, bool good) =>
        (PasswordRules.Check(password, Email, new AccountsOptions()) is null).ShouldBe(good, PasswordRules.Check(password, Email, new AccountsOptions()));

    [Fact]
    public void F8_Length_is_counted_in_characters_from_8_to_1024()
    {
        string[] faces = ["\U0001F600", "\U0001F680", "\U0001F40D", "\U0001F984"];
        var emoji = string.Concat(Enumerable.Range(0, 64).Select(k => faces[k % 4]));
        PasswordRules.Check(emoji, Email, new AccountsOptions()).ShouldBeNull();
        PasswordRules.Check(string.Concat(faces) + "abc", Email, new AccountsOptions()).ShouldNotBeNull("seven characters, though eleven UTF-16 units");
        PasswordRules.Check(string.Concat(Enumerable.Range(0, 256).Select(k => $"{k % 10}abc")), Email, new AccountsOptions()).ShouldBeNull();
        PasswordRules.Check(string.Concat(Enumerable.Range(0, 256).Select(k => $"{k % 10}abc")) + "x", Email, new AccountsOptions()).ShouldNotBeNull();
        PasswordRules.Check("fourteen chars", Email, new AccountsOptions { PasswordMinimum = 15 }).ShouldNotBeNull();
    }

    [Fact]
    public void F9_A_stored_password_names_its_scheme_rounds_and_salt()
    {
        var stored = PasswordHash.Create("correct horse battery", 210_000);
        var parts = stored.Split('$');
        (parts[0], parts[1]).ShouldBe(("pbkdf2-sha512", "210000"));
        Convert.FromBase64String(parts[2]).Length.ShouldBe(16);
        Convert.FromBase64String(parts[3]).Length.ShouldBe(32);
        PasswordHash.Create("correct horse battery", 210_000).ShouldNotBe(stored, "each has a salt of its own");
        PasswordHash.Fits("correct horse battery", stored).ShouldBeTrue();
        PasswordHash.Fits("correct horse batterY", stored).ShouldBeFalse();
        PasswordHash.Fits("correct horse battery ", stored).ShouldBeFalse("nothing is trimmed");
        PasswordHash.Fits("anything", "").ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => new AccountsOptions { PasswordRounds = 209_999 });
    }

    [Fact]
    public void F9_The_hash_is_PBKDF2_as_the_vectors_have_it()
    {
        // PBKDF2-HMAC-SHA512, "password", "salt", 1 round, 64 bytes; the first 32 are what 32 asked for give.
        var salt = Convert.ToBase64String("salt"u8);
        var hash = Convert.ToBase64String(Convert.FromHexString("867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"));
        PasswordHash.Fits("password", $"pbkdf2-sha512$1${salt}${hash}").ShouldBeTrue();
    }

    [Fact]
    public async Task F9_A_login_renews_a_hash_with_fewer_rounds()
    {
        await using var world = await AccountsWorld.StartAsync(options: new AccountsOptions { PasswordRounds = 220_000 });
        await world.RegisterAsync("anna@example.org");
        var weak = PasswordHash.Create(AccountsWorld.Password, 210_000);
        await world.ScalarAsync<long>($"update people set password = '{weak}' returning 1");
        await world.LoginAsync("anna@example.org");
        (await world.ScalarAsync<string>("select password from people"))!.ShouldStartWith("pbkdf2-sha512$220000$");
        await world.LoginAsync("anna@example.org");
    }

    [Fact]
    public async Task The_gate_hashes_few_at_a_time_and_sends_the_rest_away()
    {
        using var gate = new PasswordGate(new AccountsOptions { PasswordWorkers = 1, PasswordQueue = 2 });
        var asked = Enumerable.Range(0, 8).Select(_ => Task.Run(() => gate.FitsAsync("x", null, CancellationToken.None).AsTask())).ToArray();
        var answers = await Task.WhenAll(asked);
        answers.Count(answer => answer is null).ShouldBeInRange(1, 7);
        answers.ShouldAllBe(answer => answer != true);
        (await gate.FitsAsync("x", null, CancellationToken.None)).ShouldBe(false, "room comes back");
    }

    [Fact]
    public async Task A_flood_of_logins_is_answered_503_with_Retry_After_and_everything_else_goes_on()
    {
        await using var world = await AccountsWorld.StartAsync(options: new AccountsOptions { PasswordWorkers = 1, PasswordQueue = 1, AttemptsPerMinute = 1_000_000 });
        var flood = Enumerable.Range(0, 12).Select(k => world.PostAsync("/auth/v1/jwt/login", AccountsWorld.Form($"user{k}@example.org"))).ToArray();
        (await world.GetAsync("/health/live")).Status.ShouldBe(200);
        var replies = await Task.WhenAll(flood);
        var away = replies.Where(reply => reply.Status == 503).ToArray();
        away.ShouldNotBeEmpty();
        away.ShouldAllBe(reply => reply.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        replies.Where(reply => reply.Status != 503).ShouldAllBe(reply => reply.Status == 400);
    }

    [Fact]
    public async Task F8_Ten_megabytes_of_password_are_refused_before_hashing()
    {
        await using var world = await AccountsWorld.StartAsync();
        var start = Stopwatch.GetTimestamp();
        var body = new { email = "anna@example.org", password = new string('x', 10 << 20) };
        (await world.SendAsync(HttpMethod.Post, "/auth/v1/register", body, headers: ("Expect", "100-continue"))).Status.ShouldBe(413);
        (await world.PostAsync("/auth/v1/register", new { email = "anna@example.org", password = new string('x', 5000) })).Status.ShouldBe(400);
        Stopwatch.GetElapsedTime(start).TotalSeconds.ShouldBeLessThan(5);
    }
}
