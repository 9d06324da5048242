using System.Collections.Concurrent;

namespace Kindred.Recommendations.Generation;

/// <summary>Lists made on demand as answers read them: from memory while nothing can have changed, from rows otherwise.</summary>
internal sealed class GeneratedLists(GenerationStore store, TimeProvider clock)
{
    private const int MostKept = 100_000;

    /// <summary>How long another process's new list may go unseen here.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(int Collection, int User), Kept> _kept = new();
    private int _generation;

    public async ValueTask<GeneratedItem[]> GetAsync(int collection, int user, CancellationToken cancellation)
    {
        if (_kept.TryGetValue((collection, user), out var kept) && clock.GetElapsedTime(kept.At) < s_fresh)
        {
            return kept.List;
        }

        // A list stored while this one is read must not be hidden by it.
        var generation = Volatile.Read(ref _generation);
        var at = clock.GetTimestamp();
        var list = await store.ReadAsync(collection, user, cancellation);
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        if (generation == Volatile.Read(ref _generation))
        {
            _kept[(collection, user)] = new Kept(list, at);
        }

        return list;
    }

    /// <summary>A new list is stored.</summary>
    public void Drop(int collection, int user)
    {
        Interlocked.Increment(ref _generation);
        _kept.TryRemove((collection, user), out _);
    }

    private sealed record Kept(GeneratedItem[] List, long At);
}
