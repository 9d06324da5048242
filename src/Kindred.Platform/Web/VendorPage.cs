using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

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

    /// <summary>Reads the part of the list that is asked for (offset, limit; with the number of all) and answers it; 404 for a page there is not.</summary>
    public static async Task<IResult> AnswerAsync<T>(HttpContext context, Func<int, int, Task<(IReadOnlyList<T> Rows, long Count)>> read)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(read);
        if (!context.Request.Query.TryGetValue("page", out var asked))
        {
            return TypedResults.Ok((await read(0, Most)).Rows);
        }

        if (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var page) || page is < 1 or > int.MaxValue / Size)
        {
            return Problems.NotFound("Invalid page.");
        }

        var (rows, count) = await read((page - 1) * Size, Size);
        return rows.Count == 0 && page > 1
            ? Problems.NotFound("Invalid page.")
            : TypedResults.Ok(new VendorPage<T>(count, (long)page * Size < count ? Address(context.Request, page + 1) : null, page > 1 ? Address(context.Request, page - 1) : null, rows));
    }

    private static string Address(HttpRequest request, int page)
    {
        var query = QueryString.Create(request.Query.Where(pair => pair.Key != "page").Append(new("page", page.ToString(CultureInfo.InvariantCulture))));
        return UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path, query);
    }
}
