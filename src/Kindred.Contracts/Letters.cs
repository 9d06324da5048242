using System.Data.Common;

namespace Kindred.Contracts;

/// <summary>What a letter is about; each has its template in every language.</summary>
public enum LetterKind
{
    /// <summary>A subject and a text that are given as they are: <see cref="Letter.Subject"/>, <see cref="Letter.Text"/>.</summary>
    Plain,

    /// <summary>Please confirm the address: <see cref="Letter.Link"/>, <see cref="Letter.GoodFor"/>.</summary>
    ConfirmAddress,

    /// <summary>A forgotten password: <see cref="Letter.Link"/>, <see cref="Letter.Code"/>, <see cref="Letter.GoodFor"/>.</summary>
    ResetPassword,

    /// <summary>The password was changed: <see cref="Letter.Link"/>, where to set another.</summary>
    PasswordChanged,

    /// <summary>The address was changed, told to the old one: <see cref="Letter.Address"/>, the new one, and <see cref="Letter.Link"/>.</summary>
    AddressChanged,

    /// <summary>Somebody is invited to a role: <see cref="Letter.Role"/>, <see cref="Letter.Link"/>, <see cref="Letter.Code"/>, <see cref="Letter.GoodFor"/>.</summary>
    Invitation,

    /// <summary>Somebody is new here.</summary>
    Welcome,

    /// <summary>Films chosen for one person: <see cref="Letter.Films"/>.</summary>
    Recommendations,

    /// <summary>Films that many people watch: <see cref="Letter.Films"/>.</summary>
    PopularFilms,
}

/// <summary>A letter to one person, before it is put into words.</summary>
/// <param name="To">The address, alone.</param>
/// <param name="Kind">What it is about.</param>
public sealed record Letter(string To, LetterKind Kind)
{
    /// <summary>Number of the account it is for; its language is that person's. Null where there is no account.</summary>
    public long? Person { get; init; }

    /// <summary><c>en</c>, <c>ru</c> or <c>pt</c>; null for the person's own, or the server's default.</summary>
    public string? Language { get; init; }

    /// <summary>What to call the person.</summary>
    public string? Name { get; init; }

    /// <summary>Where to go.</summary>
    public string? Link { get; init; }

    /// <summary>The code in the link, for who copies it.</summary>
    public string? Code { get; init; }

    /// <summary>How long link and code are good.</summary>
    public TimeSpan? GoodFor { get; init; }

    /// <summary>Name of a role.</summary>
    public string? Role { get; init; }

    /// <summary>An address the letter speaks of.</summary>
    public string? Address { get; init; }

    /// <summary>Titles, best first.</summary>
    public IReadOnlyList<string> Films { get; init; } = [];

    /// <summary>One line; of <see cref="LetterKind.Plain"/> only.</summary>
    public string? Subject { get; init; }

    /// <summary>Lines end with a line feed; of <see cref="LetterKind.Plain"/> only.</summary>
    public string? Text { get; init; }

    /// <summary>Address that ends letters of this kind with one click (RFC 8058); null for letters nobody can do without.</summary>
    public string? Unsubscribe { get; init; }

    /// <summary>The notice this letter delivers; null for all others.</summary>
    public Guid? Notification { get; init; }
}

/// <summary>
/// Sends letters by writing them down: a letter leaves once the transaction has committed, and never without it. Handing over is repeated until a mail server
/// took it, so a crash in that moment may send it twice, under one Message-ID.
/// </summary>
public interface IMailer
{
    /// <summary>Writes the letter down in the caller's transaction.</summary>
    /// <exception cref="ArgumentException">The address or the subject holds what could add headers or recipients.</exception>
    Task SendAsync(Letter letter, DbTransaction transaction, CancellationToken cancellation);
}
