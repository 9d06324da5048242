using System.Data.Common;

namespace Kindred.Contracts;

/// <summary>A person as other modules know them.</summary>
/// <param name="Number">Number of the account.</param>
/// <param name="Id">Its id, a UUID.</param>
/// <param name="User">Their user id in every collection.</param>
/// <param name="Email">Address.</param>
/// <param name="Name">What to call them: names where they gave any, or else the address up to its @.</param>
public sealed record PersonRecord(long Number, Guid Id, string User, string Email, string Name)
{
    /// <summary>True for whoever may do everything, as it is now.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>True where the address is confirmed, as it is now.</summary>
    public bool IsVerified { get; init; }

    /// <summary>False where the account is disabled.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>True where a person registers with the vendors' shop, which opens a store for them; told with the registration only.</summary>
    public bool IsVendor { get; init; }

    /// <summary>Language tag of the browser somebody registers with, such as <c>pt-BR</c>; told with the registration only.</summary>
    public string? Language { get; init; }
}

/// <summary>Looks people up for modules that show whose things are whose.</summary>
public interface IPeopleReader
{
    /// <summary>The people of these numbers, as they are now; whoever is gone is left out.</summary>
    Task<IReadOnlyDictionary<long, PersonRecord>> FindAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellation);

    /// <summary>The person of an account's id, or null.</summary>
    Task<PersonRecord?> FindAsync(Guid id, CancellationToken cancellation);

    /// <summary>The person of an address, however it is spelt, or null.</summary>
    Task<PersonRecord?> FindAsync(string email, CancellationToken cancellation);
}

/// <summary>
/// Told of people inside the transaction that changes them, so that what a module keeps about a person comes and goes with the person. A rollback
/// undoes both; an exception refuses the change.
/// </summary>
public interface IPeopleChanged
{
    /// <summary>A new account, its address not confirmed yet.</summary>
    Task OnRegisteredAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation);

    /// <summary>The address was confirmed, told once an address.</summary>
    Task OnVerifiedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation);

    /// <summary>The person is called differently, or has another address.</summary>
    Task OnRenamedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The account is about to be deleted.</summary>
    Task OnDeletedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>Topics about people.</summary>
public static class PeopleTopics
{
    /// <summary>Bodies are <see cref="PersonDeleted"/>.</summary>
    public const string Deleted = "people.deleted";
}

/// <summary>An account was deleted: whatever is kept of its user goes too.</summary>
/// <param name="UserId">Who, by <see cref="PersonRecord.User"/>; no other account ever has it.</param>
/// <param name="At">When.</param>
public sealed record PersonDeleted(string UserId, DateTimeOffset At);
