using Microsoft.AspNetCore.Builder;

namespace Kindred.Platform.Web;

/// <summary>What a route asks of its caller. Every route says one of these; a test walks them all.</summary>
public static class Access
{
    /// <summary>
    /// Wants a bearer key with this scope (or admin) for the route's collection. Reading scopes give way to the collection's
    /// <c>public_reads</c>, writing scopes to <c>public_writes</c>; admin never does. 401 without a valid key, 403 without the scope, 404 for another collection.
    /// </summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder route, string scope)
        where TBuilder : IEndpointConventionBuilder => throw new NotSupportedException();

    /// <summary>Open to everyone by decision.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => throw new NotSupportedException();
}
