using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Kindred.Cli;

/// <summary><c>kindred version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The program's version, as the build wrote it.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb("version", "The version of the program and its runtime").Runs(open, context =>
    {
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(new { Version, Runtime = RuntimeInformation.FrameworkDescription, System = RuntimeInformation.RuntimeIdentifier });
        }
        else
        {
            context.Terminal.Write($"kindred {Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})");
        }

        return Task.FromResult(ExitCode.Ok);
    });
}
