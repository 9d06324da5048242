using System.Data.Common;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Recommendations.Items;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Films;

/// <summary>Sends kept answers, and tells others of the lists that were made for them.</summary>
internal sealed partial class FilmAnswers(Database database, Outbox outbox, ILogger<FilmAnswers> log)
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

    /// <summary>Writes down that films were recommended. A list stands without it: what fails is logged.</summary>
    public async Task TellAsync(Guid? user, IReadOnlyList<ItemRow> films, CancellationToken cancellation)
    {
        if (films.Count == 0)
        {
            return;
        }

        try
        {
            var made = new RecommendationsMade(user, [.. films.Select(film => new RecommendedFilm(film.Id, film.Title ?? film.Id))]);
            await database.WriteAsync(transaction => outbox.AddAsync(CinemaTopics.Recommendations, made, transaction, cancellation), cancellation);
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or IOException)
        {
            NotTold(log, fault);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Nobody was told of a list of films")]
    private static partial void NotTold(ILogger log, Exception fault);
}
