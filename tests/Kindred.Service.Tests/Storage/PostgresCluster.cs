using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kindred.Service.Tests.Storage;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresCluster))]

namespace Kindred.Service.Tests.Storage;

/// <summary>A PostgreSQL 15 cluster of these tests' own, on loopback in a temporary folder, started at first use and stopped by its process id.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Binaries = "/usr/lib/postgresql/15/bin/";

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-pg-").FullName;
    private Process? _server;
    private string _connection = "";
    private int _databases;

    /// <summary>False where PostgreSQL is not installed: its suites are reported as skipped then.</summary>
    public static bool IsInstalled => File.Exists(Binaries + "postgres");

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await StartAsync();
        var name = "test" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "create database " + name;
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_connection) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            NpgsqlConnection.ClearAllPools();
            using (Process.Start("kill", ["-INT", server.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await server.WaitForExitAsync();
            }

            server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        _starting.Dispose();
    }

    private async Task StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_server is not null)
            {
                return;
            }

            // PostgreSQL refuses to run as root, so root lends the folder to the account the package made.
            string[] prefix = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
            if (prefix.Length > 0)
            {
                Run(["chown", "postgres", _folder]);
            }

            var data = Path.Combine(_folder, "data");
            Run([.. prefix, Binaries + "initdb", "-D", data, "-A", "trust", "-U", "kindred", "--encoding=UTF8", "--locale=C.UTF-8"]);
            var port = FreePort();
            _server = Start([.. prefix, Binaries + "postgres", "-D", data, "-p", port, "-k", _folder, "-c", "listen_addresses=127.0.0.1"]);
            _connection = $"Host=127.0.0.1;Port={port};Username=kindred;Database=postgres";
            await WaitAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task WaitAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(_connection);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (attempt < 100 && !_server!.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private static void Run(string[] command)
    {
        using var process = Start(command);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}.");
        }
    }

    private static Process Start(string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/tmp",
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
