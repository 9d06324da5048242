using Kindred.Accounts.People;
using System.Security.Cryptography;
using System.Text;
using Kindred.Platform;
using Kindred.Platform.Storage;

namespace Kindred.Accounts;

/// <summary>A person as an operator sees them.</summary>
public sealed record PersonEntry(long Number, Guid Id, string Email, string Name, bool Verified, bool Active, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt);

/// <summary>What became of an invitation.</summary>
/// <param name="Email">Whom.</param>
/// <param name="Role">To what.</param>
/// <param name="Link">The link that the mail carries; null where the address had a confirmed account, which has the role now.</param>
public sealed record InvitationEntry(string Email, string Role, string? Link);

/// <summary>What the command line does with people.</summary>
public sealed class AccountsEntry
{
    private const string PasswordLine = "password: ";
    private readonly PeopleStore _people;
    private readonly Registration _registration;
    private readonly Links _links;
    private readonly Database _database;
    private readonly string _demoFile;

    internal AccountsEntry(PeopleStore people, Registration registration, Links links, Database database, PlatformSettings platform) =>
        (_people, _registration, _links, _database, _demoFile) = (people, registration, links, database, Path.Combine(platform.DataFolder, "demo-users.txt"));

    /// <summary>People, newest first.</summary>
    public async Task<IReadOnlyList<PersonEntry>> ListAsync(int most, CancellationToken cancellation)
    {
        List<PersonEntry> entries = [];
        foreach (var person in (await _people.ListAsync(only: null, 0, most, cancellation)).People)
        {
            var roles = await _people.ListRolesAsync(person.Number, cancellation);
            entries.Add(new PersonEntry(
                person.Number, Guid.Parse(person.Id), person.Email, person.CalledName, person.IsVerified, person.IsActive, [.. roles.Select(role => role.Name)], DateTimeOffset.FromUnixTimeMilliseconds(person.CreatedAt)));
        }

        return entries;
    }

    /// <summary>Names of all roles.</summary>
    public async Task<IReadOnlyList<string>> RolesAsync(CancellationToken cancellation) => [.. (await _people.ListRolesAsync(cancellation)).Select(role => role.Name)];

    /// <summary>
    /// Invites an address to a role by mail; an account with a confirmed address has it at once. One that is not confirmed does not: anybody could
    /// have made it.
    /// </summary>
    /// <exception cref="ArgumentException">No such role, or not an address.</exception>
    public async Task<InvitationEntry> InviteAsync(string email, string role, CancellationToken cancellation)
    {
        if (!Emails.IsValid(email))
        {
            throw new ArgumentException($"\"{email}\" is not an e-mail address.", nameof(email));
        }

        var wanted = (await _people.ListRolesAsync(cancellation)).FirstOrDefault(known => known.Name == role) ?? throw new ArgumentException($"There is no role \"{role}\".", nameof(role));
        if (await _people.FindAsync(email, cancellation) is { IsVerified: true } person)
        {
            await _registration.SetRoleAsync(person.Number, wanted.Number, has: true, cancellation);
            return new InvitationEntry(person.Email, wanted.Name, Link: null);
        }

        var code = await _database.WriteAsync(transaction => _links.InviteAsync(transaction, email, wanted, cancellation), cancellation);
        return new InvitationEntry(email.Trim(), wanted.Name, _links.InvitationLink(code));
    }

    /// <summary>
    /// The demo's people: <c>test1@mail.com</c>, an admin, and one account <c>testN@mail.com</c> for each of the users, who are them in the collections. All
    /// have one password, made at random the first time and kept in <c>demo-users.txt</c> of the data folder, which only its owner reads. Done twice, the second time changes nothing.
    /// </summary>
    /// <param name="users">User ids without an account yet, such as those of an invented world.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Addresses in the order of their numbers, the admin's first, and the password.</returns>
    public async Task<(IReadOnlyList<string> Emails, string Password)> AddDemoPeopleAsync(IReadOnlyList<string> users, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(users);
        var known = File.Exists(_demoFile) ? (await File.ReadAllLinesAsync(_demoFile, cancellation)).FirstOrDefault(line => line.StartsWith(PasswordLine, StringComparison.Ordinal)) : null;
        var password = known is null ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10)) : known[PasswordLine.Length..];
        string[] emails = [.. Enumerable.Range(1, users.Count + 1).Select(number => $"test{number}@mail.com")];
        if (known is null)
        {
            PrivateFiles.Write(_demoFile, Encoding.UTF8.GetBytes($"{PasswordLine}{password}\nadmin: {emails[0]}\n{string.Concat(emails.Skip(1).Select(email => $"user: {email}\n"))}"));
        }

        await _registration.AddDemoAsync([.. emails.Select((email, place) => (email, place == 0 ? null : users[place - 1]))], password, renew: known is null, cancellation);
        return (emails, password);
    }
}
