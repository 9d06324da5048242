using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kindred.Platform.Web;

/// <summary>An id that clients of source systems write as text or as a whole number; kept as text.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct IdText(string? Text)
{
    internal sealed class Converter : JsonConverter<IdText>
    {
        public override IdText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => new IdText(reader.GetString()),
            JsonTokenType.Number when reader.TryGetInt64(out var number) => new IdText(number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ => throw new JsonException("An id is a text or a whole number."),
        };

        public override void Write(Utf8JsonWriter writer, IdText value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
    }
}
