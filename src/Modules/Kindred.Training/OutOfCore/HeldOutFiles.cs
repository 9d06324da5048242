using Kindred.Algorithms.OutOfCore;
using Kindred.Algorithms.Sparse;
using Kindred.Platform.Collections;
using Kindred.Training.Data;

namespace Kindred.Training.OutOfCore;

/// <summary>
/// The cut of <see cref="HeldOut"/> on disk, by the same rules. Of the users to judge by at most <see cref="MostJudged"/> are kept, drawn by hash: their
/// histories and held-out pairs are in memory.
/// </summary>
/// <param name="Kind">As in <see cref="HeldOut"/>.</param>
/// <param name="Cutoff">Microseconds; null without one cut for all.</param>
/// <param name="Train">What is trained on.</param>
/// <param name="TestUsers">Users with held-out interactions who also have some in the training part.</param>
/// <param name="Histories">Training rows of those who are judged, in ascending order of their numbers.</param>
/// <param name="Test">Their held-out pairs.</param>
internal sealed record HeldOutFiles(string Kind, long? Cutoff, InteractionFiles Train, int TestUsers, Interactions Histories, Interactions Test) : IDisposable
{
    /// <summary>The interval of a mean over as many is a fiftieth of the metric's spread; more tell nothing new.</summary>
    public const int MostJudged = 20_000;

    /// <summary>Cuts.</summary>
    /// <param name="events">The events.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="settings">How much is held out.</param>
    /// <param name="seed">Seed of what is drawn.</param>
    /// <param name="folder">Where files go.</param>
    /// <param name="memory">Bytes for sorting.</param>
    /// <param name="cancellation">Stops it.</param>
    public static HeldOutFiles Cut(EventFile events, Collection collection, TrainingSettings settings, int seed, string folder, long memory, CancellationToken cancellation)
    {
        var main = collection.EventTypes.Max(type => type.Settings.Weight);
        var cutoff = FindCutoff(events, main, settings.HoldOut, folder, memory, cancellation);
        if (cutoff is not { } at)
        {
            return Write(events, "random", null, main, seed, folder, memory, cancellation);
        }

        var global = Write(events, "temporal", at, main, seed, folder, memory, cancellation);
        if (global.TestUsers >= HeldOut.EnoughTestUsers)
        {
            return global;
        }

        var own = Write(events, "last_of_user", null, main, seed, folder, memory, cancellation);
        var (kept, left) = own.TestUsers > global.TestUsers ? (own, global) : (global, own);
        left.Dispose();
        return kept;
    }

    /// <inheritdoc/>
    public void Dispose() => Train.Dispose();

    // The time that leaves the newest share of the main positives; null where no time separates anything.
    private static long? FindCutoff(EventFile events, float main, double share, string folder, long memory, CancellationToken cancellation)
    {
        using var times = new ExternalSort<Time>(folder, memory);
        foreach (var (_, pairs) in events.Read(long.MaxValue, cancellation))
        {
            foreach (var pair in pairs)
            {
                if (pair.All.Positive > 0 && pair.All.Positive >= main)
                {
                    times.Add(new Time(pair.All.Since));
                }
            }
        }

        long? first = null;
        var (place, wanted) = (0L, Math.Min((long)(times.Count * (1 - share)), times.Count - 1));
        foreach (var time in times.Sorted())
        {
            first ??= time.At;
            if (place++ == wanted)
            {
                return time.At == first ? null : time.At;
            }
        }

        return null;
    }

    private static HeldOutFiles Write(EventFile events, string kind, long? cutoff, float main, int seed, string folder, long memory, CancellationToken cancellation)
    {
        using var writer = new InteractionFilesWriter(folder, memory);
        var judged = new PriorityQueue<(int User, int[] Items), ulong>();
        var (testUsers, test) = (0, new List<int>());
        foreach (var (user, pairs) in events.Read(cutoff ?? long.MinValue, cancellation))
        {
            test.Clear();
            var newest = kind == "last_of_user" ? Newest(pairs, main) : null;
            var trained = 0;
            foreach (var pair in pairs)
            {
                var held = kind switch
                {
                    "temporal" => !pair.Met,
                    "random" => HeldOut.Hash(user, pair.Item, seed) % 5 == 0,
                    _ => newest!.Contains(pair.Item),
                };
                var weight = kind == "temporal" ? pair.Before.Positive : held ? 0 : pair.All.Positive;
                if (weight > 0)
                {
                    writer.Add(user, pair.Item, weight);
                    trained++;
                }

                if (held && pair.All.Positive > 0 && pair.All.Positive >= main)
                {
                    test.Add(pair.Item);
                }
            }

            if (trained == 0 || test.Count == 0)
            {
                continue;
            }

            testUsers++;

            // The largest hash leaves first.
            judged.Enqueue((user, [.. test]), ulong.MaxValue - HeldOut.Hash(user, 0, seed));
            if (judged.Count > MostJudged)
            {
                judged.Dequeue();
            }
        }

        var train = writer.Finish(events.Users, events.Items, cancellation);
        var sample = judged.UnorderedItems.Select(item => item.Element).OrderBy(item => item.User).ToArray();
        var wanted = new CsrBuilder();
        for (var row = 0; row < sample.Length; row++)
        {
            foreach (var item in sample[row].Items)
            {
                wanted.Add(row, item, 1);
            }
        }

        return new HeldOutFiles(
            kind, cutoff, train, testUsers, train.Load([.. sample.Select(item => item.User)]), new Interactions(wanted.Build(sample.Length, events.Items)));
    }

    // The newest fifth of a user's main positives; equal times by item.
    private static HashSet<int> Newest(IReadOnlyList<FiledPair> pairs, float main)
    {
        FiledPair[] own = [.. pairs.Where(pair => pair.All.Positive > 0 && pair.All.Positive >= main)];
        return [.. own.OrderByDescending(pair => pair.All.Since).ThenBy(pair => pair.Item).Take(own.Length / 5).Select(pair => pair.Item)];
    }

    private readonly record struct Time(long At) : ISortRecord
    {
        // Negative times come before positive ones.
        public ulong Key => (ulong)(At ^ long.MinValue);
    }
}
