using System.Text.Json;
using System.Text.Json.Serialization;
using Kindred.Training.Runs;

namespace Kindred.Training;

/// <summary>How options and reports stand in run rows: JSON in snake_case.</summary>
internal static class TrainingJson
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, s_json);

    public static RunOptions ReadOptions(string json) => JsonSerializer.Deserialize<RunOptions>(json, s_json) ?? new RunOptions();

    public static RunSummary? ReadReport(string? json) => json is null ? null : JsonSerializer.Deserialize<RunSummary>(json, s_json);
}
