namespace Kindred.Platform.Collections;

/// <summary>
/// The collections of this server: settings joined with their numbers in the database. Loaded once at start (collections and event types that
/// settings name for the first time get their number then). Safe for any number of threads.
/// </summary>
public sealed class CollectionRegistry
{
    /// <summary>All collections by name.</summary>
    public IReadOnlyList<Collection> All => throw new NotSupportedException();

    /// <summary>The collection of that name, or null.</summary>
    public Collection? Find(string name) => throw new NotSupportedException();

    /// <summary>The collection of that number, or null.</summary>
    public Collection? Find(int number) => throw new NotSupportedException();
}
