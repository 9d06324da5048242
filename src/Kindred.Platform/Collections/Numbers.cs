using System.Data.Common;

namespace Kindred.Platform.Collections;

/// <summary>
/// Dense numbers of items and users: a text id gets the next number of its collection when it is first stored, and keeps it for ever. Models,
/// events and masks speak in numbers, so nothing is translated on the way of an answer. Remembered in a bounded cache. Safe for any number of threads.
/// </summary>
public sealed class Numbers
{
    /// <summary>The number of an item id; null when it has none.</summary>
    public ValueTask<int?> FindItemAsync(int collection, string id, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>The number of a user id; null when it has none.</summary>
    public ValueTask<int?> FindUserAsync(int collection, string id, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Ids of users by number, in the order asked; null where a number is unknown.</summary>
    public ValueTask<IReadOnlyList<string?>> UserIdsAsync(int collection, IReadOnlyList<int> numbers, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Ids of items by number, in the order asked; null where a number is unknown.</summary>
    public ValueTask<IReadOnlyList<string?>> ItemIdsAsync(int collection, IReadOnlyList<int> numbers, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Numbers of items, given now where missing, inside the caller's write transaction.</summary>
    public Task<int[]> GetOrAddItemsAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Numbers of users, given now where missing, inside the caller's write transaction.</summary>
    public Task<int[]> GetOrAddUsersAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation) => throw new NotSupportedException();
}
