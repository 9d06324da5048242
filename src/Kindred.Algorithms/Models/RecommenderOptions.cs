using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kindred.Algorithms.Models;

/// <summary>How option records are written as JSON: snake_case, nothing unknown, nothing quoted.</summary>
public static class RecommenderOptions
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Reads an options record of type <paramref name="type"/>.</summary>
    /// <exception cref="JsonException">A member is unknown, of the wrong kind or out of range; the message names it.</exception>
    public static object Read(JsonElement json, Type type)
    {
        try
        {
            return json.Deserialize(type, s_json) ?? throw new JsonException("Options are a JSON object, not null.");
        }
        catch (ArgumentException outOfRange)
        {
            throw new JsonException(outOfRange.Message, outOfRange);
        }
    }

    /// <summary>Reads the options a model file carries.</summary>
    /// <exception cref="JsonException">As for <see cref="Read"/>.</exception>
    internal static T ReadText<T>(string json)
        where T : class
    {
        using var document = JsonDocument.Parse(json);
        return (T)Read(document.RootElement, typeof(T));
    }

    /// <summary>Writes an options record.</summary>
    public static JsonElement Write(object options) => JsonSerializer.SerializeToElement(options, options.GetType(), s_json);
}
