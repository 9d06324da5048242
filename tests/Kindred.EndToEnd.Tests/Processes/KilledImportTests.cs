using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>An import that is killed half-way and started again counts every row once.</summary>
public sealed class KilledImportTests
{
    private const int Rows = 120_000;

    [Fact]
    public async Task A_killed_import_goes_on_where_it_was_and_counts_nothing_twice()
    {
        using var data = new TemporaryFolder();
        var file = Path.Combine(data.Path, "events.jsonl");
        await File.WriteAllLinesAsync(
            file,
            Enumerable.Range(0, Rows).Select(k => string.Create(
                CultureInfo.InvariantCulture, $$"""{"id":"e{{k}}","user":"u{{k % 997}}","item":"i{{k % 499}}","type":"purchase","value":1,"at":"2026-01-01T00:00:00Z"}""")),
            TestContext.Current.CancellationToken);
        string[] command = ["import", file, "--collection", "shop", "--data", data.Path, "--json"];
        long stored;
        using (var process = Process.Start(new ProcessStartInfo(KindredServer.Executable, command) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!)
        {
            process.BeginErrorReadLine();
            while ((stored = Count(data.Path)) == 0 && !process.HasExited)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        stored = Count(data.Path);
        stored.ShouldBeInRange(1, Rows - 1, "the import was killed half-way");
        var again = Programs.Run(KindredServer.Executable, command);
        again.ExitCode.ShouldBe(0, again.Error);
        Count(data.Path).ShouldBe(Rows);
        Sqlite.IntegrityCheck(Path.Combine(data.Path, "kindred.db")).ShouldBe("ok");
        var third = Programs.Run(KindredServer.Executable, command);
        third.ExitCode.ShouldBe(0, third.Error);
        Count(data.Path).ShouldBe(Rows, "a whole second import changes nothing");
        JsonElement.Parse(again.Output.Trim().Split('\n')[^1]).GetProperty("events").ValueKind.ShouldNotBe(JsonValueKind.Undefined);
    }

    private static long Count(string folder)
    {
        var path = Path.Combine(folder, "kindred.db");
        if (!File.Exists(path))
        {
            return 0;
        }

        try
        {
            using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "select count(*) from events";
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException young) when (young.SqliteErrorCode is 1 or 5)
        {
            // The schema is being made.
            return 0;
        }
    }
}
