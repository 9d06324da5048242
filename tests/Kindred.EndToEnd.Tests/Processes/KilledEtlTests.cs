using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kindred.Service.Tests.Storage;
using Kindred.Tests.Content;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>
/// <c>kindred etl</c> as a process over a real content database: killed ten times amid its work it leaves the same catalogue, to the version number, as one that
/// nobody disturbed. With <c>./test deep</c> on 100,000 films, else on fewer.
/// </summary>
public sealed class KilledEtlTests(PostgresCluster cluster)
{
    private const int Kills = 10;
    private const long MostMemory = 400L * 1024 * 1024;

    private static readonly int s_films = Environment.GetEnvironmentVariable("KINDRED_TEST_DEEP") == "1" ? 100_000 : 8_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task C29_ten_kills_leave_the_same_catalogue(bool postgres)
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        var source = await cluster.CreateDatabaseAsync();
        await ContentDatabase.FillAsync(source, s_films, seed: 29, Cancellation);
        using var calm = new TemporaryFolder();
        var calmTarget = postgres ? await cluster.CreateDatabaseAsync() : "";
        var (summary, memory) = await RunAsync(calm.Path, calmTarget, source);
        summary.GetProperty("films").GetProperty("changed").GetInt64().ShouldBe(s_films);
        summary.GetProperty("films").GetProperty("read").GetInt64().ShouldBe(2L * s_films, "read once for the changes and once to compare");
        memory.ShouldBeLessThan(MostMemory);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{s_films:N0} films into {(postgres ? "PostgreSQL" : "SQLite")}: {summary.GetProperty("seconds").GetDouble():0.0} s, {summary.GetProperty("rows_per_second").GetDouble():N0} rows/s, {memory / 1048576.0:0} MB at most"));

        using var disturbed = new TemporaryFolder();
        var target = postgres ? await cluster.CreateDatabaseAsync() : "";
        var random = new Random(2929);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = Start(disturbed.Path, target, source);
            var before = await CountAsync(disturbed.Path, target);
            while (await CountAsync(disturbed.Path, target) == before && !process.HasExited && before < s_films)
            {
                await Task.Delay(2, Cancellation);
            }

            await Task.Delay(random.Next(60), Cancellation);
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync(Cancellation);
            if (kill == 0)
            {
                (await CountAsync(disturbed.Path, target)).ShouldBeInRange(1, s_films - 1, "the first kill came amid the work");
            }
        }

        await RunAsync(disturbed.Path, target, source);
        (await DumpAsync(disturbed.Path, target)).ShouldBe(await DumpAsync(calm.Path, calmTarget));
        if (!postgres)
        {
            Sqlite.IntegrityCheck(Path.Combine(disturbed.Path, "kindred.db")).ShouldBe("ok");
        }
    }

    [Fact]
    public async Task C29_the_command_says_what_is_wrong_by_its_code_and_never_the_password()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        using var data = new TemporaryFolder();
        var source = await cluster.CreateDatabaseAsync();
        var secret = new NpgsqlConnectionStringBuilder(source) { Password = "open-sesame" };
        foreach (var (connection, code, word) in new[]
        {
            (secret.ConnectionString, 1, "table content.film_work"),
            (new NpgsqlConnectionStringBuilder(secret.ConnectionString) { Port = 1 }.ConnectionString, 5, "is away"),
            (new NpgsqlConnectionStringBuilder(secret.ConnectionString) { Username = "nobody" }.ConnectionString, 4, "does not let us read"),
            ("Password=open-sesame;What=ever", 2, "not a connection string"),
            ("", 2, "--source"),
        })
        {
            var ran = Programs.Run(KindredServer.Executable, ["etl", "--data", data.Path, "--source", connection]);
            ran.ExitCode.ShouldBe(code, ran.Error);
            ran.Error.ShouldContain(word);
            (ran.Output + ran.Error).ShouldNotContain("open-sesame");
        }

        await ContentDatabase.FillAsync(source, 20, seed: 1, Cancellation);
        await ContentDatabase.ExecuteAsync(source, $"update content.film_work set title = null where id = '{ContentDatabase.Id(0, 1)}'", Cancellation);
        var told = Programs.Run(KindredServer.Executable, ["etl", "--data", data.Path, "--source", source]);
        told.ExitCode.ShouldBe(0, told.Error);
        told.Output.ShouldContain("films: 40 read, 19 changed, 0 deleted");
        told.Output.ShouldContain("1 rejected");
        told.Error.ShouldContain("film_work.title");
        (await File.ReadAllLinesAsync(Path.Combine(data.Path, "content.rejected.csv"), Cancellation)).Length.ShouldBe(2);

        // The setting's password is not shown either.
        var shown = Programs.Run(
            KindredServer.Executable, ["config", "show", "--data", data.Path, "--json"], environment: new Dictionary<string, string> { ["KINDRED__ETL__SOURCE"] = secret.ConnectionString });
        shown.ExitCode.ShouldBe(0, shown.Error);
        shown.Output.ShouldContain("etl");
        shown.Output.ShouldNotContain("open-sesame");
    }

    private static Process Start(string folder, string target, string source)
    {
        var start = new ProcessStartInfo(KindredServer.Executable, ["etl", "--data", folder, "--json", "--quiet"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KINDRED__ETL__SOURCE"] = source;
        if (target.Length > 0)
        {
            start.Environment["KINDRED__DATABASE__CONNECTION_STRING"] = target;
        }

        return Process.Start(start)!;
    }

    private static async Task<(JsonElement Summary, long Memory)> RunAsync(string folder, string target, string source)
    {
        using var process = Start(folder, target, source);
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var memory = 0L;
        while (!process.WaitForExit(20))
        {
            memory = Math.Max(memory, Peak(process.Id));
        }

        process.ExitCode.ShouldBe(0, await error);
        return (JsonElement.Parse(await output), memory);
    }

    private static long Peak(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0; // it ended meanwhile
        }
    }

    private static async Task<long> CountAsync(string folder, string target)
    {
        if (target.Length == 0 && !File.Exists(Path.Combine(folder, "kindred.db")))
        {
            return 0;
        }

        try
        {
            await using var connection = await OpenAsync(folder, target);
            await using var command = connection.CreateCommand();
            command.CommandText = "select count(*) from films";
            return (long)(await command.ExecuteScalarAsync(Cancellation))!;
        }
        catch (DbException young) when (young is SqliteException { SqliteErrorCode: 1 or 5 } or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
        {
            return 0;
        }
    }

    // Every row of the catalogue, numbers and versions included, as digests by table.
    private static async Task<string> DumpAsync(string folder, string target)
    {
        await using var connection = await OpenAsync(folder, target);
        var dump = new StringBuilder();
        foreach (var sql in new[]
        {
            "select number, id, title, folded, description, rating, content from films order by number",
            "select number, title, categories, attributes, timestamp, version from items order by number",
            "select id, name from genres order by id",
            "select id, full_name from persons order by id",
            "select number, place, genre from film_genres order by number, place",
            "select number, role, place, person from film_people order by number, role, place",
            "select position from film_sources",
            "select version from film_state",
            target.Length == 0 ? "select rowid, title, people, other from film_search order by rowid" : "select number, words::text, names from film_search order by number",
        })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var rows = 0;
            while (await reader.ReadAsync(Cancellation))
            {
                rows++;
                for (var k = 0; k < reader.FieldCount; k++)
                {
                    digest.AppendData(Encoding.UTF8.GetBytes(Convert.ToString(reader.GetValue(k), CultureInfo.InvariantCulture) + "\n"));
                }
            }

            dump.Append(CultureInfo.InvariantCulture, $"{sql}: {rows} rows {Convert.ToHexString(digest.GetHashAndReset())}\n");
        }

        return dump.ToString();
    }

    private static async Task<DbConnection> OpenAsync(string folder, string target)
    {
        DbConnection connection = target.Length == 0
            ? new SqliteConnection($"Data Source={Path.Combine(folder, "kindred.db")};Pooling=False")
            : new NpgsqlConnection(target);
        await connection.OpenAsync(Cancellation);
        return connection;
    }
}
