using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kindred.Platform.Web;

/// <summary>JSON merge patch (RFC 7396): members replace, objects merge, null removes.</summary>
public static class MergePatch
{
    /// <summary>The target after the patch; an undefined patch changes nothing.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind == JsonValueKind.Undefined)
        {
            return target;
        }

        if (patch.ValueKind != JsonValueKind.Object)
        {
            return JsonNode.Parse(patch.GetRawText());
        }

        var merged = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(member.Name);
            }
            else
            {
                var before = merged[member.Name];
                merged.Remove(member.Name);
                merged[member.Name] = Apply(before, member.Value);
            }
        }

        return merged;
    }
}
