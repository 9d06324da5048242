using System.Runtime.InteropServices;
using Kindred.Algorithms.OutOfCore;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Training.Data;

namespace Kindred.Training.OutOfCore;

/// <summary>What the events of one user with one item add up to, now and before a time.</summary>
/// <param name="Item">Number of the item.</param>
/// <param name="All">By all events.</param>
/// <param name="Before">By the events before the time.</param>
/// <param name="Met">True when there is an event before the time.</param>
internal readonly record struct FiledPair(int Item, Pair All, Pair Before, bool Met);

/// <summary>
/// A collection's events on disk, sorted by user and item, those that judge by value first: pairs add up in one pass, user after user, whatever the memory. What
/// <see cref="EventTable"/> and <see cref="PairTable"/> are to a run in memory.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private readonly RecordFile<Stored> _events;
    private readonly Dictionary<int, EventType> _types;

    private EventFile(RecordFile<Stored> events, Collection collection) =>
        (_events, _types) = (events, collection.EventTypes.ToDictionary(type => type.Number));

    public int Users { get; private set; }

    public int Items { get; private set; }

    public long LastSequence { get; private set; }

    /// <summary>Reads the log of a collection and sorts it within <paramref name="memory"/> bytes.</summary>
    public static async Task<EventFile> ReadAsync(IEventReader events, Collection collection, string folder, long memory, CancellationToken cancellation)
    {
        var file = new EventFile(new RecordFile<Stored>(folder), collection);
        try
        {
            using var sort = new ExternalSort<Stored>(folder, memory);
            await foreach (var recorded in events.ReadAsync(collection.Number, 0, cancellation))
            {
                file.Users = Math.Max(file.Users, recorded.User + 1);
                file.Items = Math.Max(file.Items, recorded.Item + 1);
                file.LastSequence = Math.Max(file.LastSequence, recorded.Sequence);
                if (file._types.TryGetValue(recorded.Type, out var type))
                {
                    var later = Pair.JudgesByValue(type) ? 0u : 1u;
                    sort.Add(new Stored(recorded.User, ((uint)recorded.Item << 1) | later, recorded.Type, recorded.Value ?? float.NaN, recorded.At, checked((int)sort.Count)));
                }
            }

            foreach (var stored in sort.Sorted())
            {
                file._events.Add(stored);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Every user with events, ascending, and the user's pairs by item; the list is filled anew for the next user.</summary>
    public IEnumerable<(int User, IReadOnlyList<FiledPair> Pairs)> Read(long before, CancellationToken cancellation)
    {
        var pairs = new List<FiledPair>();
        var (user, item, all, past, met) = (-1, -1, Pair.Empty, Pair.Empty, false);
        foreach (var stored in _events.Read())
        {
            var nextItem = (int)(stored.ItemAndOrder >> 1);
            if (stored.User != user || nextItem != item)
            {
                Close();
                if (stored.User != user)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (user >= 0)
                    {
                        yield return (user, pairs);
                    }

                    pairs.Clear();
                }

                (user, item, all, past, met) = (stored.User, nextItem, Pair.Empty, Pair.Empty, false);
            }

            var type = _types[stored.Type];
            float? value = float.IsNaN(stored.Value) ? null : stored.Value;
            all.Add(type, value, stored.At, stored.Place);
            if (stored.At < before)
            {
                past.Add(type, value, stored.At, stored.Place);
                met = true;
            }
        }

        if (user >= 0)
        {
            Close();
            yield return (user, pairs);
        }

        void Close()
        {
            if (item >= 0)
            {
                pairs.Add(new FiledPair(item, all, past, met));
            }
        }
    }

    public void Dispose() => _events.Dispose();

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Stored(int User, uint ItemAndOrder, int Type, float Value, long At, int Place) : ISortRecord
    {
        public ulong Key => ((ulong)(uint)User << 32) | ItemAndOrder;
    }
}
