using Kindred.Accounts.People;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Accounts;

/// <summary>What the bodies of the systems have in common: forms of logins, names, addresses.</summary>
internal static class Requests
{
    /// <summary>Most bytes of a body here: a password of full length, escaped, and the rest.</summary>
    public const long MaxBytes = 32 * 1024;

    private const int LongestName = 100;

    /// <summary>The form of a login (RFC 6749, section 4.3.2); null when it is not one.</summary>
    public static async ValueTask<(string Username, string Password)?> LoginFormAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType)
        {
            return null;
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(cancellation);
        }
        catch (InvalidDataException)
        {
            // More fields, or longer ones, than any form of ours has.
            return null;
        }

        return form["username"] is [{ Length: > 0 } username] && form["password"] is [{ Length: > 0 } password] && form["grant_type"].ToString() is "" or "password" ? (username, password) : null;
    }

    /// <summary>Faults of the members every registration has; pointers are JSON pointers.</summary>
    public static IEnumerable<FieldError> Check(string? email, string? password, bool passwordNeeded = true)
    {
        if (string.IsNullOrWhiteSpace(email))
        {
            yield return new FieldError("/email", "required", "This field is required.");
        }
        else if (!Emails.IsValid(email))
        {
            yield return new FieldError("/email", "invalid", "Enter a valid email address.");
        }

        if (passwordNeeded && string.IsNullOrEmpty(password))
        {
            yield return new FieldError("/password", "required", "This field is required.");
        }
    }

    /// <summary>The fault of a name, or null.</summary>
    public static FieldError? CheckName(string pointer, string? name, bool needed = false) =>
        string.IsNullOrWhiteSpace(name) ? (needed ? new FieldError(pointer, "required", "This field is required.") : null)
        : name.Length > LongestName || name.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) && name.EnumerateRunes().Contains(System.Text.Rune.ReplacementChar))
            ? new FieldError(pointer, "invalid", $"At most {LongestName} characters, without control characters.")
            : null;

    /// <summary>A name as it is kept: without spaces around it, null instead of nothing.</summary>
    public static string? Name(string? name) => string.IsNullOrWhiteSpace(name) ? null : name.Trim();

    /// <summary>The access token of an <c>Authorization: Bearer</c> header, or null.</summary>
    public static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;

    public static CookieOptions Cookie(string path, TimeSpan lifetime, SameSiteMode sameSite) =>
        new() { HttpOnly = true, Secure = true, SameSite = sameSite, Path = path, MaxAge = lifetime };
}
