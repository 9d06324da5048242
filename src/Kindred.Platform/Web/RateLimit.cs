using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Kindred.Platform.Web;

/// <summary>
/// Holds each key, or each address without one, to a number of requests a second with bursts of one second's worth. What is kept of a caller is
/// the moment up to which their share is used up; whoever is past it is forgotten when the table is full.
/// </summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, WebSettings settings, TimeProvider clock)
{
    private const int MostCallers = 50_000;
    private readonly ConcurrentDictionary<string, long> _usedUntil = new(StringComparer.Ordinal);
    private readonly long _step = (long)(clock.TimestampFrequency / settings.RequestsPerSecond);
    private readonly long _burst = Math.Max(clock.TimestampFrequency, (long)(clock.TimestampFrequency / settings.RequestsPerSecond));

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is not { IsOpen: false })
        {
            return next(context);
        }

        var caller = context.Features.Get<RequestScope>()?.Caller?.Id ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
        var now = clock.GetTimestamp();
        while (true)
        {
            var known = _usedUntil.TryGetValue(caller, out var until);
            var used = Math.Max(known ? until : now, now) + _step;
            if (used - now > _burst)
            {
                return Problems.TooMany("More requests than one caller may send.", TimeSpan.FromSeconds((double)(used - now - _burst) / clock.TimestampFrequency)).ExecuteAsync(context);
            }

            if (known ? _usedUntil.TryUpdate(caller, used, until) : _usedUntil.TryAdd(caller, used))
            {
                break;
            }
        }

        if (_usedUntil.Count > MostCallers)
        {
            foreach (var (idle, _) in _usedUntil.Where(pair => pair.Value <= now))
            {
                _usedUntil.TryRemove(idle, out _);
            }
        }

        return next(context);
    }
}
