using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Items;
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

/// <summary>Writes lists as JSON by hand, from bytes that each item holds ready: most of a list are names.</summary>
internal static class ListWriter
{
    // A number of any kind with the words around it.
    private const int NumberRoom = 64;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? s_writer;

    /// <summary>Sends a list; <paramref name="at"/> is set where a kept receipt is read back.</summary>
    public static Task SendAsync(HttpContext context, string receipt, RankedList list, string? user = null, DateTimeOffset? at = null, IReadOnlyList<string>? unknown = null)
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(8192);
        var json = s_writer ??= new Utf8JsonWriter(buffer, s_options);
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        Head(json, receipt, list, user, at, unknown);
        Slots(buffer, list.Slots);
        Append(buffer, "}"u8);

        var response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        response.Headers["X-Receipt-Id"] = receipt;
        response.BodyWriter.Write(buffer.WrittenSpan);
        var flushed = response.BodyWriter.FlushAsync(context.RequestAborted);
        return flushed.IsCompletedSuccessfully ? Task.CompletedTask : flushed.AsTask();
    }

    // Everything before the array of places, and the member's name.
    private static void Head(Utf8JsonWriter json, string receipt, RankedList list, string? user, DateTimeOffset? at, IReadOnlyList<string>? unknown)
    {
        json.WriteStartObject();
        json.WriteString("receipt"u8, receipt);
        if (at is { } time)
        {
            json.WriteString("user"u8, user);
            json.WriteString("at"u8, time);
        }

        json.WriteString("source"u8, list.Source);
        if (list.Model is not { } model)
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

        json.WriteBoolean("degraded"u8, list.Degraded);
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
        json.Flush();
    }

    private static void Slots(ArrayBufferWriter<byte> buffer, Slot[] slots)
    {
        Append(buffer, "["u8);
        for (var k = 0; k < slots.Length; k++)
        {
            ref readonly var slot = ref slots[k];
            Append(buffer, k == 0 ? "{"u8 : ",{"u8);
            Append(buffer, slot.Item.Json.Place);
            Append(buffer, ",\"score\":"u8, slot.Score);
            Append(buffer, ",\"rank\":"u8, k + 1);
            Append(buffer, ",\"source\":\""u8);
            Append(buffer, slot.Source);
            Append(buffer, "\",\"reason\":{\"text\":\""u8);
            Append(buffer, slot.Why.Words);
            if (slot.Why.About is { } about)
            {
                Append(buffer, about.Json.Name);
            }

            Append(buffer, "\",\"evidence\":["u8);
            Evidence(buffer, slot.Why);
            Append(buffer, "]}}"u8);
        }

        Append(buffer, "]"u8);
    }

    private static void Evidence(ArrayBufferWriter<byte> buffer, in Why why)
    {
        if (why.All is { } all)
        {
            for (var k = 0; k < all.Count; k++)
            {
                Append(buffer, k == 0 ? "{\"item\":"u8 : ",{\"item\":"u8);
                AppendText(buffer, all[k].Item);
                Append(buffer, ",\"title\":"u8);
                AppendText(buffer, all[k].Title);
                Append(buffer, ",\"share\":"u8, all[k].Share);
                Append(buffer, "}"u8);
            }

            return;
        }

        One(buffer, "{"u8, why.First);
        One(buffer, ",{"u8, why.Second);
        One(buffer, ",{"u8, why.Third);
    }

    private static void One(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> before, (ItemRow? Item, float Share) one)
    {
        if (one.Item is not null)
        {
            Append(buffer, before);
            Append(buffer, one.Item.Json.Evidence);
            Append(buffer, ",\"share\":"u8, one.Share);
            Append(buffer, "}"u8);
        }
    }

    private static void Append(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    // Words of ours: nothing in them to escape.
    private static void Append(ArrayBufferWriter<byte> buffer, string ours) => buffer.Advance(Encoding.UTF8.GetBytes(ours, buffer.GetSpan(ours.Length * 3)));

    private static void AppendText(ArrayBufferWriter<byte> buffer, string? text)
    {
        if (text is null)
        {
            Append(buffer, "null"u8);
            return;
        }

        Append(buffer, "\""u8);
        Append(buffer, JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        Append(buffer, "\""u8);
    }

    // Shortest digits that read back as the same number, in JSON's own form.
    private static void Append<T>(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> name, T number)
        where T : IUtf8SpanFormattable
    {
        Append(buffer, name);
        number.TryFormat(buffer.GetSpan(NumberRoom), out var written, default, CultureInfo.InvariantCulture);
        buffer.Advance(written);
    }
}
