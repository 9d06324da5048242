using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kindred.Recommendations.Answers;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Routes;

/// <summary>A list as it is sent; <see cref="ListWriter"/> writes it by hand, this is its description.</summary>
/// <param name="Receipt">Id under which the answer can be read back for a while.</param>
/// <param name="User">Whose list it was; in receipts only.</param>
/// <param name="At">When it was answered; in receipts only.</param>
/// <param name="Source"><c>personal</c>, <c>popular</c>, <c>cold</c>, or the name of the list.</param>
/// <param name="Model">The model that answered; null before the first.</param>
/// <param name="Degraded">The answer is second best: no model yet, or the newest one was refused.</param>
/// <param name="Unknown">Items of a history sent along that nobody knows.</param>
/// <param name="Data">Items, best first.</param>
public sealed record ListResponse(
    string Receipt, string? User, DateTimeOffset? At, string Source, AnsweringModel? Model, bool Degraded, IReadOnlyList<string>? Unknown, IReadOnlyList<AnsweredItem> Data);

/// <summary>
/// Writes lists as JSON by hand: the slots once into bytes, which the kept list and the receipt share, then the envelope around them.
/// </summary>
internal static class ListWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? s_writer;

    /// <summary>The slots, as a JSON array.</summary>
    public static byte[] Slots(IReadOnlyList<AnsweredItem> slots)
    {
        var (buffer, json) = Rent();
        json.WriteStartArray();
        foreach (var slot in slots)
        {
            json.WriteStartObject();
            json.WriteString("item"u8, slot.Item);
            json.WriteString("title"u8, slot.Title);
            json.WriteStartArray("categories"u8);
            foreach (var category in slot.Categories)
            {
                json.WriteStringValue(category);
            }

            json.WriteEndArray();
            json.WriteNumber("score"u8, slot.Score);
            json.WriteNumber("rank"u8, slot.Rank);
            json.WriteString("source"u8, slot.Source);
            json.WriteStartObject("reason"u8);
            json.WriteString("text"u8, slot.Reason.Text);
            json.WriteStartArray("evidence"u8);
            foreach (var evidence in slot.Reason.Evidence)
            {
                json.WriteStartObject();
                json.WriteString("item"u8, evidence.Item);
                json.WriteString("title"u8, evidence.Title);
                json.WriteNumber("share"u8, evidence.Share);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Sends a list; <paramref name="at"/> is set where a kept receipt is read back.</summary>
    public static Task SendAsync(
        HttpContext context, string receipt, string source, AnsweringModel? model, bool degraded, byte[] slots, string? user = null, DateTimeOffset? at = null, IReadOnlyList<string>? unknown = null)
    {
        var (buffer, json) = Rent();
        json.WriteStartObject();
        json.WriteString("receipt"u8, receipt);
        if (at is { } time)
        {
            json.WriteString("user"u8, user);
            json.WriteString("at"u8, time);
        }

        json.WriteString("source"u8, source);
        if (model is null)
        {
            json.WriteNull("model"u8);
        }
        else
        {
            json.WriteStartObject("model"u8);
            json.WriteString("recommender"u8, model.Recommender);
            json.WriteString("run"u8, model.Run);
            json.WriteNumber("version"u8, model.Version);
            json.WriteEndObject();
        }

        json.WriteBoolean("degraded"u8, degraded);
        if (unknown is { Count: > 0 })
        {
            json.WriteStartArray("unknown"u8);
            foreach (var item in unknown)
            {
                json.WriteStringValue(item);
            }

            json.WriteEndArray();
        }

        json.WritePropertyName("data"u8);
        json.WriteRawValue(slots, skipInputValidation: true);
        json.WriteEndObject();
#pragma warning disable VSTHRD103 // The writer's buffer is memory; nothing blocks.
        json.Flush();
#pragma warning restore VSTHRD103

        var response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        response.Headers["X-Receipt-Id"] = receipt;
        response.BodyWriter.Write(buffer.WrittenSpan);
        var flushed = response.BodyWriter.FlushAsync(context.RequestAborted);
        return flushed.IsCompletedSuccessfully ? Task.CompletedTask : flushed.AsTask();
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) Rent()
    {
        s_buffer ??= new ArrayBufferWriter<byte>(8192);
        s_writer ??= new Utf8JsonWriter(s_buffer, s_options);
        s_buffer.ResetWrittenCount();
        s_writer.Reset(s_buffer);
        return (s_buffer, s_writer);
    }
}
