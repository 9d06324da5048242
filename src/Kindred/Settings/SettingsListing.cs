using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kindred.Settings;

/// <summary>One line of <c>config show</c>.</summary>
internal sealed record SettingLine(string Path, JsonNode? Value, string Source);

/// <summary>All settings as lines, with where each came from and secrets masked.</summary>
internal static class SettingsListing
{
    public static IEnumerable<SettingLine> List(LoadedSettings loaded) =>
        Walk(JsonSerializer.SerializeToNode(loaded.Settings, SettingsJson.Options), "")
            .Select(line => new SettingLine(line.Path, Mask(line.Path, line.Value), loaded.Tree.SourceOf(line.Path)));

    private static IEnumerable<(string Path, JsonNode? Value)> Walk(JsonNode? node, string path) =>
        node is JsonObject { Count: > 0 } inner
            ? inner.SelectMany(pair => Walk(pair.Value, path.Length == 0 ? pair.Key : $"{path}.{pair.Key}"))
            : [(path, node)];

    private static JsonNode? Mask(string path, JsonNode? value)
    {
        if (value is not JsonValue leaf || !leaf.TryGetValue<string>(out var text) || text.Length == 0)
        {
            return value?.DeepClone();
        }

        if (path.EndsWith("connection_string", StringComparison.Ordinal) || path == "etl.source")
        {
            return MaskConnection(text);
        }

        return path.EndsWith("_key", StringComparison.Ordinal) || path.Contains("password", StringComparison.Ordinal) || path.Contains("secret", StringComparison.Ordinal) ? "***" : text;
    }

    // A string that does not parse may hold a password anywhere, so nothing of it is shown.
    private static string MaskConnection(string text)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (var key in parts.Keys.Cast<string>().Where(key => key.Contains("pass", StringComparison.OrdinalIgnoreCase) || key.Equals("pwd", StringComparison.OrdinalIgnoreCase)).ToArray())
            {
                parts[key] = "***";
            }

            return parts.ConnectionString;
        }
        catch (ArgumentException)
        {
            return "***";
        }
    }
}
