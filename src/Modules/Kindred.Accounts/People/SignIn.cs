using Kindred.Accounts.Passwords;
using Kindred.Accounts.Tokens;
using Kindred.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Accounts.People;

/// <summary>What became of a login: tokens, or a refusal; neither means that address and password do not belong together.</summary>
internal readonly record struct Login(Person? Person, TokenPair? Tokens, ProblemHttpResult? Refusal = null);

/// <summary>
/// Logging in, the same for every system. Known and unknown addresses, right and wrong passwords, disabled accounts: one hash each, and one answer
/// for all that fails.
/// </summary>
internal sealed class SignIn(
    Database database, PeopleStore people, Sessions sessions, PasswordGate gate, AttemptLimits limits, AccountsOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_knownFor = TimeSpan.FromDays(30);

    public async Task<Login> SignInAsync(string email, string password, Visit visit, SessionTerms terms, CancellationToken cancellation)
    {
        if (limits.Take("address " + visit.Address, options.AttemptsPerMinute) is { } wait)
        {
            return new Login(null, null, Platform.Web.Problems.TooMany("Too many attempts from this address.", wait));
        }

        if (!Emails.IsValid(email) || password.Length > PasswordRules.Maximum)
        {
            return default;
        }

        var (person, checkedOut) = await CheckAsync(email, password, visit, cancellation);
        if (checkedOut is { } refusal)
        {
            return new Login(null, null, refusal);
        }

        if (person is null)
        {
            return default;
        }

        var tokens = await database.WriteAsync(
            async transaction =>
            {
                await people.RecordLoginAsync(transaction, person.Number, visit, cancellation);
                return await sessions.OpenAsync(transaction, person, terms, cancellation);
            },
            cancellation);
        if (gate.IsWeak(person.Password) && await gate.HashAsync(password, cancellation) is { } renewed)
        {
            await people.RehashAsync(person, renewed, cancellation);
        }

        return new Login(person, tokens);
    }

    /// <summary>Checks a person's own password again before something that matters; counts as an attempt to log in.</summary>
    public async Task<(bool Fits, ProblemHttpResult? Refusal)> CheckAgainAsync(Person person, string password, Visit visit, CancellationToken cancellation)
    {
        if (password.Length > PasswordRules.Maximum)
        {
            return (false, null);
        }

        var (again, refusal) = await CheckAsync(person.Email, password, visit, cancellation);
        return (again?.Number == person.Number, refusal);
    }

    private async Task<(Person? Person, ProblemHttpResult? Refusal)> CheckAsync(string email, string password, Visit visit, CancellationToken cancellation)
    {
        // An address the person used before has attempts of its own, so strangers who use up the account's do not lock its owner out.
        var account = Emails.Key(email);
        var (person, known) = await people.FindForLoginAsync(email, visit.Address, clock.GetUtcNow() - s_knownFor, cancellation);
        var bucket = known ? $"login {account} {visit.Address}" : "login " + account;
        if (!known && limits.IsSuspended(account))
        {
            return (null, Platform.Web.Problems.TooMany("Too many failed logins: set a new password by e-mail, or log in from where you did before.", AttemptLimits.Suspension));
        }

        if (limits.Take(bucket, options.LoginsPerMinute) is { } wait)
        {
            return (null, Platform.Web.Problems.TooMany("Too many attempts for this account.", wait));
        }

        if (await gate.FitsAsync(password, person?.Password, cancellation) is not { } fits)
        {
            return (null, Platform.Web.Problems.Unavailable("More passwords wait to be checked than the queue holds.", PasswordGate.Wait));
        }

        if (!fits || person is not { IsActive: true })
        {
            limits.Failed(account);
            return (null, null);
        }

        limits.Succeeded(account, bucket);
        return (person, null);
    }
}
