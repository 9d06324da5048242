using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Kindred.EndToEnd.Tests;

/// <summary>A real server process on a free loopback port, killed by its process id.</summary>
internal sealed class KindredServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log;

    private KindredServer(Process process, StringBuilder log, Uri address, string key)
    {
        _process = process;
        _log = log;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        Client.DefaultRequestHeaders.Add("X-Request-Id", "a-test");
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public HttpClient Client { get; }

    public int ProcessId => _process.Id;

    /// <summary>What the server wrote to stderr.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>The program as this configuration built it; <c>./kindred</c> ends in the same file.</summary>
    public static string Executable { get; } = Path.Combine(
        Repository.Root, "artifacts", "bin", "Kindred", AppContext.BaseDirectory.Contains("/release", StringComparison.Ordinal) ? "release" : "debug", "kindred");

    /// <summary>An admin key for a data folder, made by the command line.</summary>
    public static string CreateKey(string data, IReadOnlyDictionary<string, string>? environment = null)
    {
        var made = Programs.Run(Executable, ["keys", "create", "--name", "test", "--scope", "admin", "--data", data, "--quiet"], environment: environment);
        made.ExitCode.ShouldBe(0, made.Error);
        return made.Output.Trim();
    }

    public static async Task<KindredServer> StartAsync(string data, string key, IEnumerable<string>? arguments = null, IReadOnlyDictionary<string, string>? environment = null, string urls = "http://127.0.0.1:0")
    {
        var start = new ProcessStartInfo(Executable, ["serve", "--data", data, "--urls", urls, .. arguments ?? []])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = data,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        var log = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
            {
                log.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                return new KindredServer(process, log, new Uri(line["ready ".Length..].Trim()), key);
            }
        }

        await process.WaitForExitAsync(limit.Token);
        throw new InvalidOperationException($"The server ended with code {process.ExitCode} before it was ready.\n{log}");
    }

    /// <summary>SIGKILL: no handler, no flush, no goodbye.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the code it ended with.</summary>
    public async Task<int> StopAsync()
    {
        Programs.Run("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Client.Dispose();
        _process.Dispose();
    }
}
