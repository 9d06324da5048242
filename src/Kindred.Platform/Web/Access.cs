using System.Net;
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
    /// Wants a bearer key with this scope (or admin) for the route's collection. Reading scopes give way to the collection's
    /// <c>public_reads</c>, writing scopes to <c>public_writes</c>; admin never does. 401 without a valid key, 403 without the scope, 404 for another collection.
    /// </summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder route, string scope)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessRule(scope));

    /// <summary>Open to everyone by decision.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(AccessRule.Open);

    /// <summary>Lets bodies of this route be larger than the server's default.</summary>
    public static TBuilder WithBodyLimit<TBuilder>(this TBuilder route, long bytes)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new BodyLimit(bytes));
}

/// <summary>A route's decision about its callers.</summary>
/// <param name="Scope">The scope wanted; null for everyone.</param>
public sealed record AccessRule(string? Scope)
{
    /// <summary>Open to everyone.</summary>
    public static AccessRule Open { get; } = new(Scope: null);

    /// <summary>True when the scope only reads.</summary>
    public bool Reads { get; } = Scope?.EndsWith(":read", StringComparison.Ordinal) ?? true;
}

internal sealed record BodyLimit(long Bytes);

/// <summary>Whom a request is from and which collection it is about; set before the handler runs.</summary>
internal sealed record RequestScope(Collection? Collection, Caller? Caller);

/// <summary>Decides after routing and before the handler: collection, key, scope. Nothing is read from the body before that.</summary>
internal sealed partial class AccessMiddleware(RequestDelegate next, CollectionRegistry collections, ICredentials credentials, ILogger<AccessMiddleware> log)
{
    private const string Bearer = "Bearer ";

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
        if (context.Request.RouteValues.TryGetValue("collection", out var name))
        {
            collection = collections.Find((string)name!);
            if (collection is null)
            {
                return Refuse(context, 404, "There is no collection of this name.");
            }
        }

        var isPublic = rule.Scope is null
            || (collection is not null && rule.Scope != Scopes.Admin && (rule.Reads ? collection.Settings.PublicReads : collection.Settings.PublicWrites));
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return isPublic ? Enter(context, collection, caller: null) : Refuse(context, 401, "Send a key as Authorization: Bearer kindred_live_...");
        }

        return header.Count == 1 && header[0] is { } bearer && bearer.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? CheckAsync(context, rule, collection, isPublic, bearer[Bearer.Length..].Trim())
            : Refuse(context, 401, "Authorization carries exactly one Bearer key.");
    }

    private async Task CheckAsync(HttpContext context, AccessRule rule, Collection? collection, bool isPublic, string bearer)
    {
        // A wrong key is told so even where none is needed: whoever sends one believes it works.
        if (await credentials.CheckAsync(bearer, context.RequestAborted) is not { } caller)
        {
            await Refuse(context, 401, "The key is not valid: mistyped, expired or revoked.");
        }
        else if (collection is not null && caller.Collections.Count > 0 && !caller.Collections.Contains(collection.Name))
        {
            await Refuse(context, 404, "There is no collection of this name.");
        }
        else if (!isPublic && !caller.Scopes.Contains(rule.Scope!) && !caller.Scopes.Contains(Scopes.Admin))
        {
            await Refuse(context, 403, $"The key lacks the scope {rule.Scope}.");
        }
        else
        {
            await Enter(context, collection, caller);
        }
    }

    private Task Enter(HttpContext context, Collection? collection, Caller? caller)
    {
        if (collection is not null || caller is not null)
        {
            context.Features.Set(new RequestScope(collection, caller));
        }

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

    [LoggerMessage(LogLevel.Error, "{Route} says neither RequireScope nor OpenToAll")]
    private static partial void NoDecision(ILogger log, string? route);
}
