using System.Text.Json;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Recommendations.Films;

/// <summary>How lists of films are written and sent.</summary>
internal static class FilmAnswers
{
    /// <summary>An answer as it is kept.</summary>
    public static byte[] Json<T>(T answer) => JsonSerializer.SerializeToUtf8Bytes(answer, StrictJson.Options);

    /// <summary>True where the caller wants it made anew; with <c>no-store</c> also kept by nobody.</summary>
    public static (bool Anew, bool Keep) Wish(HttpRequest request)
    {
        var control = request.Headers.CacheControl.ToString();
        var store = !control.Contains("no-store", StringComparison.OrdinalIgnoreCase);
        return (!store || control.Contains("no-cache", StringComparison.OrdinalIgnoreCase), store);
    }

    /// <summary>Sends a body as JSON.</summary>
    public static IResult Plain(byte[] body) => TypedResults.Bytes(body, "application/json; charset=utf-8");

    /// <summary>Sends a kept answer with how long it is good and its tag; 304 where the caller has it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="personal">It is one person's, so only their own browser may keep it.</param>
    public static IResult Tagged(HttpContext context, KeptAnswer answer, bool personal)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(personal ? "private, " : "")}max-age={(int)Math.Max(0, answer.Left.TotalSeconds)}");
        headers.ETag = answer.Tag;
        if (personal)
        {
            headers.Vary = "Authorization, Cookie";
        }

        return context.Request.Headers.IfNoneMatch.Any(given => given is not null && given.Split(',').Any(tag => tag.Trim() is var one && (one == "*" || string.Equals(one, answer.Tag, StringComparison.Ordinal))))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : Plain(answer.Body);
    }
}
