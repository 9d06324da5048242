using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Kindred.Accounts.Keys;

/// <summary>
/// The text of a key: <c>kindred_live_</c>, 256 random bits, 6 characters of checksum. The prefix makes a leaked key greppable, the checksum tells a
/// mistyped one without asking the database.
/// </summary>
internal static class KeyText
{
    private const string Prefix = "kindred_live_";
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    public static string Create()
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return Prefix + secret + Checksum(secret);
    }

    /// <summary>True when it has a key's form and its checksum fits.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Prefix.Length + SecretLength + ChecksumLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Checksum(text.Substring(Prefix.Length, SecretLength))),
            Encoding.UTF8.GetBytes(text[^ChecksumLength..]));

    /// <summary>What is stored and looked up: the lower-case hex SHA-256 of the whole text. A 256-bit random secret needs no slow hash.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Checksum(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)))[..ChecksumLength];
}
