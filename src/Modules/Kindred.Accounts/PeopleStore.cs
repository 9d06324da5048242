using System.Data.Common;
using Dapper;
using Kindred.Accounts.People;
using Kindred.Contracts;
using Kindred.Platform.Storage;

namespace Kindred.Accounts;

/// <summary>All SQL about people, roles and the history of logins. What belongs to one change is one transaction of the caller's.</summary>
internal sealed class PeopleStore(Database database, TimeProvider clock) : IPeopleReader
{
    private const string Columns =
        """
        p.number as Number, p.id as Id, p.user_id as UserId, p.email as Email, p.username as Username, p.name as Name, p.surname as Surname,
        p.patronymic as Patronymic, p.password as Password, p.disabled_at as DisabledAt, p.verified_at as VerifiedAt, p.created_at as CreatedAt,
        (select count(*) from person_roles a where a.person = p.number and a.role = 2) as Admin
        """;

    private const string RoleColumns = "r.number as Number, r.id as Id, r.name as Name, r.permissions as Permissions";

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<Person?> FindAsync(long number, CancellationToken cancellation) => FindAsync("p.number = @number", new { number }, cancellation);

    public Task<Person?> FindAsync(Guid id, CancellationToken cancellation) => FindAsync("p.id = @id", new { id = id.ToString() }, cancellation);

    public Task<Person?> FindAsync(string email, CancellationToken cancellation) => FindAsync("p.email_key = @key", new { key = Emails.Key(email) }, cancellation);

    public static async Task<Person?> FindAsync(DbTransaction transaction, string emailKey, CancellationToken cancellation) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<Person>(new CommandDefinition(
            $"select {Columns} from people p where p.email_key = @emailKey", new { emailKey }, transaction, cancellationToken: cancellation));

    public static async Task<Person?> FindAsync(DbTransaction transaction, long number, CancellationToken cancellation) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<Person>(new CommandDefinition(
            $"select {Columns} from people p where p.number = @number", new { number }, transaction, cancellationToken: cancellation));

    public async Task<IReadOnlyDictionary<long, PersonRecord>> FindAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellation)
    {
        if (numbers.Count == 0)
        {
            return new Dictionary<long, PersonRecord>();
        }

        await using var connection = await database.OpenAsync(cancellation);
        var people = await connection.QueryAsync<Person>(new CommandDefinition($"select {Columns} from people p where p.number in ({string.Join(',', numbers)})", cancellationToken: cancellation));
        return people.ToDictionary(person => person.Number, person => person.Record());
    }

    async Task<PersonRecord?> IPeopleReader.FindAsync(Guid id, CancellationToken cancellation) => (await FindAsync(id, cancellation))?.Record();

    async Task<PersonRecord?> IPeopleReader.FindAsync(string email, CancellationToken cancellation) => (await FindAsync(email, cancellation))?.Record();

    /// <summary>A person by address, and whether they signed in from this network address since a moment.</summary>
    public async Task<(Person? Person, bool Known)> FindForLoginAsync(string email, string address, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = (await connection.QueryAsync<Person, long, (Person, long)>(
            new CommandDefinition(
                $"""
                select {Columns}, (select count(*) from login_history h where h.person = p.number and h.address = @address and h.at > @since) as Seen
                from people p where p.email_key = @key
                """,
                new { key = Emails.Key(email), address, since = since.ToUnixTimeMilliseconds() },
                cancellationToken: cancellation),
            (person, seen) => (person, seen),
            splitOn: "Seen")).AsList();
        return row is [var (person, seen)] ? (person, seen > 0) : (null, false);
    }

    /// <summary>People by number, newest first; all of them, or one.</summary>
    public async Task<(IReadOnlyList<Person> People, long Count)> ListAsync(long? only, int offset, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        const string which = "where (@all = 1 or p.number = @only)";
        var values = new { all = only is null ? 1 : 0, only = only ?? 0, offset, limit };
        var people = await connection.QueryAsync<Person>(new CommandDefinition(
            $"select {Columns} from people p {which} order by p.number desc limit @limit offset @offset", values, cancellationToken: cancellation));
        return (people.AsList(), await connection.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) from people p {which}", values, cancellationToken: cancellation)));
    }

    /// <summary>Adds a person, whose user id is the account's own where none is given; null when the address is taken.</summary>
    public async Task<Person?> AddAsync(DbTransaction transaction, Person person, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        var user = person.UserId.Length > 0 ? person.UserId : id;
        var number = await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            """
            insert into people(id, user_id, email, email_key, username, name, surname, patronymic, password, verified_at, created_at, updated_at)
            values (@id, @user, @Email, @key, @Username, @Name, @Surname, @Patronymic, @Password, @VerifiedAt, @now, @now)
            on conflict (email_key) do nothing returning number
            """,
            new { id, user, person.Email, key = Emails.Key(person.Email), person.Username, person.Name, person.Surname, person.Patronymic, person.Password, person.VerifiedAt, now = Now },
            transaction,
            cancellationToken: cancellation));
        return number is { } given ? person with { Number = given, Id = id, UserId = user, CreatedAt = Now } : null;
    }

    /// <summary>Writes everything a person can change; false when the address is another's by now.</summary>
    public async Task<bool> UpdateAsync(DbTransaction transaction, Person person, CancellationToken cancellation) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            update people set email = @Email, email_key = @key, username = @Username, name = @Name, surname = @Surname, patronymic = @Patronymic,
              password = @Password, disabled_at = @DisabledAt, verified_at = @VerifiedAt, updated_at = @now
            where number = @Number and not exists (select 1 from people o where o.email_key = @key and o.number <> @Number)
            """,
            new
            {
                person.Number, person.Email, key = Emails.Key(person.Email), person.Username, person.Name, person.Surname, person.Patronymic, person.Password,
                person.DisabledAt, person.VerifiedAt, now = Now,
            },
            transaction,
            cancellationToken: cancellation)) == 1;

    public static async Task<bool> DeleteAsync(DbTransaction transaction, long number, CancellationToken cancellation) =>
        await ExecuteAsync(transaction, "delete from people where number = @number", new { number }, cancellation) == 1;

    /// <summary>Renews the stored password, unless it was changed in the meantime.</summary>
    public Task<int> RehashAsync(Person person, string password, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => ExecuteAsync(transaction, "update people set password = @renewed where number = @Number and password = @Password", new { person.Number, person.Password, renewed = password }, cancellation),
            cancellation);

    /// <summary>Marks the address as confirmed; false when it was already.</summary>
    public async Task<bool> VerifyAsync(DbTransaction transaction, long number, CancellationToken cancellation) =>
        await ExecuteAsync(transaction, "update people set verified_at = @Now where number = @number and verified_at is null", new { number, Now }, cancellation) == 1;

    /// <summary>Notes that the others are told of the person's confirmed address; false when they were before.</summary>
    public static async Task<bool> TellAsync(DbTransaction transaction, Person person, CancellationToken cancellation) =>
        await ExecuteAsync(
            transaction, "insert into told_addresses(person, email_key) values (@Number, @key) on conflict do nothing", new { person.Number, key = Emails.Key(person.Email) }, cancellation) == 1;

    public async Task<IReadOnlyList<Role>> ListRolesAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<Role>(new CommandDefinition($"select {RoleColumns} from roles r order by r.number", cancellationToken: cancellation))).AsList();
    }

    /// <summary>The roles given to a person; everybody's own role is not among them.</summary>
    public async Task<IReadOnlyList<Role>> ListRolesAsync(long person, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<Role>(new CommandDefinition(
            $"select {RoleColumns} from roles r join person_roles a on a.role = r.number where a.person = @person order by r.number", new { person }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Adds a role; null when the name is taken.</summary>
    public Task<Role?> AddRoleAsync(string name, string permissions, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        return database.WriteAsync(
            async transaction => await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
                "insert into roles(id, name, permissions) values (@id, @name, @permissions) on conflict (name) do nothing returning number",
                new { id, name, permissions },
                transaction,
                cancellationToken: cancellation)) is { } number
                ? new Role { Number = number, Id = id, Name = name, Permissions = permissions }
                : null,
            cancellation);
    }

    /// <summary>Changes a role that is not built in; false when there is none, or the name is another's.</summary>
    public Task<bool> UpdateRoleAsync(Role role, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction => await ExecuteAsync(
                transaction,
                "update roles set name = @Name, permissions = @Permissions where number = @Number and number > 2 and not exists (select 1 from roles o where o.name = @Name and o.number <> @Number)",
                new { role.Number, role.Name, role.Permissions },
                cancellation) == 1,
            cancellation);

    public Task<int> DeleteRoleAsync(long number, CancellationToken cancellation) =>
        database.WriteAsync(transaction => ExecuteAsync(transaction, "delete from roles where number = @number and number > 2", new { number }, cancellation), cancellation);

    public static Task<int> GiveRoleAsync(DbTransaction transaction, long person, long role, CancellationToken cancellation) =>
        ExecuteAsync(transaction, "insert into person_roles(person, role) values (@person, @role) on conflict do nothing", new { person, role }, cancellation);

    /// <summary>Takes a role away, but not the last admin's.</summary>
    public static Task<int> TakeRoleAsync(DbTransaction transaction, long person, long role, CancellationToken cancellation) =>
        ExecuteAsync(
            transaction,
            "delete from person_roles where person = @person and role = @role and (role <> 2 or exists (select 1 from person_roles o where o.role = 2 and o.person <> @person))",
            new { person, role },
            cancellation);

    /// <summary>One line of history and the moment of the last login.</summary>
    public async Task RecordLoginAsync(DbTransaction transaction, long person, Visit visit, CancellationToken cancellation)
    {
        await ExecuteAsync(
            transaction,
            "insert into login_history(id, person, device, user_agent, address, at) values (@id, @person, @device, @UserAgent, @Address, @Now)",
            new { id = Guid.CreateVersion7(clock.GetUtcNow()).ToString(), person, device = visit.Device, visit.UserAgent, visit.Address, Now },
            cancellation);
        await ExecuteAsync(transaction, "update people set last_login_at = @Now where number = @person", new { person, Now }, cancellation);
    }

    /// <summary>A person's logins, newest first.</summary>
    public async Task<IReadOnlyList<LoginRow>> ListLoginsAsync(long person, int offset, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<LoginRow>(new CommandDefinition(
            "select id as Id, user_agent as UserAgent, at as At from login_history where person = @person order by at desc, id desc limit @limit offset @offset",
            new { person, offset, limit },
            cancellationToken: cancellation))).AsList();
    }

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation));

    private async Task<Person?> FindAsync(string which, object values, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Person>(new CommandDefinition($"select {Columns} from people p where {which}", values, cancellationToken: cancellation));
    }
}

/// <summary>One login.</summary>
internal sealed record LoginRow
{
    public string Id { get; init; } = "";

    public string UserAgent { get; init; } = "";

    public long At { get; init; }
}
