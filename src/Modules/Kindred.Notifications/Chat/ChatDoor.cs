using Kindred.Contracts;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kindred.Notifications.Chat;

/// <summary>
/// Lets a WebSocket in, or answers why not before it is one: whose token it is (a header, a ticket of one use, the first-party cookie), that the address is that
/// person's, and that they are a member of the room. Names and roles are the server's.
/// </summary>
internal sealed class ChatDoor(
    ICredentials credentials, ChatTickets tickets, ChatStore store, IPeopleReader people, ChatHub hub, ChatWriter writer, ChatSettings settings, WebSettings web, TimeProvider clock, ILogger<ChatConnection> log)
{
    public const string Cookie = "bonds";
    private const string Bearer = "Bearer ";

    public async Task<IResult> EnterAsync(string room, string user, HttpContext context, CancellationToken cancellation)
    {
        if (!IsOurs(context, web))
        {
            return Problems.Forbidden("A page of another origin cannot open the chat.");
        }

        if (await WhoAsync(context, cancellation) is not var (id, session))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.Unauthenticated("Send a token as Authorization: Bearer ..., or a ticket as ?ticket=.");
        }

        if (!Guid.TryParse(user, out var asked) || asked.ToString() != id)
        {
            return Problems.Forbidden("The chat is entered as oneself.");
        }

        if (!Guid.TryParse(room, out var number) || await store.EnterAsync(number, session.Number, cancellation) is not { } row
            || !(await people.FindAsync([session.Number], cancellation)).TryGetValue(session.Number, out var person))
        {
            return Problems.NotFound("You are in no room of this id.");
        }

        long? after = null;
        if (context.Request.Query.TryGetValue("after", out var text))
        {
            if (!long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var place))
            {
                return Problems.Invalid("after is the id of a message.", new FieldError("after", "number", "a whole number from 0"));
            }

            after = place;
        }

        if (!hub.TryReserve(session.Number))
        {
            return Problems.TooMany("More connections than one person, or this server, holds.", TimeSpan.FromSeconds(10));
        }

        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = settings.Ping, KeepAliveTimeout = settings.Ping });
            var who = new Present(person.Number, Said.Name(person.Name), person.Email, person.IsAdmin ? ChatConnection.Admin : "user");
            await new ChatConnection(socket, who, session, row, hub, store, writer, settings, clock, log).RunAsync(after, context.RequestAborted);
        }
        finally
        {
            hub.Release(session.Number);
        }

        return Results.Empty;
    }

    /// <summary>False for a browser that acts for a page of another origin: it sends our cookie along, whoever wrote the page.</summary>
    public static bool IsOurs(HttpContext context, WebSettings web) =>
        context.Request.Headers.Origin is var origins && (origins.Count == 0
        || (origins is [{ } origin] && (web.AllowedOrigins.Contains(origin, StringComparer.Ordinal)
            || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, Authority(context.Request, from), StringComparison.OrdinalIgnoreCase)))));

    // A proxy in front may speak https where we do not: the port that goes without saying is its scheme's.
    private static string Authority(HttpRequest request, Uri from) => Uri.TryCreate($"{from.Scheme}://{request.Host}", UriKind.Absolute, out var here) ? here.Authority : "";

    private async Task<(string Id, SignedIn Person)?> WhoAsync(HttpContext context, CancellationToken cancellation)
    {
        if (context.Request.Headers.Authorization is { Count: > 0 } header)
        {
            return header is [{ } bearer] && bearer.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? await CheckAsync(bearer[Bearer.Length..].Trim(), cancellation) : null;
        }

        if (context.Request.Query["ticket"] is [{ } ticket])
        {
            return await tickets.UseAsync(ticket, cancellation) is var (id, person) && (await credentials.LiveAsync([person], cancellation)).Contains(person) ? (id, person) : null;
        }

        return context.Request.Cookies[Cookie] is { } cookie ? await CheckAsync(cookie, cancellation) : null;
    }

    private async Task<(string Id, SignedIn Person)?> CheckAsync(string token, CancellationToken cancellation) =>
        await credentials.CheckAsync(token, cancellation) is { Person: { } person } caller ? (caller.Id, person) : null;
}
