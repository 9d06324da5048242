using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kindred.Accounts.Passwords;

/// <summary>
/// A stored password: <c>pbkdf2-sha512$ROUNDS$SALT$HASH</c>, base64, 16 bytes of salt and 32 of hash. What was typed is hashed byte for byte as
/// UTF-8: never trimmed, folded or cut.
/// </summary>
internal static class PasswordHash
{
    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>About 100 ms of a processor at 210,000 rounds.</summary>
    public static string Create(string password, int rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, rounds))}");
    }

    /// <summary>Compares in constant time; a text that is no stored password fits none.</summary>
    public static bool Fits(string password, string stored) =>
        Read(stored) is var (rounds, salt, hash) && CryptographicOperations.FixedTimeEquals(Derive(password, salt, rounds), hash);

    /// <summary>Rounds of a stored password; 0 for a text that is none.</summary>
    public static int Rounds(string stored) => Read(stored)?.Rounds ?? 0;

    private static (int Rounds, byte[] Salt, byte[] Hash)? Read(string stored) =>
        stored.Split('$') is [Scheme, var rounds, var salt, var hash] && int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? (count, Convert.FromBase64String(salt), Convert.FromBase64String(hash))
            : null;

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
