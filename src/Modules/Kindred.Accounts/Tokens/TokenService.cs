using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Kindred.Platform.Web;

namespace Kindred.Accounts.Tokens;

/// <summary>What a token is for; one kind never passes for another.</summary>
internal enum TokenKind
{
    /// <summary>Opens routes: <c>at+jwt</c>.</summary>
    Access,

    /// <summary>Gives new tokens, once: <c>rt+jwt</c>.</summary>
    Refresh,
}

/// <summary>What a good token says.</summary>
/// <param name="Person">Id of the account.</param>
/// <param name="Session">Id of the session.</param>
/// <param name="Id">Id of the token.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record TokenClaims(string Person, string Session, string Id, DateTimeOffset ExpiresAt);

/// <summary>
/// Tokens as JWS in compact form (RFC 7515, 7519), by the rules of RFC 8725. What is read is exactly what is written here: three canonical parts,
/// a header of <c>alg</c>, <c>kid</c> and <c>typ</c> and nothing else, claims of one form each, no unknown and no doubled member. So there is no
/// algorithm to choose, no address to fetch a key from and nothing to interpret.
/// </summary>
internal sealed class TokenService(SigningKeys keys, AccountsOptions options, TimeProvider clock)
{
    private const int Longest = 2048;
    private const string Algorithm = "ES256";
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);

    public string Write(TokenKind kind, string person, string session, string id, TimeSpan lifetime)
    {
        var key = keys.Current;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var header = new Header(Algorithm, key.Id, Type(kind));
        var payload = new Payload(options.Issuer, options.Audience, person, session, id, now, now + (long)lifetime.TotalSeconds);
        var signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header, StrictJson.Options))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(payload, StrictJson.Options))}";
        return $"{signed}.{Encode(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The claims of a good token of this kind, or null. Whether its session still lives is not known here.</summary>
    /// <param name="kind">The kind wanted.</param>
    /// <param name="token">The text.</param>
    /// <param name="acceptExpired">True to read a token past its end, which proves no more than who held it.</param>
    public TokenClaims? Read(TokenKind kind, string token, bool acceptExpired = false)
    {
        if (token.Length > Longest || token.Split('.') is not [var first, var second, var third])
        {
            return null;
        }

        if (Parse<Header>(first) is not { Alg: Algorithm } header || header.Typ != Type(kind) || keys.Find(header.Kid) is not { } key
            || Decode(third) is not { Length: 64 } signature || !key.Fits(Encoding.ASCII.GetBytes($"{first}.{second}"), signature)
            || Parse<Payload>(second) is not { } payload)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        return payload.Iss == options.Issuer && payload.Aud == options.Audience
            && payload.Iat <= (now + s_skew).ToUnixTimeSeconds() && payload.Exp > payload.Iat && payload.Exp - payload.Iat <= (long)TimeSpan.FromDays(31).TotalSeconds
            && (acceptExpired || payload.Exp > now.ToUnixTimeSeconds())
            ? new TokenClaims(payload.Sub, payload.Sid, payload.Jti, DateTimeOffset.FromUnixTimeSeconds(payload.Exp))
            : null;
    }

    private static string Type(TokenKind kind) => kind == TokenKind.Access ? "at+jwt" : "rt+jwt";

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    // Exactly one text stands for the bytes: padding, spaces and stray bits at the end are refused.
    private static byte[]? Decode(string text) =>
        Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is var bytes && string.Equals(Encode(bytes), text, StringComparison.Ordinal) ? bytes : null;

    private static T? Parse<T>(string part)
        where T : class
    {
        if (Decode(part) is not { } bytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(bytes, StrictJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Header(string Alg, string Kid, string Typ);

    private sealed record Payload(string Iss, string Aud, string Sub, string Sid, string Jti, long Iat, long Exp);
}
