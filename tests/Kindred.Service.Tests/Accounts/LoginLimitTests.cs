using System.Diagnostics;
using System.Net;
using Kindred.Accounts;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

public sealed class LoginLimitTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(61)]
    public void No_minute_sees_more_attempts_than_the_limit(int perMinute)
    {
        var clock = new OffsetClock();
        var limits = new AttemptLimits(clock);
        List<TimeSpan> taken = [];
        for (var second = 0; second < 600; second++)
        {
            for (var k = 0; k < perMinute + 5; k++)
            {
                if (limits.Take("who", perMinute) is null)
                {
                    taken.Add(TimeSpan.FromSeconds(second));
                }
            }

            clock.Advance(TimeSpan.FromSeconds(1));
        }

        for (var start = 0; start < 540; start++)
        {
            taken.Count(at => at.TotalSeconds >= start && at.TotalSeconds < start + 60).ShouldBeLessThanOrEqualTo(perMinute);
        }

        taken.Count.ShouldBeGreaterThan(10 * (perMinute - Math.Max(1, perMinute / 2)) - 1, "and it is not stricter than half of it");
        while (limits.Take("who", perMinute) is null)
        {
        }

        var wait = limits.Take("who", perMinute).ShouldNotBeNull();
        limits.Take("somebody else", perMinute).ShouldBeNull();
        clock.Advance(wait);
        limits.Take("who", perMinute).ShouldBeNull("it told how long to wait");
    }

    [Fact]
    public async Task F6_Guessing_from_many_addresses_is_held_off_while_the_owner_logs_in()
    {
        await using var world = await StartAsync(options: new AccountsOptions());
        await world.RegisterAsync("anna@example.org");
        using var home = world.NewClient(IPAddress.Parse("127.0.7.7"));
        (await LoginAsync(world, home, "anna@example.org", Password)).Status.ShouldBe(200, "her address is known from now on");
        List<Reply> replies = [];
        var start = Stopwatch.GetTimestamp();
        for (var k = 0; k < 200; k++)
        {
            using var stranger = world.NewClient(IPAddress.Parse($"127.0.8.{k + 1}"));
            replies.Add(await LoginAsync(world, stranger, "anna@example.org", $"guess number {k}"));
        }

        // The clock runs on while they guess: at most ten checks a minute, begun ones included.
        var minutes = (int)Math.Ceiling(Stopwatch.GetElapsedTime(start).TotalMinutes);
        replies.Count(reply => reply.Status == 400).ShouldBeLessThanOrEqualTo(10 * minutes);
        var held = replies.Where(reply => reply.Status == 429).ToArray();
        held.Length.ShouldBeGreaterThanOrEqualTo(200 - (10 * minutes));
        held.ShouldAllBe(reply => reply.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        (await LoginAsync(world, home, "anna@example.org", Password)).Status.ShouldBe(200, "from where she was before");
    }

    [Fact]
    public async Task F6_A_hundred_failures_in_a_row_leave_an_account_to_addresses_it_knows_and_to_the_mail()
    {
        await using var world = await StartAsync(options: new AccountsOptions { AttemptsPerMinute = 1_000_000, LoginsPerMinute = 1000 });
        await world.RegisterAsync("anna@example.org");
        var limits = world.Get<AttemptLimits>();
        for (var k = 0; k < 99; k++)
        {
            limits.Failed("anna@example.org");
        }

        (await world.PostAsync("/auth/v1/jwt/login", Form("anna@example.org", "wrong password"))).Status.ShouldBe(400);
        var suspended = await world.PostAsync("/auth/v1/jwt/login", Form("anna@example.org"));
        suspended.Status.ShouldBe(429, "also with the right password: an answer would tell");
        await world.PostAsync("/auth/v1/users/forgot-password", new { email = "anna@example.org" });
        (await world.PostAsync("/auth/v1/users/reset-password", new { token = Token((await world.MailsAsync())[^1]), password = "a fresh password" })).Status.ShouldBe(200);
        await world.LoginAsync("anna@example.org", "a fresh password");
    }

    [Fact]
    public async Task F6_One_address_trying_many_accounts_is_held_off()
    {
        await using var world = await StartAsync(options: new AccountsOptions { AttemptsPerMinute = 10 });
        List<int> statuses = [];
        for (var k = 0; k < 30; k++)
        {
            statuses.Add((await world.PostAsync("/auth/v1/jwt/login", Form($"user{k}@example.org", "one password"))).Status);
        }

        statuses.Count(status => status == 400).ShouldBeInRange(5, 10);
        statuses.Count(status => status == 429).ShouldBeGreaterThanOrEqualTo(20);
        foreach (var path in new[] { "/auth/v1/register", "/register", "/api/v1/auth/register/", "/auth/v1/users/forgot-password", "/api/v1/auth/login/" })
        {
            var body = new { username = "a", email = "new@example.org", password = Password, role_id = 1, first_name = "a", last_name = "b" };
            (await world.PostAsync(path, body)).Status.ShouldBe(429, path);
        }

        using var elsewhere = world.NewClient(IPAddress.Parse("127.0.9.9"));
        (await LoginAsync(world, elsewhere, "anna@example.org", "one password")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task F7_Known_and_unknown_addresses_take_the_same_time()
    {
        await using var world = await StartAsync(options: new AccountsOptions { AttemptsPerMinute = 1_000_000, LoginsPerMinute = 1000 });
        await world.RegisterAsync("anna@example.org");
        const int samples = 25;
        foreach (var path in new[] { "/auth/v1/jwt/login", "/auth/v1/users/forgot-password" })
        {
            List<double> known = [], unknown = [];
            for (var k = 0; k < samples; k++)
            {
                known.Add(await TimeAsync(world, path, "anna@example.org"));
                unknown.Add(await TimeAsync(world, path, "nobody@example.org"));
            }

            // Medians of interleaved samples; the machine is busy, so the bound is wide, but a hash left out would show as a ratio of ten.
            var ratio = Median(known) / Median(unknown);
            ratio.ShouldBeInRange(0.5, 2, path);
            TestContext.Current.SendDiagnosticMessage($"{path}: known {Median(known):0.00} ms, unknown {Median(unknown):0.00} ms, ratio {ratio:0.000}");
        }
    }

    [Fact]
    public async Task F2_What_was_ended_stays_ended_after_a_restart()
    {
        var options = new AccountsOptions { AttemptsPerMinute = 1_000_000 };
        await using var before = await StartAsync(options: options);
        await before.RegisterAsync("anna@example.org");
        var (ended, refresh) = await before.LoginAsync("anna@example.org");
        var (alive, _) = await before.LoginAsync("anna@example.org");
        (await before.PostAsync("/auth/v1/jwt/logout", bearer: ended)).Status.ShouldBe(204);
        await using var after = await StartAsync(options: options, folder: before.Folder);
        (await after.GetAsync("/auth/v1/users/me", ended)).Status.ShouldBe(401);
        (await after.PostAsync("/api/v1/auth/refresh/", new { refresh })).Status.ShouldBe(401);
        (await after.GetAsync("/auth/v1/users/me", alive)).Status.ShouldBe(200, "and what was not goes on");
    }

    [Fact]
    public async Task B_14_Only_named_origins_may_call_with_credentials()
    {
        await using var world = await StartAsync(web: new Platform.Web.WebSettings { AllowedOrigins = ["http://localhost:3000"] });
        var asked = await world.SendAsync(HttpMethod.Options, "/login", headers: [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST")]);
        asked.Status.ShouldBe(204);
        asked.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["http://localhost:3000"]);
        asked.Headers.GetValues("Access-Control-Allow-Credentials").ShouldBe(["true"]);
        var methods = string.Join(',', asked.Headers.GetValues("Access-Control-Allow-Methods"));
        new[] { "GET", "POST", "OPTIONS", "DELETE", "PATCH", "PUT" }.ShouldAllBe(method => methods.Contains(method));
        var answered = await world.SendAsync(HttpMethod.Get, "/whoami", headers: ("Origin", "http://localhost:3000"));
        answered.Status.ShouldBe(401);
        answered.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["http://localhost:3000"]);
        var stranger = await world.SendAsync(HttpMethod.Get, "/whoami", headers: ("Origin", "http://localhost:3001"));
        stranger.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();

        await using var none = await StartAsync();
        (await none.SendAsync(HttpMethod.Get, "/whoami", headers: ("Origin", "http://localhost:3000"))).Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse("nobody unless named");
    }

    private static Task<Reply> LoginAsync(AccountsWorld world, HttpClient client, string email, string password) =>
        world.SendAsync(HttpMethod.Post, "/auth/v1/jwt/login", Form(email, password), client: client);

    private static async Task<double> TimeAsync(AccountsWorld world, string path, string email)
    {
        var start = Stopwatch.GetTimestamp();
        var reply = await world.PostAsync(path, path.EndsWith("login", StringComparison.Ordinal) ? Form(email, "wrong password") : new { email });
        reply.Status.ShouldBeOneOf(202, 400);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
