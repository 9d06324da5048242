using System.Net;
using System.Security.Cryptography;
using System.Text;
using Kindred.Platform.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Kindred.Platform.Web;

/// <summary>What a route asks of its caller. Every route says one of these; a test walks them all.</summary>
public static class Access
{
    /// <summary>
    /// Wants a key, or the token of a person whose roles give it, with this scope (or admin) for the route's collection. Reading scopes give way to
    /// the collection's <c>public_reads</c>, writing scopes of <see cref="InCollection"/> routes to <c>public_writes</c>; admin never does. 401 without a valid key or token, 403 without
    /// the scope, 404 for another collection.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    /// <param name="people">What people without the scope may do here.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder route, string scope, PersonAccess people = PersonAccess.None)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope, people));

    /// <summary>As <see cref="RequireScope"/>, and no setting of the collection opens it: what people said of films is theirs.</summary>
    public static TBuilder RequireBearer<TBuilder>(this TBuilder route, string scope, PersonAccess people)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope, people) { NeverPublic = true });

    /// <summary>Wants the token of a person, whatever their roles; a key is refused with 403.</summary>
    public static TBuilder RequirePerson<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(Scope: null, PersonAccess.Any));

    /// <summary>
    /// Wants the header <c>Client-Header-Secret</c> with the value of <see cref="WebSettings.ClientSecret"/>: 401 without it, and always where none is set.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="scope">What the route does, one of <see cref="Scopes"/>.</param>
    public static TBuilder RequireClientSecret<TBuilder>(this TBuilder route, string scope)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope) { ClientSecret = true });

    /// <summary>Open to everyone by decision; credentials sent along are not looked at.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(AccessRule.Open);

    /// <summary>Takes the token from a cookie where there is no <c>Authorization</c>.</summary>
    public static TBuilder WithTokenCookie<TBuilder>(this TBuilder route, string cookie)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new TokenCarrier(cookie, Scheme: null));

    /// <summary>Takes <c>Authorization</c> of another scheme than Bearer too.</summary>
    public static TBuilder WithTokenScheme<TBuilder>(this TBuilder route, string scheme)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new TokenCarrier(Cookie: null, scheme + " "));

    /// <summary>
    /// The route is about this collection without naming it: one of the source systems' own. Only such routes can be opened by the collection's
    /// <c>public_writes</c>.
    /// </summary>
    public static TBuilder InCollection<TBuilder>(this TBuilder route, string collection)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new FixedCollection(collection));

    /// <summary>Lets bodies of this route be larger, or keeps them smaller, than the server's default.</summary>
    public static TBuilder WithBodyLimit<TBuilder>(this TBuilder route, long bytes)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new BodyLimit(bytes));
}

/// <summary>What a signed-in person may do on a route whose scope their roles do not give.</summary>
public enum PersonAccess
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Everything: the route tells nothing about anybody.</summary>
    Any,

    /// <summary>What is theirs: the route value <c>id</c> is their user id, or else 404.</summary>
    OwnId,

    /// <summary>What is theirs: the handler keeps its query to <see cref="OnlyUser"/>.</summary>
    Own,
}

/// <summary>A route's decision about its callers.</summary>
/// <param name="Scope">The scope wanted; null where no key has a say.</param>
/// <param name="People">What people without the scope may do.</param>
public sealed record AccessRule(string? Scope, PersonAccess People = PersonAccess.None)
{
    /// <summary>Open to everyone.</summary>
    public static AccessRule Open { get; } = new(Scope: null);

    /// <summary>True where the shop's secret is asked for, and nothing else.</summary>
    public bool ClientSecret { get; init; }

    /// <summary>True where no setting of a collection opens the route.</summary>
    public bool NeverPublic { get; init; }

    /// <summary>True when the route asks for nothing.</summary>
    public bool IsOpen => Scope is null && People == PersonAccess.None;

    /// <summary>True when the scope only reads.</summary>
    public bool Reads { get; } = Scope?.EndsWith(":read", StringComparison.Ordinal) ?? true;
}

internal sealed record BodyLimit(long Bytes);

internal sealed record FixedCollection(string Name);

internal sealed record TokenCarrier(string? Cookie, string? Scheme);

/// <summary>Whom a request is from, which collection it is about and whether it is kept to one user; set before the handler runs.</summary>
internal sealed record RequestScope(Collection? Collection, Caller? Caller, string? OnlyUser = null);

/// <summary>Decides after routing and before the handler: collection, key or token, scope or ownership. Nothing is read from the body before that.</summary>
internal sealed partial class AccessMiddleware(
    RequestDelegate next, CollectionRegistry collections, PlatformSettings platform, WebSettings web, ICredentials credentials, ILogger<AccessMiddleware> log)
{
    private const string Bearer = "Bearer ";
    private const string SecretHeader = "Client-Header-Secret";
    private static readonly Caller s_shop = new("client-secret", new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
    private const string NoCollection = "There is no collection of this name.";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        if (endpoint.Metadata.GetMetadata<BodyLimit>() is { } limit && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit.Bytes;
        }

        if (endpoint.Metadata.GetMetadata<AccessRule>() is not { } rule)
        {
            // Routing answers a wrong method (405) and a wrong kind of body (415) by endpoints of its own, which are no routes of ours.
            if (endpoint is not RouteEndpoint)
            {
                return next(context);
            }

            NoDecision(log, endpoint.DisplayName);
            return Refuse(context, 500, "This route has no access rule.");
        }

        RouteIds.Restore(context, endpoint);
        Collection? collection = null;
        var own = endpoint.Metadata.GetMetadata<FixedCollection>();
        if ((own?.Name ?? (string?)context.Request.RouteValues.GetValueOrDefault("collection")) is { } name)
        {
            collection = collections.Find(name);
            if (collection is null)
            {
                return Refuse(context, 404, NoCollection);
            }
        }

        if (rule.ClientSecret)
        {
            return RefusedSecret(context) is { } refusal ? Refuse(context, 401, refusal) : Enter(context, new RequestScope(collection, s_shop));
        }

        if (rule.IsOpen)
        {
            return Enter(context, new RequestScope(collection, Caller: null));
        }

        var isPublic = collection is not null && !rule.NeverPublic && rule.Scope is { } scope && scope != Scopes.Admin
            && (rule.Reads ? collection.Settings.PublicReads ?? platform.Development : own is not null && (collection.Settings.PublicWrites ?? platform.Development));
        return Token(context, endpoint.Metadata.GetMetadata<TokenCarrier>(), out var token)
            ? CheckAsync(context, rule, collection, isPublic, token)
            : isPublic && token.Length == 0 ? Enter(context, new RequestScope(collection, Caller: null))
            : Refuse(context, 401, token.Length == 0 ? "Send a key or a token as Authorization: Bearer ..." : "Authorization carries exactly one Bearer key or token.");
    }

    private string? RefusedSecret(HttpContext context)
    {
        var given = context.Request.Headers[SecretHeader];
        return given.Count != 1 || string.IsNullOrEmpty(given[0]) ? $"The token is missing: send it as {SecretHeader}."
            : web.ClientSecret.Length > 0 && CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(given[0]!)), SHA256.HashData(Encoding.UTF8.GetBytes(web.ClientSecret))) ? null
            : "The token is not valid.";
    }

    // False with an empty token when none was sent, and with the header when it is not one token.
    private static bool Token(HttpContext context, TokenCarrier? carrier, out string token)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            token = carrier?.Cookie is { } cookie ? context.Request.Cookies[cookie] ?? "" : "";
            return token.Length > 0;
        }

        token = header.ToString();
        foreach (var scheme in new[] { Bearer, carrier?.Scheme })
        {
            if (header.Count == 1 && scheme is not null && token.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                token = token[scheme.Length..].Trim();
                return true;
            }
        }

        token = "?";
        return false;
    }

    private async Task CheckAsync(HttpContext context, AccessRule rule, Collection? collection, bool isPublic, string token)
    {
        // A wrong key is told so even where none is needed: whoever sends one believes it works.
        if (await credentials.CheckAsync(token, context.RequestAborted) is not { } caller)
        {
            await Refuse(context, 401, "The key or token is not valid: mistyped, expired or revoked.");
        }
        else if (collection is not null && caller.Collections.Count > 0 && !caller.Collections.Contains(collection.Name))
        {
            await Refuse(context, 404, NoCollection);
        }
        else if (collection is null && caller.Collections.Count > 0)
        {
            await Refuse(context, 403, "The key is bound to collections; this is about all of them.");
        }
        else if (isPublic || (rule.Scope is { } scope && (caller.Scopes.Contains(scope) || caller.Scopes.Contains(Scopes.Admin))))
        {
            await Enter(context, new RequestScope(collection, caller));
        }
        else if (caller.Person is not { } person || rule.People == PersonAccess.None)
        {
            await Refuse(context, 403, rule.Scope is null ? "This is for people: sign in." : $"The key lacks the scope {rule.Scope}.");
        }
        else if (rule.People == PersonAccess.OwnId && !string.Equals((string?)context.Request.RouteValues["id"], person.User, StringComparison.Ordinal))
        {
            // Word for word what an unknown user is answered: nobody learns who else is here.
            await Refuse(context, 404, $"No user of collection {collection?.Name} has this id.");
        }
        else
        {
            await Enter(context, new RequestScope(collection, caller, rule.People is PersonAccess.Own or PersonAccess.OwnId ? person.User : null));
        }
    }

    private Task Enter(HttpContext context, RequestScope scope)
    {
        context.Features.Set(scope);
        return next(context);
    }

    private static Task Refuse(HttpContext context, int status, string detail)
    {
        if (status == (int)HttpStatusCode.Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return Problems.Of(status, detail).ExecuteAsync(context);
    }

    [LoggerMessage(LogLevel.Error, "{Route} says neither RequireScope, RequirePerson nor OpenToAll")]
    private static partial void NoDecision(ILogger log, string? route);
}
