using System.Collections.Concurrent;
using Kindred.Contracts;
using Kindred.Platform.Collections;

namespace Kindred.Recommendations.Profiles;

/// <summary>
/// Profiles of one collection's users, bounded by memory. Every user hashes to a stamp that grows with each of their events, before the event
/// is acknowledged; a profile carries the stamp from before it was read and is good only while the two agree. So however a read and an event
/// interleave, a request that begins after the acknowledgement never sees the profile from before it.
/// </summary>
internal sealed class LiveProfiles(Collection collection, IEventReader events, RecommendationSettings settings, TimeProvider clock)
{
    private const int Stamps = 1 << 14;

    private readonly ConcurrentDictionary<int, Profile> _profiles = new();
    private readonly int[] _stamps = new int[Stamps];
    private readonly Lock _evicting = new();
    private long _bytes;

    /// <summary>Profiles held.</summary>
    public int Count => _profiles.Count;

    /// <summary>About how much memory they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The user's profile: from memory, else by one indexed read.</summary>
    public ValueTask<Profile> GetAsync(int user, CancellationToken cancellation)
    {
        var now = clock.GetTimestamp();
        if (_profiles.TryGetValue(user, out var profile)
            && profile.Stamp == Volatile.Read(ref Stamp(user))
            && clock.GetElapsedTime(profile.LoadedAt, now) < settings.ProfileMaxAge)
        {
            profile.UsedAt = now;
            return new ValueTask<Profile>(profile);
        }

        return LoadAsync(user, cancellation);
    }

    /// <summary>Makes what is known of a user stale.</summary>
    public void Invalidate(int user)
    {
        Interlocked.Increment(ref Stamp(user));
        if (_profiles.TryRemove(user, out var removed))
        {
            Interlocked.Add(ref _bytes, -removed.Bytes);
        }
    }

    /// <summary>Notes a list on a profile.</summary>
    public void Keep(Profile profile, KeptList list)
    {
        var before = profile.List?.Ranked.Bytes ?? 0;
        profile.List = list;
        Interlocked.Add(ref _bytes, list.Ranked.Bytes - before);
    }

    private async ValueTask<Profile> LoadAsync(int user, CancellationToken cancellation)
    {
        var stamp = Volatile.Read(ref Stamp(user));
        var newest = await events.ReadUserAsync(collection.Number, user, settings.HistoryEvents, cancellation);
        var everything = newest.Count < settings.HistoryEvents ? null : await events.ReadUserItemsAsync(collection.Number, user, cancellation);
        var now = (clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        var read = HistoryRules.Read(collection, newest, everything, now);
        var ticks = clock.GetTimestamp();
        var profile = new Profile(read.Items, read.Weights, read.Repeats, read.Types, read.Seen) { Stamp = stamp, LoadedAt = ticks, UsedAt = ticks };
        if (stamp == Volatile.Read(ref Stamp(user)))
        {
            Put(user, profile);
        }

        return profile;
    }

    private void Put(int user, Profile profile)
    {
        var replaced = _profiles.GetValueOrDefault(user);
        _profiles[user] = profile;
        if (Interlocked.Add(ref _bytes, profile.Bytes - (replaced?.Bytes ?? 0)) > settings.ProfileBytes && _evicting.TryEnter())
        {
            try
            {
                Evict();
            }
            finally
            {
                _evicting.Exit();
            }
        }
    }

    // A tenth at a time, least recently used first; the sum is taken anew, so racing notes cannot make it drift.
    private void Evict()
    {
        var held = _profiles.ToArray();
        Array.Sort(held, static (a, b) => a.Value.UsedAt.CompareTo(b.Value.UsedAt));
        var bytes = held.Sum(pair => pair.Value.Bytes);
        foreach (var pair in held)
        {
            if (bytes <= settings.ProfileBytes - (settings.ProfileBytes / 10))
            {
                break;
            }

            if (_profiles.TryRemove(pair))
            {
                bytes -= pair.Value.Bytes;
            }
        }

        Interlocked.Exchange(ref _bytes, bytes);
    }

    private ref int Stamp(int user) => ref _stamps[user & (Stamps - 1)];
}
