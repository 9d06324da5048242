using System.Diagnostics;
using System.Text;

namespace Kindred.EndToEnd.Tests;

/// <summary>What a finished program said.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error);

/// <summary>Runs programs to their end.</summary>
internal static class Programs
{
    /// <summary>The program under test, as <c>./kindred</c> would start it once built.</summary>
    public static string Kindred { get; } = Path.Combine(Repository.Root, "kindred");

    public static Ran Run(string program, IEnumerable<string> arguments, string? folder = null, TimeSpan? limit = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? Repository.Root,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        var error = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit ?? TimeSpan.FromMinutes(3)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end in time.\n{output}\n{error}");
        }

        process.WaitForExit();
        return new Ran(process.ExitCode, output.ToString(), error.ToString());

        static void Append(StringBuilder text, string? line)
        {
            if (line is not null)
            {
                lock (text)
                {
                    text.Append(line).Append('\n');
                }
            }
        }
    }
}
