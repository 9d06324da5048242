using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Platform.Web;

/// <summary>A page as the vendors' shop answers it where <c>?page=</c> asks for one: ten entries, addresses of the neighbours.</summary>
/// <param name="Count">Entries of the whole list.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
/// <param name="Previous">Address of the page before; null on the first.</param>
/// <param name="Results">The entries.</param>
public sealed record VendorPage<T>(long Count, string? Next, string? Previous, IReadOnlyList<T> Results);

/// <summary>Answers lists of the vendors' shop: bare arrays, or pages where they are asked for.</summary>
public static class VendorPage
{
    /// <summary>Entries of a page.</summary>
    public const int Size = 10;

    /// <summary>Most entries of a bare array.</summary>
    public const int Most = 1000;

    /// <summary>The page that is asked for, from 1; 0 for the bare array. False when there can be no such page.</summary>
    public static bool TryRead(HttpRequest request, out int page)
    {
        ArgumentNullException.ThrowIfNull(request);
        page = 0;
        return !request.Query.TryGetValue("page", out var asked)
            || (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out page) && page is >= 1 and <= int.MaxValue / Size);
    }

    /// <summary>404 for a page there is not.</summary>
    public static ProblemHttpResult Missing() => Problems.NotFound("Invalid page.");

    /// <summary>Reads the part of the list that is asked for (offset, limit; with the number of all) and answers it; 404 for a page there is not.</summary>
    public static async Task<IResult> AnswerAsync<T>(HttpContext context, Func<int, int, Task<(IReadOnlyList<T> Rows, long Count)>> read)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(read);
        if (!TryRead(context.Request, out var page))
        {
            return Missing();
        }

        if (page == 0)
        {
            return TypedResults.Ok((await read(0, Most)).Rows);
        }

        var (rows, count) = await read((page - 1) * Size, Size);
        return rows.Count == 0 && page > 1
            ? Missing()
            : TypedResults.Ok(new VendorPage<T>(count, Next(context.Request, page, count), Previous(context.Request, page), rows));
    }

    /// <summary>Answers entries that were written as a JSON array before; as <see cref="AnswerAsync{T}"/> otherwise.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="page">The page of <see cref="TryRead"/>.</param>
    /// <param name="count">Entries of the whole list.</param>
    /// <param name="rows">Entries of this page.</param>
    /// <param name="results">The entries, UTF-8.</param>
    public static IResult Answer(HttpRequest request, int page, long count, int rows, ReadOnlyMemory<byte> results)
    {
        ArgumentNullException.ThrowIfNull(request);
        return rows == 0 && page > 1 ? Missing() : new Written(page, count, results);
    }

    private static string? Next(HttpRequest request, int page, long count) => (long)page * Size < count ? Address(request, page + 1) : null;

    private static string? Previous(HttpRequest request, int page) => page > 1 ? Address(request, page - 1) : null;

    private static string Address(HttpRequest request, int page)
    {
        var query = QueryString.Create(request.Query.Where(pair => pair.Key != "page").Append(new("page", page.ToString(CultureInfo.InvariantCulture))));
        return UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path, query);
    }

    private sealed class Written(int page, long count, ReadOnlyMemory<byte> results) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            if (page == 0)
            {
                httpContext.Response.ContentLength = results.Length;
                await httpContext.Response.Body.WriteAsync(results, httpContext.RequestAborted);
                return;
            }

            var body = new ArrayBufferWriter<byte>(results.Length + 512);
            using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = StrictJson.Options.Encoder, SkipValidation = true }))
            {
                json.WriteStartObject();
                json.WriteNumber("count", count);
                json.WriteString("next", Next(httpContext.Request, page, count));
                json.WriteString("previous", Previous(httpContext.Request, page));
                json.WritePropertyName("results");
                json.WriteRawValue(results.Span, skipInputValidation: true);
                json.WriteEndObject();
            }

            httpContext.Response.ContentLength = body.WrittenCount;
            await httpContext.Response.BodyWriter.WriteAsync(body.WrittenMemory, httpContext.RequestAborted);
        }
    }
}
