using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Kindred.Accounts.People;

/// <summary>Where a request comes from.</summary>
/// <param name="Address">Network address; of IPv6 the first 64 bits, which is what one household has.</param>
/// <param name="UserAgent">As sent, at most 512 characters, control characters taken out.</param>
/// <param name="Language">The language the browser asks for first, such as <c>pt-BR</c>; null where it names none.</param>
internal sealed record Visit(string Address, string UserAgent, string? Language = null)
{
    private const int LongestAgent = 512;

    /// <summary><c>smart</c>, <c>mobile</c> or <c>web</c>.</summary>
    public string Device =>
        Says("TV") || Says("Roku") || Says("BRAVIA") || Says("Tizen") || Says("WebOS") ? "smart" : Says("Mobi") || Says("Android") || Says("iPhone") || Says("iPad") ? "mobile" : "web";

    public static Visit Of(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new Visit(Network(context.Connection.RemoteIpAddress), new string([.. agent.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(LongestAgent)]), First(context.Request.Headers.AcceptLanguage.ToString()));
    }

    // Browsers send the one they like best first.
    private static string? First(string languages) => languages.Split(',', 2)[0].Split(';', 2)[0].Trim() is { Length: > 0 and <= 35 } tag && tag.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-') ? tag : null;

    private static string Network(IPAddress? address)
    {
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            var bytes = address.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            return new IPAddress(bytes) + "/64";
        }

        return (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "";
    }

    private bool Says(string word) => UserAgent.Contains(word, StringComparison.OrdinalIgnoreCase);
}
