using System.Collections.Frozen;
using System.Text;

namespace Kindred.Accounts.Passwords;

/// <summary>
/// What a new password must be: long enough, not one that everybody tries, nothing of the account's own address. No rules about kinds of
/// characters and no expiry (NIST SP 800-63B-4, section 3.1.1.2).
/// </summary>
internal static class PasswordRules
{
    /// <summary>Most characters; longer ones are refused before anything is hashed.</summary>
    public const int Maximum = 1024;

    // From this length on a common word with something behind it is no longer what a guesser reaches.
    private const int LongEnough = 15;

    private static readonly FrozenSet<string> s_common = ReadCommon();

    /// <summary>Null when the password will do, or why not.</summary>
    public static string? Check(string password, string email, AccountsOptions options)
    {
        // Counted as people count: a pair of surrogates is one character.
        var length = password.EnumerateRunes().Count();
        if (length < options.PasswordMinimum)
        {
            return $"Password should be at least {options.PasswordMinimum} characters";
        }

        if (password.Length > Maximum || password.EnumerateRunes().Contains(Rune.ReplacementChar))
        {
            return $"Password should be at most {Maximum} characters of Unicode text";
        }

        var local = email.Split('@')[0];
        if (password.Contains(email, StringComparison.OrdinalIgnoreCase) || (local.Length >= 4 && password.StartsWith(local, StringComparison.OrdinalIgnoreCase) && length < LongEnough))
        {
            return "Password should not contain e-mail";
        }

        var plain = password.ToLowerInvariant();
        var word = plain.TrimEnd("0123456789!?.*#$@_-+".ToCharArray());
        return s_common.Contains(plain) || plain.EnumerateRunes().Distinct().Count() < 4 || (length < LongEnough && s_common.Contains(word))
            ? "Password is one of those that are tried first"
            : null;
    }

    private static FrozenSet<string> ReadCommon()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords")!, Encoding.UTF8);
        HashSet<string> common = new(StringComparer.Ordinal) { "kindred", "recommendation", "recommendations" };
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                common.Add(line);
            }
        }

        return common.ToFrozenSet(StringComparer.Ordinal);
    }
}
