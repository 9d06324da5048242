using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Kindred.Contracts;

namespace Kindred.Accounts.People;

/// <summary>A row of people.</summary>
internal sealed record Person
{
    public long Number { get; init; }

    public string Id { get; init; } = "";

    public string UserId { get; init; } = "";

    public string Email { get; init; } = "";

    public string? Username { get; init; }

    public string? Name { get; init; }

    public string? Surname { get; init; }

    public string? Patronymic { get; init; }

    public string Password { get; init; } = "";

    public long? DisabledAt { get; init; }

    public long? VerifiedAt { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>1 for whoever has the role admin.</summary>
    public long Admin { get; init; }

    public bool IsActive => DisabledAt is null;

    public bool IsVerified => VerifiedAt is not null;

    public bool IsAdmin => Admin > 0;

    public string CalledName => string.Join(' ', new[] { Name, Surname }.Where(part => !string.IsNullOrWhiteSpace(part))) is { Length: > 0 } full ? full : Username ?? Email.Split('@')[0];

    public PersonRecord Record() => new(Number, Guid.Parse(Id), UserId, Email, CalledName) { IsAdmin = IsAdmin, IsVerified = IsVerified, IsActive = IsActive };
}

/// <summary>A role: its number for the film club, its id for the cinema.</summary>
internal sealed record Role
{
    /// <summary>Everybody's role: what is one's own.</summary>
    public const long UserNumber = 1;

    /// <summary>Everything.</summary>
    public const long AdminNumber = 2;

    public long Number { get; init; }

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public string Permissions { get; init; } = "";

    public bool IsBuiltIn => Number <= AdminNumber;
}

/// <summary>The form of addresses. Whether mail arrives is shown by the link in it.</summary>
internal static partial class Emails
{
    private const int Longest = 125;

    /// <summary>What two spellings of one address have in common.</summary>
    public static string Key(string email) => email.Trim().ToLowerInvariant();

    public static bool IsValid([NotNullWhen(true)] string? email) => email is not null && email.Trim() is { Length: <= Longest } address && Form().IsMatch(address);

    // The form of HTML's input type=email, with a dot in the domain.
    [GeneratedRegex(@"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
