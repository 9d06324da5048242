using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Kindred.Settings;

/// <summary>
/// Layers of settings laid over one another, later ones winning, with a note of where each value came from. Faults are gathered and thrown
/// together, so a wrong file is mended in one go.
/// </summary>
internal sealed class SettingsTree
{
    private readonly JsonObject _root = [];
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <summary>Where a value, or the first value of a section, came from; <c>default</c> unless a layer set it.</summary>
    public string SourceOf(string path) =>
        _sources.GetValueOrDefault(path)
        ?? _sources.FirstOrDefault(pair => pair.Key.StartsWith(path + ".", StringComparison.Ordinal)).Value
        ?? "default";

    /// <summary>Notes a fault found outside the tree.</summary>
    public void Fault(string fault) => _faults.Add(fault);

    /// <summary>Lays a JSON object over the tree.</summary>
    public void Merge(JsonObject layer, string source) => Merge(_root, layer, TypeOf(typeof(KindredSettings)), "", source);

    /// <summary>Lays one value written as text over the tree: from the environment or a flag. Names are compared without case.</summary>
    public void Set(IReadOnlyList<string> names, string text, string source)
    {
        var node = _root;
        var type = TypeOf(typeof(KindredSettings));
        var path = "";
        for (var k = 0; k < names.Count; k++)
        {
            var (key, child, known) = Resolve(type, node, names[k]);
            if (child is null)
            {
                _faults.Add($"{Join(path, names[k].ToLowerInvariant())}: unknown setting ({source}).{Spelling.DidYouMean(names[k], known)}");
                return;
            }

            path = Join(path, key);
            if (k == names.Count - 1)
            {
                Put(node, key, Convert(text, child), child, path, source);
                return;
            }

            if (node[key] is not JsonObject next)
            {
                next = [];
                node[key] = next;
            }

            (node, type) = (next, child);
        }
    }

    /// <summary>The settings the layers add up to.</summary>
    /// <exception cref="SettingsException">Something is unknown, of the wrong type or out of range.</exception>
    public KindredSettings Read()
    {
        KindredSettings? settings = null;
        if (_faults.Count == 0)
        {
            try
            {
                settings = _root.Deserialize<KindredSettings>(SettingsJson.Options);
                _faults.AddRange(SettingsRules.Check(settings!).Select(fault => $"{fault.Path}: {fault.Fault} ({SourceOf(fault.Path)})."));
            }
            catch (ArgumentException outOfRange)
            {
                _faults.Add(outOfRange.Message);
            }
            catch (JsonException wrong)
            {
                var path = (wrong.Path ?? "$").TrimStart('$', '.').Replace("['", "", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal);
                var found = path.Split('.').Aggregate<string, JsonNode?>(_root, (node, name) => node is JsonObject inner ? inner[name] : node);
                var reason = wrong.Message.StartsWith("a duration", StringComparison.Ordinal) ? wrong.Message.Split(" Path:")[0].TrimEnd('.') : "a value of another type is wanted here";
                _faults.Add($"{path}: {reason}, not {found?.ToJsonString(SettingsJson.Options) ?? "null"} ({SourceOf(path)}).");
            }
        }

        return _faults.Count == 0 ? settings! : throw new SettingsException(_faults);
    }

    private void Merge(JsonObject target, JsonObject layer, JsonTypeInfo type, string path, string source)
    {
        foreach (var (name, value) in layer)
        {
            var (key, child, known) = ResolveExactly(type, name);
            if (child is null)
            {
                _faults.Add($"{Join(path, name)}: unknown setting ({source}).{Spelling.DidYouMean(name, known)}");
                continue;
            }

            Put(target, key, value?.DeepClone(), child, Join(path, key), source);
        }
    }

    private void Put(JsonObject target, string key, JsonNode? value, JsonTypeInfo type, string path, string source)
    {
        if (value is null && type.Kind == JsonTypeInfoKind.Object)
        {
            target.Remove(key);
        }
        else if (value is JsonObject inner && type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary)
        {
            if (target[key] is not JsonObject existing)
            {
                existing = [];
                target[key] = existing;
            }

            if (inner.Count == 0)
            {
                _sources.TryAdd(path, source);
            }

            Merge(existing, inner, type, path, source);
        }
        else
        {
            target[key] = value;
            _sources[path] = source;
        }
    }

    private static (string Key, JsonTypeInfo? Type, IEnumerable<string> Known) ResolveExactly(JsonTypeInfo type, string name) =>
        type.Kind switch
        {
            JsonTypeInfoKind.Dictionary => (name, TypeOf(type.Type.GetGenericArguments()[1]), []),
            JsonTypeInfoKind.Object => (name, PropertyType(type, property => property.Name == name), type.Properties.Select(property => property.Name)),
            _ => (name, null, []),
        };

    // Environment variables have no dashes and no lower case by custom: SHOP_EU finds the collection shop-eu.
    private static (string Key, JsonTypeInfo? Type, IEnumerable<string> Known) Resolve(JsonTypeInfo type, JsonObject node, string name)
    {
        var lower = name.ToLowerInvariant();
        if (type.Kind != JsonTypeInfoKind.Dictionary)
        {
            return ResolveExactly(type, lower);
        }

        var key = node.Select(pair => pair.Key).FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
            ?? node.Select(pair => pair.Key).FirstOrDefault(key => string.Equals(key.Replace('-', '_'), name, StringComparison.OrdinalIgnoreCase));
        return ResolveExactly(type, key ?? lower);
    }

    private static JsonTypeInfo? PropertyType(JsonTypeInfo type, Func<JsonPropertyInfo, bool> wanted) =>
        type.Properties.FirstOrDefault(property => property.Set is not null && wanted(property)) is { } found ? TypeOf(found.PropertyType) : null;

    private static JsonNode? Convert(string text, JsonTypeInfo type)
    {
        if (type.Type == typeof(string) || type.Type == typeof(TimeSpan))
        {
            return JsonValue.Create(text);
        }

        if (type.Kind == JsonTypeInfoKind.Enumerable && !text.TrimStart().StartsWith('['))
        {
            return new JsonArray([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part => (JsonNode)part)]);
        }

        try
        {
            return JsonNode.Parse(text, documentOptions: SettingsJson.FileOptions);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text); // refused later, with its path
        }
    }

    private static JsonTypeInfo TypeOf(Type type) => SettingsJson.Options.GetTypeInfo(type);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
