using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Kindred.Accounts;

/// <summary>Section <c>accounts</c>.</summary>
public sealed record AccountsOptions
{
    /// <summary>Address of this server as people reach it, for the links in mails; without a slash at its end.</summary>
    public string PublicUrl { get; init; } = "http://127.0.0.1:8000";

    /// <summary>Where a followed confirmation link leads: a path of this server or an address.</summary>
    public string ConfirmedPage { get; init; } = "/confirmed";

    /// <summary>Page of the mail about a forgotten password; the code is appended as <c>#token=</c>, which no server sees.</summary>
    public string ResetPage { get; init; } = "/reset-password";

    /// <summary>Page of an invitation, as <see cref="ResetPage"/>.</summary>
    public string InvitationPage { get; init; } = "/invitation";

    /// <summary>Who signs the tokens: claim <c>iss</c>.</summary>
    public string Issuer { get; init; } = "kindred";

    /// <summary>Whom they are for: claim <c>aud</c>.</summary>
    public string Audience { get; init; } = "kindred";

    /// <summary>How long an access token is good. 1 minute to 1 day.</summary>
    public TimeSpan AccessLifetime { get; init => field = InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);

    /// <summary>How long an access token of the vendors' shop is good, whose clients do not refresh. 1 minute to 1 day.</summary>
    public TimeSpan VendorAccessLifetime { get; init => field = InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromDays(1);

    /// <summary>How long a refresh token is good; each refresh gives a new one. 1 hour to 30 days.</summary>
    public TimeSpan RefreshLifetime { get; init => field = InRange(value, TimeSpan.FromHours(1), TimeSpan.FromDays(30)); } = TimeSpan.FromDays(1);

    /// <summary>How long a session lasts however often it is refreshed. 1 hour to 365 days.</summary>
    public TimeSpan SessionLifetime { get; init => field = InRange(value, TimeSpan.FromHours(1), TimeSpan.FromDays(365)); } = TimeSpan.FromDays(30);

    /// <summary>How long a signing key signs; its tokens stay good until they expire. 1 to 365 days.</summary>
    public TimeSpan KeyLifetime { get; init => field = InRange(value, TimeSpan.FromDays(1), TimeSpan.FromDays(365)); } = TimeSpan.FromDays(90);

    /// <summary>How long links in mails are good: confirmation and reset. 5 minutes to 1 day.</summary>
    public TimeSpan LinkLifetime { get; init => field = InRange(value, TimeSpan.FromMinutes(5), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);

    /// <summary>How long an invitation is good. 1 hour to 30 days.</summary>
    public TimeSpan InvitationLifetime { get; init => field = InRange(value, TimeSpan.FromHours(1), TimeSpan.FromDays(30)); } = TimeSpan.FromDays(3);

    /// <summary>Fewest characters of a password. 8-64; 15 where it is the only thing that guards anything of worth.</summary>
    public int PasswordMinimum { get; init => field = InRange(value, 8, 64); } = 8;

    /// <summary>Rounds of PBKDF2-HMAC-SHA512; stored hashes with fewer are renewed at the next login. 210,000-10,000,000.</summary>
    public int PasswordRounds { get; init => field = InRange(value, 210_000, 10_000_000); } = 210_000;

    /// <summary>Passwords hashed at once; 0 means half the processors, at least one. 0-256.</summary>
    public int PasswordWorkers { get; init => field = InRange(value, 0, 256); }

    /// <summary>Passwords that may wait for a worker; above it requests are answered 503. 0-10,000.</summary>
    public int PasswordQueue { get; init => field = InRange(value, 0, 10_000); } = 64;

    /// <summary>Password checks a minute for one account, from addresses it was not used from before; each address it was used from has as many of its own. 2-1,000.</summary>
    public int LoginsPerMinute { get; init => field = InRange(value, 2, 1_000); } = 10;

    /// <summary>Attempts a minute from one address: logins, registrations, resets, links. 2-1,000,000.</summary>
    public int AttemptsPerMinute { get; init => field = InRange(value, 2, 1_000_000); } = 120;

    /// <summary>Mails an hour that anybody can cause to one address. 1-1,000.</summary>
    public int MailsPerHour { get; init => field = InRange(value, 1, 1_000); } = 5;

    private static T InRange<T>(T value, T least, T most, [CallerMemberName] string name = "")
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"accounts.{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)} lies in {least} to {most}.");
}
