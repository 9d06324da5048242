using System.Globalization;
using System.Text;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Notifications.Mail;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Notifications.Notices;

/// <summary>A notice somebody's program asks for.</summary>
/// <param name="Notification"><c>user_registered</c>, <c>popular_movies</c>, <c>episode_release</c> or <c>generic</c>.</param>
/// <param name="DataStore"><c>user_id</c> and <c>email</c>; <c>movies</c>, <c>series_id</c> and <c>episode</c>, or <c>message</c>, by the kind.</param>
public sealed record NoticeRequest(string Notification, Dictionary<string, JsonElement> DataStore);

/// <summary>A notice that was delivered.</summary>
public sealed record NoticeResponse(Guid Id, Guid UserId, string Body, string Recipient, string DeliveryMethod, DateTimeOffset ExpirationTime);

/// <summary>How the caller wants to be told.</summary>
/// <param name="Language"><c>en</c>, <c>ru</c>, <c>pt</c>; null for the server's.</param>
/// <param name="Recommendations">True to get films by mail, at most once a week.</param>
/// <param name="QuietFrom">Hour from which newsletters wait, 0-23; null for never.</param>
/// <param name="QuietUntil">Hour until which they wait.</param>
/// <param name="TimeZone">Zone of these hours by its IANA name; null for UTC.</param>
public sealed record NoticeSettingsRequest(string? Language = null, bool Recommendations = false, int? QuietFrom = null, int? QuietUntil = null, string? TimeZone = null);

/// <summary>The routes of notices, of what people want to be told, and of the link that ends it.</summary>
internal sealed class NoticeRoutes(Notifier notifier, NoticeStore store, MailPreferences preferences, Unsubscribing unsubscribing, IPeopleReader people, Database database)
{
    private const int LongestMessage = 2000;
    private const int MostFilms = 100;
    private const string Policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static readonly string[] s_always = ["user_id", "email"];

    public async Task<IResult> AskAsync(NoticeRequest request, CancellationToken cancellation)
    {
        string[]? needed = request.Notification switch
        {
            NoticeWords.UserRegistered => [],
            NoticeWords.PopularMovies => ["movies"],
            NoticeWords.EpisodeRelease => ["series_id", "episode"],
            NoticeWords.Generic => ["message"],
            _ => null,
        };
        if (needed is null)
        {
            return Problems.Unprocessable("There is no such notification.", new FieldError("/notification", "unknown", "user_registered, popular_movies, episode_release or generic"));
        }

        FieldError[] missing = [.. s_always.Concat(needed).Where(key => !request.DataStore.TryGetValue(key, out var value) || value.ValueKind == JsonValueKind.Null)
            .Select(key => new FieldError($"/data_store/{key}", "required", $"{key} is missing"))];
        if (missing.Length > 0)
        {
            return Problems.Unprocessable("The data of this notification is not complete.", missing);
        }

        if (!Guid.TryParse(Text(request, "user_id"), out var id) || await people.FindAsync(id, cancellation) is not { } person)
        {
            return Problems.Unprocessable("Nobody has this id.", new FieldError("/data_store/user_id", "unknown", "the id of an account, a UUID"));
        }

        // A key may tell people something; it may not write to whom it likes.
        if (!string.Equals(Text(request, "email"), person.Email, StringComparison.OrdinalIgnoreCase))
        {
            return Problems.Unprocessable("The address is not this user's.", new FieldError("/data_store/email", "mismatch", "the address of this account"));
        }

        var films = needed is ["movies"] && request.DataStore["movies"] is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() is > 0 and <= MostFilms
            && array.EnumerateArray().All(film => film.ValueKind == JsonValueKind.String) ? array.EnumerateArray().Select(film => film.GetString()!).ToArray() : null;
        if (needed is ["movies"] && films is null)
        {
            return Problems.Unprocessable("Films are their titles.", new FieldError("/data_store/movies", "invalid", $"1 to {MostFilms} titles"));
        }

        var body = request.Notification switch
        {
            NoticeWords.PopularMovies => string.Join(", ", films!),
            NoticeWords.EpisodeRelease => $"A new episode is out: {Text(request, "series_id")}, episode {Text(request, "episode")}",
            NoticeWords.Generic => Text(request, "message"),
            _ => $"Welcome, {person.Name}!",
        };
        if (string.IsNullOrWhiteSpace(body) || body.Length > LongestMessage)
        {
            return Problems.Unprocessable("The notification says nothing, or too much.", new FieldError($"/data_store/{needed.FirstOrDefault()}", "length", $"1 to {LongestMessage} characters"));
        }

        await database.WriteAsync(transaction => notifier.AskAsync(transaction, person, request.Notification, body, films, occasion: null, cancellation), cancellation);
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }

    public async Task<IResult> ListAsync(string? user_id, OnlyUser only, Caller caller, CancellationToken cancellation, int page_number = 0, int page_size = 10)
    {
        if (page_number < 0 || page_size is < 1 or > 100)
        {
            return Problems.Unprocessable("There is no such page.", new FieldError("page_size", "range", "page_number from 0, page_size 1 to 100"));
        }

        if (!Guid.TryParse(user_id ?? (caller.Person is null ? null : caller.Id), out var id))
        {
            return Problems.Unprocessable("user_id is the id of a user.", new FieldError("user_id", "uuid", "a UUID"));
        }

        if ((only.Id is not null && id.ToString() != caller.Id) || await people.FindAsync(id, cancellation) is not { } person)
        {
            return Problems.NotFound("There is no such user.");
        }

        return TypedResults.Ok((await store.ListSentAsync(person.Number, page_number * page_size, page_size, cancellation))
            .Select(row => new NoticeResponse(Guid.Parse(row.Id), Guid.Parse(row.UserId), row.Body, row.Recipient, row.Method, DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAt))).ToArray());
    }

    public async Task<IResult> SettingsAsync(Caller caller, CancellationToken cancellation)
    {
        var row = await preferences.FindAsync(caller.Person!.Number, cancellation);
        return TypedResults.Ok(new NoticeSettingsRequest(row.Language, row.Recommendations == 1, (int?)row.QuietFrom, (int?)row.QuietUntil, row.TimeZone));
    }

    public async Task<IResult> SetAsync(NoticeSettingsRequest request, Caller caller, CancellationToken cancellation)
    {
        List<FieldError> faults = [];
        if (request.Language is not null && !LetterWriter.Languages.Contains(request.Language))
        {
            faults.Add(new FieldError("/language", "unknown", string.Join(", ", LetterWriter.Languages)));
        }

        if (request.QuietFrom is null != request.QuietUntil is null || request.QuietFrom is < 0 or > 23 || request.QuietUntil is < 0 or > 23)
        {
            faults.Add(new FieldError("/quiet_from", "range", "quiet_from and quiet_until go together, each 0 to 23"));
        }

        if (request.TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(request.TimeZone, out _))
        {
            faults.Add(new FieldError("/time_zone", "unknown", "an IANA name such as Europe/Berlin"));
        }

        if (faults.Count > 0)
        {
            return Problems.Unprocessable("These settings cannot be kept.", faults);
        }

        await preferences.SetAsync(
            new PreferenceRow
            {
                Person = caller.Person!.Number, Language = request.Language, Recommendations = request.Recommendations ? 1 : 0, QuietFrom = request.QuietFrom, QuietUntil = request.QuietUntil, TimeZone = request.TimeZone,
            },
            cancellation);
        return TypedResults.Ok(request);
    }

    /// <summary>A page with one button: programs that look at links in mails before people do change nothing by it.</summary>
    public async Task<IResult> AskToStopAsync(string token, HttpContext context, CancellationToken cancellation) =>
        await unsubscribing.ReadAsync(token, cancellation) is null ? Unknown()
        : Page(context, "<h1>No more letters with films?</h1><form method=\"post\"><button>Stop them</button></form>");

    public async Task<IResult> StopAsync(string token, HttpContext context, CancellationToken cancellation)
    {
        if (await unsubscribing.ReadAsync(token, cancellation) is not { } person)
        {
            return Unknown();
        }

        await preferences.StopAsync(person, cancellation);
        return Page(context, "<h1>Done</h1><p>You get no more letters with films. You can ask for them again in your settings.</p>");
    }

    private static ProblemHttpResult Unknown() => Problems.NotFound("This link is not one of ours.");

    private static ContentHttpResult Page(HttpContext context, string body)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(
            $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>Letters - Kindred</title></head><body><main>{body}</main></body></html>",
            "text/html",
            Encoding.UTF8);
    }

    private static string Text(NoticeRequest request, string key) => request.DataStore[key] switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!.Trim(),
        { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : number.GetRawText(),
        _ => "",
    };
}
