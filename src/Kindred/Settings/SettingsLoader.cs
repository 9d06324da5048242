using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kindred.Settings;

/// <summary>What the command line says about settings.</summary>
/// <param name="Config">Path of the settings file; null means <c>kindred.json</c> in the data folder, where it exists.</param>
/// <param name="Data">Data folder; null means from the environment or the default.</param>
/// <param name="Urls">Addresses; null means from elsewhere.</param>
/// <param name="Set"><c>path=value</c> pairs.</param>
/// <param name="Roles">Roles, separated by commas; null means from elsewhere.</param>
internal sealed record SettingsFlags(string? Config = null, string? Data = null, string? Urls = null, IReadOnlyList<string>? Set = null, string? Roles = null);

/// <summary>Settings as they were read, with where each came from.</summary>
internal sealed record LoadedSettings(KindredSettings Settings, SettingsTree Tree)
{
    /// <summary>The data folder's full path.</summary>
    public string DataFolder => Path.GetFullPath(Settings.Data);
}

/// <summary>Reads settings: default &lt; file &lt; <c>.env</c> &lt; environment &lt; flag.</summary>
internal static class SettingsLoader
{
    private const string Prefix = "KINDRED__";

    /// <summary>Reads all layers.</summary>
    /// <param name="flags">The command line's share.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="folder">The folder whose <c>.env</c> counts, and that a relative data folder starts from.</param>
    /// <param name="preset">A layer between the defaults and the file: what a command such as <c>demo</c> wants unless told otherwise.</param>
    /// <exception cref="SettingsException">Something is wrong; the message lists all faults.</exception>
    public static LoadedSettings Load(SettingsFlags flags, IReadOnlyDictionary<string, string> environment, string folder, JsonObject? preset = null)
    {
        var tree = new SettingsTree();
        tree.Merge(JsonSerializer.SerializeToNode(KindredSettings.Default, SettingsJson.Options)!.AsObject(), "default");
        if (preset is not null)
        {
            tree.Merge(preset, "preset of this command");
        }

        var dotenv = ReadDotEnv(Path.Combine(folder, ".env"), tree);
        var data = flags.Data ?? DataFrom(environment) ?? DataFrom(dotenv);
        var file = flags.Config is { } config ? Path.GetFullPath(config, folder) : Path.GetFullPath(Path.Combine(data ?? KindredSettings.Default.Data, "kindred.json"), folder);
        if (flags.Config is not null || File.Exists(file))
        {
            MergeFile(tree, file, mayNameData: flags.Config is not null);
        }

        MergeVariables(tree, dotenv, ".env");
        MergeVariables(tree, environment, "environment");
        MergeFlags(tree, flags, data);
        var settings = tree.Read();
        return new LoadedSettings(settings with { Data = Path.GetFullPath(settings.Data, folder) }, tree);
    }

    private static void MergeFile(SettingsTree tree, string file, bool mayNameData)
    {
        try
        {
            var read = JsonNode.Parse(File.ReadAllText(file), documentOptions: SettingsJson.FileOptions);
            if (read is not JsonObject layer)
            {
                tree.Fault($"{file}: a settings file is one JSON object.");
                return;
            }

            if (!mayNameData && layer.ContainsKey("data"))
            {
                tree.Fault($"data: the file in the data folder cannot move the data folder ({file}); use --data, KINDRED__DATA or --config.");
                return;
            }

            tree.Merge(layer, file);
        }
        catch (JsonException wrong)
        {
            tree.Fault($"{file}: not valid JSON, line {wrong.LineNumber + 1}: {wrong.Message.Split(" LineNumber")[0]}");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            tree.Fault($"{file}: {wrong.Message}");
        }
    }

    private static void MergeVariables(SettingsTree tree, IReadOnlyDictionary<string, string> variables, string source)
    {
        foreach (var (name, value) in variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                tree.Set(name[Prefix.Length..].Split("__"), value, $"{source} {name}");
            }
        }
    }

    private static void MergeFlags(SettingsTree tree, SettingsFlags flags, string? data)
    {
        foreach (var pair in flags.Set ?? [])
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                tree.Fault($"--set {pair}: written as path=value, such as training.threads=2.");
                continue;
            }

            tree.Set(pair[..equals].Trim().Split('.'), pair[(equals + 1)..].Trim(), "flag --set");
        }

        if (data is not null)
        {
            tree.Set(["data"], data, flags.Data is not null ? "flag --data" : "environment KINDRED_DATA or KINDRED__DATA");
        }

        if (flags.Roles is not null)
        {
            tree.Set(["roles"], flags.Roles, "flag --roles");
        }

        if (flags.Urls is not null)
        {
            tree.Set(["urls"], flags.Urls, "flag --urls");
        }
    }

    private static string? DataFrom(IReadOnlyDictionary<string, string> variables) =>
        variables.GetValueOrDefault(Prefix + "DATA") ?? variables.GetValueOrDefault("KINDRED_DATA");

    private static Dictionary<string, string> ReadDotEnv(string path, SettingsTree tree)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return variables;
        }

        var number = 0;
        foreach (var raw in File.ReadLines(path))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            line = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..].TrimStart() : line;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                tree.Fault($".env line {number}: written as NAME=value.");
                continue;
            }

            variables[line[..equals].TrimEnd()] = Unquote(line[(equals + 1)..].Trim());
        }

        return variables;
    }

    private static string Unquote(string value) =>
        value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value.Split(" #")[0].TrimEnd();
}
