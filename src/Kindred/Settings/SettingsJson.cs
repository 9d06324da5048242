using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Kindred.Settings;

/// <summary>How settings are written as JSON: snake_case, durations as people write them (<c>90s</c>, <c>24h</c>, <c>7d</c>).</summary>
internal static class SettingsJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static JsonDocumentOptions FileOptions { get; } = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            NumberHandling = JsonNumberHandling.Strict,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new DurationConverter(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        };
        options.MakeReadOnly();
        return options;
    }

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        private static readonly (string Unit, TimeSpan Length)[] s_units =
        [
            ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
            ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
        ];

        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString()!.Trim() : "";
            if (text == "0")
            {
                return TimeSpan.Zero;
            }

            foreach (var (unit, length) in s_units)
            {
                if (text.EndsWith(unit, StringComparison.Ordinal)
                    && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                    && number * length.TotalDays < 100_000)
                {
                    return number * length;
                }
            }

            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var exact)
                ? exact
                : throw new JsonException("a duration is written as 90s, 15m, 24h or 7d");
        }

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
        {
            var (unit, length) = s_units.Last(candidate => value == TimeSpan.Zero || value.Ticks % candidate.Length.Ticks == 0 || candidate.Unit == "ms");
            writer.WriteStringValue(value == TimeSpan.Zero ? "0" : string.Create(CultureInfo.InvariantCulture, $"{value / length:0.###}{unit}"));
        }
    }
}
