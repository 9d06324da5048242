using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Kindred.Platform.Web;

/// <summary>The paths of the cinema, which its own gateway used to guard.</summary>
internal static class CinemaPaths
{
    private static readonly (string Document, string[] Prefixes)[] s_services =
    [
        ("auth", ["/auth"]),
        ("recom", ["/recom"]),
        ("social", ["/social"]),
        ("ws", ["/ws"]),
        ("api", ["/api/v1/films", "/api/v1/genres", "/api/v1/persons"]),
    ];

    /// <summary>Names of the services, each with a description of its own at <c>/NAME/openapi</c>.</summary>
    public static IEnumerable<string> Services => s_services.Select(service => service.Document);

    /// <summary>The service a path belongs to; null for none of the cinema's.</summary>
    public static string? ServiceOf(PathString path)
    {
        foreach (var (document, prefixes) in s_services)
        {
            foreach (var prefix in prefixes)
            {
                if (path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    return document;
                }
            }
        }

        return null;
    }

    /// <summary>True for the page and the document that describe a service.</summary>
    public static bool IsDescription(PathString path)
    {
        foreach (var (document, _) in s_services)
        {
            if (path.StartsWithSegments($"/{document}/openapi", StringComparison.Ordinal) || path.Equals($"/{document}/openapi.json", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// What the cinema's gateway did: a request of its paths names itself by <c>X-Request-Id</c>, and an address has so many a second. Browsers that follow a link
/// or send a form cannot set a header: who asks for <c>text/html</c> need not, nor who opens a WebSocket or asks what is allowed.
/// </summary>
internal sealed class CinemaEdgeMiddleware(RequestDelegate next, WebSettings settings, PlatformSettings platform, TimeProvider clock)
{
    private readonly AddressShares? _shares = (settings.CinemaRequestsPerSecond ?? (platform.Development ? 0 : 50)) is var rate and > 0 ? new AddressShares(rate, settings.CinemaBurst, clock) : null;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (CinemaPaths.ServiceOf(request.Path) is null)
        {
            return next(context);
        }

        if (_shares?.Take(context.Connection.RemoteIpAddress) is { } wait)
        {
            return Problems.TooMany("More requests than one address may send.", wait).ExecuteAsync(context);
        }

        return settings.RequestIdRequired && !IsExempt(context) && !string.Equals(context.Request.Headers[KindredWeb.RequestIdHeader].ToString(), context.TraceIdentifier, StringComparison.Ordinal)
            ? Problems.Of(StatusCodes.Status400BadRequest, string.Create(CultureInfo.InvariantCulture, $"{KindredWeb.RequestIdHeader} is required: 1 to 128 visible ASCII characters, once.")).ExecuteAsync(context)
            : next(context);
    }

    private static bool IsExempt(HttpContext context) =>
        string.Equals(context.Request.Headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase)
        || HttpMethods.IsOptions(context.Request.Method)
        || CinemaPaths.IsDescription(context.Request.Path)
        || context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// Holds each address to a number of requests a second with a burst. What is kept of an address is the moment up to which its share is used up; of an IPv6
/// address the first 64 bits count. The table is bounded: while it is full of busy addresses, those that are not in it share one place.
/// </summary>
internal sealed class AddressShares(double perSecond, int burst, TimeProvider clock)
{
    /// <summary>Most addresses at once.</summary>
    public const int Most = 50_000;

    private static readonly UInt128 s_others = UInt128.MaxValue;
    private readonly long _step = (long)(clock.TimestampFrequency / perSecond);
    private readonly long _most = (long)(clock.TimestampFrequency / perSecond * burst);
    private readonly Dictionary<UInt128, long> _usedUntil = [];
    private readonly Lock _lock = new();
    private long _swept;

    /// <summary>Number of addresses that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _usedUntil.Count;
            }
        }
    }

    /// <summary>Takes one request of an address's share; how long to wait where none is left.</summary>
    public TimeSpan? Take(IPAddress? address)
    {
        var (key, now) = (Key(address), clock.GetTimestamp());
        lock (_lock)
        {
            if (_usedUntil.Count >= Most && !_usedUntil.ContainsKey(key))
            {
                Sweep(now);
                key = _usedUntil.Count >= Most ? s_others : key;
            }

            var used = Math.Max(_usedUntil.GetValueOrDefault(key, now), now) + _step;
            if (used - now > _most)
            {
                return TimeSpan.FromSeconds((double)(used - now - _most) / clock.TimestampFrequency);
            }

            _usedUntil[key] = used;
            return null;
        }
    }

    // At most once a second: a flood of addresses must not make every request walk the table.
    private void Sweep(long now)
    {
        if (_swept != 0 && now - _swept < clock.TimestampFrequency)
        {
            return;
        }

        _swept = now;
        foreach (var (idle, until) in _usedUntil)
        {
            if (until <= now)
            {
                _usedUntil.Remove(idle);
            }
        }
    }

    private static UInt128 Key(IPAddress? address)
    {
        if (address is null)
        {
            return s_others;
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out _);
        if (plain.AddressFamily == AddressFamily.InterNetworkV6)
        {
            bytes[8..].Clear();
        }
        else
        {
            // Apart from every IPv6 network.
            bytes[15] = 4;
        }

        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
