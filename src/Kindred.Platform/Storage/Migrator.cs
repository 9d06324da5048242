using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Kindred.Platform.Storage;

/// <summary>A module's migrations: SQL files embedded in its assembly as <c>Migrations/0001_name.sqlite.sql</c> and <c>….postgres.sql</c>.</summary>
/// <param name="Module">Name in the table of applied ones.</param>
/// <param name="Assembly">Where the files are embedded.</param>
public sealed record MigrationSource(string Module, Assembly Assembly);

/// <summary>One migration: its SQL for this database and whether it was applied.</summary>
/// <param name="Module">Module it belongs to.</param>
/// <param name="Number">Place within the module.</param>
/// <param name="Name">Name of the file without number and dialect.</param>
/// <param name="Sql">Statements.</param>
/// <param name="Sha256">Checksum of the statements, lower-case hex.</param>
/// <param name="Applied">True when the database has it.</param>
public sealed record Migration(string Module, int Number, string Name, string Sql, string Sha256, bool Applied);

/// <summary>The schema does not fit this program; the message says what to do.</summary>
public sealed class MigrationException(string message) : Exception(message);

/// <summary>
/// Brings the schema up to this program's. An applied file that changed since, and a schema newer than the program, are refused. Everything
/// missing is applied in one transaction, so a killed migration leaves the old schema, and two processes that start at once apply it once.
/// </summary>
public sealed class Migrator(Database database, IEnumerable<MigrationSource> sources, TimeProvider clock)
{
    private const long LockKey = 0x6b696e64726564; // "kindred"

    private const string Table =
        """
        create table if not exists schema_migrations(
          module text not null, number integer not null, name text not null, sha256 text not null, applied_at text not null, primary key (module, number))
        """;

    /// <summary>All migrations in the order they are applied, with what the database has.</summary>
    /// <exception cref="MigrationException">An applied one was altered, or the schema is newer than this program.</exception>
    public async Task<IReadOnlyList<Migration>> PlanAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var exists = database.Dialect == Dialect.Sqlite
            ? "select count(*) from sqlite_master where name = 'schema_migrations'"
            : "select count(*) from pg_tables where tablename = 'schema_migrations' and schemaname = current_schema()";
        var known = await connection.ExecuteScalarAsync<long>(new CommandDefinition(exists, cancellationToken: cancellation)) > 0;
        return Compare(known ? await AppliedAsync(connection, null, cancellation) : []);
    }

    /// <summary>Applies what is missing; returns what it applied.</summary>
    /// <exception cref="MigrationException">As <see cref="PlanAsync"/>; nothing is changed then.</exception>
    public Task<IReadOnlyList<Migration>> ApplyAsync(CancellationToken cancellation) =>
        database.WriteAsync<IReadOnlyList<Migration>>(
            async transaction =>
            {
                var connection = transaction.Connection!;
                if (database.Dialect == Dialect.Postgres)
                {
                    await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_xact_lock(@LockKey)", new { LockKey }, transaction, cancellationToken: cancellation));
                }

                await connection.ExecuteAsync(new CommandDefinition(Table, transaction: transaction, cancellationToken: cancellation));
                var missing = Compare(await AppliedAsync(connection, transaction, cancellation)).Where(migration => !migration.Applied).ToArray();
                foreach (var migration in missing)
                {
                    await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellation));
                    await connection.ExecuteAsync(new CommandDefinition(
                        "insert into schema_migrations(module, number, name, sha256, applied_at) values (@Module, @Number, @Name, @Sha256, @At)",
                        new { migration.Module, migration.Number, migration.Name, migration.Sha256, At = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) },
                        transaction,
                        cancellationToken: cancellation));
                }

                return missing;
            },
            cancellation);

    private static async Task<List<AppliedMigration>> AppliedAsync(DbConnection connection, DbTransaction? transaction, CancellationToken cancellation) =>
        (await connection.QueryAsync<AppliedMigration>(new CommandDefinition(
            "select module, number, name, sha256 from schema_migrations order by module, number", transaction: transaction, cancellationToken: cancellation))).AsList();

    private IReadOnlyList<Migration> Compare(List<AppliedMigration> applied)
    {
        var ours = sources.SelectMany(Files).ToList();
        foreach (var row in applied)
        {
            if (ours.Find(migration => migration.Module == row.Module && migration.Number == row.Number) is not { } file)
            {
                throw new MigrationException(
                    $"The database holds migration {row.Module}/{row.Number:D4}_{row.Name}, which this program does not know: it was written by a newer version. Run that version, or restore a backup made before the upgrade.");
            }

            if (file.Sha256 != row.Sha256)
            {
                throw new MigrationException(
                    $"Migration {row.Module}/{row.Number:D4}_{row.Name} was altered after this database applied it (checksum {row.Sha256[..12]}…, now {file.Sha256[..12]}…). Applied migrations never change; add a new one.");
            }
        }

        return [.. ours.Select(migration => migration with { Applied = applied.Exists(row => row.Module == migration.Module && row.Number == migration.Number) })];
    }

    private IEnumerable<Migration> Files(MigrationSource source)
    {
        var ending = database.Dialect == Dialect.Sqlite ? ".sqlite.sql" : ".postgres.sql";
        foreach (var resource in source.Assembly.GetManifestResourceNames().Where(name => name.EndsWith(ending, StringComparison.Ordinal)).OrderBy(FileName, StringComparer.Ordinal))
        {
            using var reader = new StreamReader(source.Assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            var file = FileName(resource)[..^ending.Length];
            yield return new Migration(
                source.Module,
                int.Parse(file.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture),
                file[5..],
                sql,
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))),
                Applied: false);
        }

        // Resource names are dotted paths: the file's own name begins after "Migrations.".
        static string FileName(string resource)
        {
            const string folder = ".Migrations.";
            return resource[(resource.LastIndexOf(folder, StringComparison.Ordinal) + folder.Length)..];
        }
    }

    private sealed record AppliedMigration
    {
        public string Module { get; init; } = "";

        public int Number { get; init; }

        public string Name { get; init; } = "";

        public string Sha256 { get; init; } = "";
    }
}
