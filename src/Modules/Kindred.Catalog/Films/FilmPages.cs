using System.Text.Json;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;

namespace Kindred.Catalog.Films;

/// <summary>
/// Keeps answers about films as the bytes that are sent, for 60 seconds; a change of any film in this process drops them all at once, before the change
/// is acknowledged. Requests for an answer that is not there wait for one query. At <see cref="MostBytes"/> all are dropped.
/// </summary>
internal sealed class FilmPages(FilmCollection films, CollectionRegistry collections, TimeProvider clock) : IItemsChanged
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private const long MostBytes = 32 * 1024 * 1024;
    private const int EntryBytes = 512; // what an answer costs beside its bytes
    private const int LongestKey = 500; // a longer one is asked once and never again

    private readonly Lock _lock = new();
    private Dictionary<string, Entry> _pages = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>The answer of a key as JSON; null when there is nothing to answer, which is kept too.</summary>
    public async ValueTask<byte[]?> GetAsync<T>(string key, Func<CancellationToken, Task<T?>> read, CancellationToken cancellation)
        where T : class
    {
        if (key.Length > LongestKey)
        {
            return Bytes(await read(cancellation));
        }

        Task<byte[]?> made;
        lock (_lock)
        {
            if (_pages.TryGetValue(key, out var entry) && !entry.Page.IsFaulted && clock.GetElapsedTime(entry.MadeAt) < Lifetime)
            {
                made = entry.Page;
            }
            else
            {
                // The query outlives the request that asked first: others wait for it too. One that a change overtook stays in the dictionary that was dropped.
                var pages = _pages;
                made = Task.Run(() => MakeAsync(key, read, pages), CancellationToken.None);
                _pages[key] = new Entry(made, clock.GetTimestamp());
            }
        }

        return await made.WaitAsync(cancellation);
    }

    public void OnItemsChanged(int collection, IReadOnlyList<ItemRecord> items)
    {
        if (collections.Find(films.Name)?.Number == collection)
        {
            Drop();
        }
    }

    /// <summary>Something changed.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            (_pages, _bytes) = (new(StringComparer.Ordinal), 0);
        }
    }

    private async Task<byte[]?> MakeAsync<T>(string key, Func<CancellationToken, Task<T?>> read, Dictionary<string, Entry> into)
        where T : class
    {
        var page = Bytes(await read(CancellationToken.None));
        lock (_lock)
        {
            if (ReferenceEquals(into, _pages) && (_bytes += (page?.Length ?? 0) + key.Length + EntryBytes) > MostBytes)
            {
                (_pages, _bytes) = (new(StringComparer.Ordinal), 0);
            }
        }

        return page;
    }

    private static byte[]? Bytes<T>(T? answer) => answer is null ? null : JsonSerializer.SerializeToUtf8Bytes(answer, StrictJson.Options);

    private readonly record struct Entry(Task<byte[]?> Page, long MadeAt);
}
