using System.Data.Common;
using Kindred.Accounts.Passwords;
using Kindred.Accounts.Tokens;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Accounts.People;

/// <summary>What became of an attempt: a person, or a refusal for all systems alike, or a fault that each system words itself.</summary>
/// <param name="Person">The person as stored now.</param>
/// <param name="Fault">What is wrong with the request.</param>
/// <param name="Reason">Why the password will not do.</param>
/// <param name="Refusal">Too many attempts, or no room to hash.</param>
internal readonly record struct Change(Person? Person, ChangeFault Fault = ChangeFault.None, string? Reason = null, ProblemHttpResult? Refusal = null);

internal enum ChangeFault
{
    None,

    /// <summary>Another account has the address.</summary>
    EmailTaken,

    /// <summary>See the reason.</summary>
    BadPassword,

    /// <summary>The code is unknown, used or too old; or the account is gone.</summary>
    BadCode,
}

/// <summary>Making accounts and changing what guards them: the same for every system.</summary>
internal sealed class Registration(
    Database database,
    PeopleStore people,
    Links links,
    Sessions sessions,
    PasswordGate gate,
    AttemptLimits limits,
    IEnumerable<IPeopleChanged> followers,
    Outbox outbox,
    AccountsOptions options,
    TimeProvider clock)
{
    /// <summary>Now, as rows keep it.</summary>
    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes an account, a vendor's or a customer's, and mails its confirmation. The address has been checked.</summary>
    public async Task<Change> RegisterAsync(Person asked, string password, Visit visit, CancellationToken cancellation, bool vendor = false)
    {
        if (limits.Take("address " + visit.Address, options.AttemptsPerMinute) is { } wait)
        {
            return new Change(null, Refusal: Platform.Web.Problems.TooMany("Too many attempts from this address.", wait));
        }

        if (PasswordRules.Check(password, asked.Email, options) is { } reason)
        {
            return new Change(null, ChangeFault.BadPassword, reason);
        }

        // Hashed before anybody looks whether the address is free: the answer to a taken one takes as long.
        if (await gate.HashAsync(password, cancellation) is not { } hash)
        {
            return Busy();
        }

        var added = await database.WriteAsync(
            async transaction =>
            {
                if (await people.AddAsync(transaction, asked with { Password = hash }, cancellation) is not { } person)
                {
                    return null;
                }

                await links.SendConfirmationAsync(transaction, person, visit.Language, cancellation);
                foreach (var follower in followers)
                {
                    await follower.OnRegisteredAsync(person.Record() with { IsVendor = vendor, Language = visit.Language }, transaction, cancellation);
                }

                return person;
            },
            cancellation);
        return added is null ? new Change(null, ChangeFault.EmailTaken) : new Change(added);
    }

    /// <summary>Follows a confirmation link: the person, or null.</summary>
    public Task<long?> ConfirmAsync(string code, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                var number = await links.UseConfirmationAsync(transaction, code, cancellation);
                if (number is { } person)
                {
                    await VerifyAsync(transaction, person, cancellation);
                }

                return number;
            },
            cancellation);

    /// <summary>Changes a person; a new password ends their other sessions, a new address has to be confirmed again, and both are told by mail.</summary>
    /// <param name="before">As stored.</param>
    /// <param name="after">As wanted; its password is not looked at.</param>
    /// <param name="password">A new password, or null.</param>
    /// <param name="session">The session that stays; null ends all.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Change> UpdateAsync(Person before, Person after, string? password, string? session, CancellationToken cancellation)
    {
        if (password is not null)
        {
            if (PasswordRules.Check(password, after.Email, options) is { } reason)
            {
                return new Change(null, ChangeFault.BadPassword, reason);
            }

            if (await gate.HashAsync(password, cancellation) is not { } hash)
            {
                return Busy();
            }

            after = after with { Password = hash };
        }

        var moved = Emails.Key(before.Email) != Emails.Key(after.Email);
        after = moved ? after with { VerifiedAt = null } : after;
        var stored = await database.WriteAsync(
            async transaction =>
            {
                if (!await people.UpdateAsync(transaction, after, cancellation))
                {
                    return false;
                }

                await RenamedAsync(transaction, before, after, cancellation);

                if (password is not null || after.DisabledAt is not null)
                {
                    await sessions.EndAllAsync(transaction, after.Number, after.DisabledAt is null ? session : null, cancellation);
                }

                if (password is not null)
                {
                    await links.TellPasswordAsync(transaction, after, before.Email, cancellation);
                }

                if (moved)
                {
                    await links.TellAddressAsync(transaction, after, before.Email, cancellation);
                    await links.SendConfirmationAsync(transaction, after, language: null, cancellation);
                }
                else if (!before.IsVerified && after.IsVerified)
                {
                    await FollowAsync(transaction, after, cancellation);
                }

                return true;
            },
            cancellation);
        sessions.Changed();
        return stored ? new Change(after) : new Change(null, ChangeFault.EmailTaken);
    }

    /// <summary>Sets a new password by a code from a mail, ends all sessions and counts the address as confirmed: the code came there.</summary>
    public async Task<Change> ResetAsync(string code, string password, Visit visit, CancellationToken cancellation)
    {
        if (limits.Take("address " + visit.Address, options.AttemptsPerMinute) is { } wait)
        {
            return new Change(null, Refusal: Platform.Web.Problems.TooMany("Too many attempts from this address.", wait));
        }

        // Looked at before it is used, so that a password that will not do does not cost the code.
        if (await links.FindResetAsync(code, cancellation) is not { } number || await people.FindAsync(number, cancellation) is not { } person)
        {
            return new Change(null, ChangeFault.BadCode);
        }

        if (PasswordRules.Check(password, person.Email, options) is { } reason)
        {
            return new Change(null, ChangeFault.BadPassword, reason);
        }

        if (await gate.HashAsync(password, cancellation) is not { } hash)
        {
            return Busy();
        }

        var used = await database.WriteAsync(
            async transaction =>
            {
                if (await links.UseResetAsync(transaction, code, cancellation) != number)
                {
                    return false;
                }

                await people.UpdateAsync(transaction, person with { Password = hash }, cancellation);
                await VerifyAsync(transaction, number, cancellation);
                await sessions.EndAllAsync(transaction, number, but: null, cancellation);
                await links.TellPasswordAsync(transaction, person, person.Email, cancellation);
                return true;
            },
            cancellation);
        sessions.Changed();
        if (used)
        {
            limits.Restore(Emails.Key(person.Email));
        }

        return used ? new Change(person) : new Change(null, ChangeFault.BadCode);
    }

    /// <summary>
    /// Takes an invitation: makes the account, or takes over the one that stands under the address, with a new password; gives the role. The code came
    /// by mail, so whoever has it has the address, and whoever had registered it before without confirming loses it.
    /// </summary>
    public async Task<Change> AcceptInvitationAsync(string code, string? email, Person asked, string password, Visit visit, CancellationToken cancellation)
    {
        if (limits.Take("address " + visit.Address, options.AttemptsPerMinute) is { } wait)
        {
            return new Change(null, Refusal: Platform.Web.Problems.TooMany("Too many attempts from this address.", wait));
        }

        if (await links.FindInvitationAsync(code, cancellation) is not var (key, role) || (email is not null && Emails.Key(email) != key))
        {
            return new Change(null, ChangeFault.BadCode);
        }

        if (PasswordRules.Check(password, key, options) is { } reason)
        {
            return new Change(null, ChangeFault.BadPassword, reason);
        }

        if (await gate.HashAsync(password, cancellation) is not { } hash)
        {
            return Busy();
        }

        var accepted = await database.WriteAsync(
            async transaction =>
            {
                if (!await links.UseInvitationAsync(transaction, code, cancellation))
                {
                    return null;
                }

                var person = await PeopleStore.FindAsync(transaction, key, cancellation);
                if (person is null)
                {
                    person = await people.AddAsync(transaction, asked with { Email = email?.Trim() ?? key, Password = hash }, cancellation);
                    foreach (var follower in followers)
                    {
                        await follower.OnRegisteredAsync(person!.Record(), transaction, cancellation);
                    }
                }
                else
                {
                    var before = person;
                    person = person with { Password = hash, Name = asked.Name ?? person.Name, Surname = asked.Surname ?? person.Surname };
                    await people.UpdateAsync(transaction, person, cancellation);
                    await RenamedAsync(transaction, before, person, cancellation);
                    await sessions.EndAllAsync(transaction, person.Number, but: null, cancellation);
                }

                await VerifyAsync(transaction, person!.Number, cancellation);
                await PeopleStore.GiveRoleAsync(transaction, person.Number, role, cancellation);
                return await PeopleStore.FindAsync(transaction, key, cancellation);
            },
            cancellation);
        sessions.Changed();
        return accepted is null ? new Change(null, ChangeFault.BadCode) : new Change(accepted);
    }

    /// <summary>Gives or takes a role, at once here and within a second elsewhere; false when that changes nothing.</summary>
    public async Task<bool> SetRoleAsync(long person, long role, bool has, CancellationToken cancellation)
    {
        var changed = await database.WriteAsync(
            transaction => has ? PeopleStore.GiveRoleAsync(transaction, person, role, cancellation) : PeopleStore.TakeRoleAsync(transaction, person, role, cancellation), cancellation);
        sessions.Changed();
        return changed > 0;
    }

    /// <summary>Deletes an account with everything that is kept about it; false when there is none.</summary>
    public async Task<bool> DeleteAsync(long number, CancellationToken cancellation)
    {
        var deleted = await database.WriteAsync(
            async transaction =>
            {
                if (await PeopleStore.FindAsync(transaction, number, cancellation) is not { } person)
                {
                    return false;
                }

                foreach (var follower in followers)
                {
                    await follower.OnDeletedAsync(person.Record(), transaction, cancellation);
                }

                await outbox.AddAsync(PeopleTopics.Deleted, new PersonDeleted(person.UserId, clock.GetUtcNow()), transaction, cancellation);
                return await PeopleStore.DeleteAsync(transaction, number, cancellation);
            },
            cancellation);
        sessions.Changed();
        return deleted;
    }

    /// <summary>Makes an account without a password, for somebody who gets a mail to choose one; null when the address is taken.</summary>
    public async Task<Person?> AddWithoutPasswordAsync(Person asked, CancellationToken cancellation)
    {
        var added = await database.WriteAsync(
            async transaction =>
            {
                if (await people.AddAsync(transaction, asked with { Password = "" }, cancellation) is not { } person)
                {
                    return null;
                }

                foreach (var follower in followers)
                {
                    await follower.OnRegisteredAsync(person.Record(), transaction, cancellation);
                }

                return person;
            },
            cancellation);
        if (added is not null)
        {
            await links.AskForResetAsync(added.Email, cancellation);
        }

        return added;
    }

    /// <summary>
    /// Makes the demo's accounts, confirmed, the first one an admin's; those that are there stay, with this password where it is new. An account whose
    /// user is given is that user in every collection.
    /// </summary>
    public async Task AddDemoAsync(IReadOnlyList<(string Email, string? User)> asked, string password, bool renew, CancellationToken cancellation)
    {
        if (await gate.HashAsync(password, cancellation) is not { } hash)
        {
            throw new InvalidOperationException("Nothing else hashes passwords while the demo is made.");
        }

        await database.WriteAsync(
            async transaction =>
            {
                for (var k = 0; k < asked.Count; k++)
                {
                    var (email, user) = asked[k];
                    var person = await PeopleStore.FindAsync(transaction, Emails.Key(email), cancellation);
                    if (person is null)
                    {
                        person = (await people.AddAsync(transaction, new Person { Email = email, Username = $"test_user{k + 1}", Password = hash, UserId = user ?? "" }, cancellation))!;
                        foreach (var follower in followers)
                        {
                            await follower.OnRegisteredAsync(person.Record(), transaction, cancellation);
                        }

                        await VerifyAsync(transaction, person.Number, cancellation);
                        if (k == 0)
                        {
                            await PeopleStore.GiveRoleAsync(transaction, person.Number, Role.AdminNumber, cancellation);
                        }
                    }
                    else if (renew)
                    {
                        await people.UpdateAsync(transaction, person with { Password = hash }, cancellation);
                    }
                }
            },
            cancellation);
    }

    private async Task VerifyAsync(DbTransaction transaction, long number, CancellationToken cancellation)
    {
        if (await people.VerifyAsync(transaction, number, cancellation) && await PeopleStore.FindAsync(transaction, number, cancellation) is { } person)
        {
            await FollowAsync(transaction, person, cancellation);
        }
    }

    private async Task RenamedAsync(DbTransaction transaction, Person before, Person after, CancellationToken cancellation)
    {
        if (after.Record() is var renamed && renamed != before.Record())
        {
            foreach (var follower in followers)
            {
                await follower.OnRenamedAsync(renamed, transaction, cancellation);
            }
        }
    }

    private async Task FollowAsync(DbTransaction transaction, Person person, CancellationToken cancellation)
    {
        if (!await PeopleStore.TellAsync(transaction, person, cancellation))
        {
            return;
        }

        var record = person.Record();
        await outbox.AddAsync(CinemaTopics.UserVerified, new UserVerified(record.Id, record.Email, record.Name), transaction, cancellation);
        foreach (var follower in followers)
        {
            await follower.OnVerifiedAsync(record, transaction, cancellation);
        }
    }

    private static Change Busy() => new(null, Refusal: Platform.Web.Problems.Unavailable("More passwords wait to be hashed than the queue holds.", PasswordGate.Wait));
}
