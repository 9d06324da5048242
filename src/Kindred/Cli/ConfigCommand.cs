using System.CommandLine;
using Kindred.Settings;

namespace Kindred.Cli;

/// <summary><c>kindred config show</c>: each setting, its value and where it came from.</summary>
internal static class ConfigCommand
{
    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var show = new Verb("show", "Every setting, its value and where it came from; secrets are masked", "kindred config show --json").Runs(open, context =>
        {
            var lines = SettingsListing.List(context.LoadSettings()).ToArray();
            if (context.Terminal.Json)
            {
                context.Terminal.WriteJson(lines.ToDictionary(line => line.Path, line => new { line.Value, line.Source }));
            }
            else
            {
                context.Terminal.WriteTable(
                    ["setting", "value", "from"],
                    [.. lines.Select(line => (string[])[line.Path, line.Value?.ToJsonString(SettingsJson.Options) ?? "null", line.Source])],
                    numbers: false);
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return new Command("config", "Settings") { show };
    }
}
