using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Kindred.Platform.Web;

/// <summary>
/// Gives route values back what the server keeps encoded. It decodes a path but for <c>%2F</c>, so the ids <c>a/b</c> (sent as <c>a%2Fb</c>) and
/// <c>a%2Fb</c> (sent as <c>a%252Fb</c>) would arrive as the same text. What was sent is decoded once instead, segment by segment.
/// </summary>
internal static class RouteIds
{
    public static void Restore(HttpContext context, Endpoint endpoint)
    {
        if (context.Request.Path.Value is not { } path || !path.Contains("%2F", StringComparison.OrdinalIgnoreCase)
            || endpoint is not RouteEndpoint { RoutePattern: var pattern }
            || context.Features.Get<IHttpRequestFeature>()?.RawTarget is not { Length: > 0 } target || target[0] != '/')
        {
            return;
        }

        var end = target.IndexOf('?', StringComparison.Ordinal);
        var sent = (end < 0 ? target : target[..end])[1..].Split('/');
        if (sent.Length != pattern.PathSegments.Count)
        {
            return;
        }

        for (var k = 0; k < sent.Length; k++)
        {
            if (pattern.PathSegments[k] is { IsSimple: true, Parts: [RoutePatternParameterPart { IsCatchAll: false } parameter] })
            {
                context.Request.RouteValues[parameter.Name] = Uri.UnescapeDataString(sent[k]);
            }
        }
    }
}
