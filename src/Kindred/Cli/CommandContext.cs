using System.Collections;
using System.CommandLine;
using System.Text.Json.Nodes;
using Kindred.Settings;

namespace Kindred.Cli;

/// <summary>Options every command takes.</summary>
internal static class CommonOptions
{
    public static Option<string?> Data { get; } = new("--data") { Description = "Folder of database, models and keys (default: $KINDRED_DATA, else ./kindred-data)", HelpName = "DIR", Recursive = true };

    public static Option<string?> Config { get; } = new("--config") { Description = "Settings file (default: kindred.json in the data folder)", HelpName = "FILE", Recursive = true };

    public static Option<string[]> Set { get; } = new("--set") { Description = "One setting, such as --set training.threads=2; repeatable", HelpName = "PATH=VALUE", Recursive = true };

    public static Option<bool> Json { get; } = new("--json") { Description = "Write JSON", Recursive = true };

    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Say only what goes wrong", Recursive = true };

    public static Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours (also: NO_COLOR)", Recursive = true };

    public static Option<string?> Urls { get; } = new("--urls") { Description = "Addresses to listen on, separated by ;  (default: http://127.0.0.1:8000; port 0 takes a free one)", HelpName = "URL" };

    public static Option<string?> Roles { get; } = new("--roles") { Description = $"Roles of this process, separated by commas: {string.Join(", ", Kindred.Roles.Names)} (default: all)", HelpName = "NAMES" };

    public static Option<string> Collection { get; } = new("--collection", "-c") { Description = "The collection", HelpName = "NAME", DefaultValueFactory = _ => "" };
}

/// <summary>What a command is run with.</summary>
internal sealed class CommandContext(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
{
    public Terminal Terminal { get; } = terminal;

    public CancellationToken Cancellation { get; } = cancellation;

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public SettingsFlags Flags => new(
        parsed.GetValue(CommonOptions.Config),
        parsed.GetValue(CommonOptions.Data),
        parsed.CommandResult.Command.Options.Contains(CommonOptions.Urls) ? parsed.GetValue(CommonOptions.Urls) : null,
        parsed.GetValue(CommonOptions.Set),
        parsed.CommandResult.Command.Options.Contains(CommonOptions.Roles) ? parsed.GetValue(CommonOptions.Roles) : null);

    /// <summary>Reads the settings, flags included.</summary>
    public LoadedSettings LoadSettings(JsonObject? preset = null) => LoadSettings(Flags, preset);

    /// <summary>Reads the settings with other flags.</summary>
    public static LoadedSettings LoadSettings(SettingsFlags flags, JsonObject? preset = null) =>
        SettingsLoader.Load(
            flags,
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal),
            Directory.GetCurrentDirectory(),
            preset);

    /// <summary>The collection the command names; without a name the only one there is, or the one that suits.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="otherwise">What is meant where none is named; null means the only one.</param>
    public string CollectionName(KindredSettings settings, string? otherwise = null)
    {
        var name = parsed.GetValue(CommonOptions.Collection) is { Length: > 0 } given ? given : otherwise ?? "";
        if (name.Length == 0)
        {
            return settings.Collections.Count == 1
                ? settings.Collections.Keys.First()
                : throw new CommandException(ExitCode.Usage, $"Which collection? Give --collection with one of {string.Join(", ", settings.Collections.Keys.Order(StringComparer.Ordinal))}.");
        }

        return settings.Collections.ContainsKey(name)
            ? name
            : throw new CommandException(ExitCode.NotFound, $"There is no collection \"{name}\".{Spelling.DidYouMean(name, settings.Collections.Keys)}");
    }
}
