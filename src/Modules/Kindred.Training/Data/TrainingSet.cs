using Kindred.Algorithms.Sparse;
using Kindred.Platform.Collections;

namespace Kindred.Training.Data;

/// <summary>What recommenders train on, in the form each wants.</summary>
/// <param name="Positives">Taste: each positive pair once.</param>
/// <param name="Repeats">Co-purchase: repeats added up.</param>
/// <param name="Ratings">Bayesian mean: every rating; null where the collection has none.</param>
internal sealed record TrainingSet(Interactions Positives, Interactions Repeats, Interactions? Ratings)
{
    public static TrainingSet Of(PairTable pairs, Func<int, int, bool>? wanted = null) =>
        new(pairs.ToPositives(wanted), pairs.ToRepeats(wanted), pairs.ToRatings(wanted));
}

/// <summary>How the events were cut to compare recommenders.</summary>
/// <param name="Kind"><c>temporal</c>; <c>last_of_user</c> where too few users are active on both sides of one cut; <c>random</c> where all events have one time.</param>
/// <param name="Cutoff">Microseconds; null without one cut for all.</param>
/// <param name="Train">What is trained on.</param>
/// <param name="Test">Held-out interactions of users who also have some in the training part.</param>
/// <param name="TestUsers">How many users that are.</param>
internal sealed record HeldOut(string Kind, long? Cutoff, TrainingSet Train, Interactions Test, int TestUsers)
{
    // With fewer, a real difference drowns in the interval: people who rate everything in one evening are on one side of any cut.
    public const int EnoughTestUsers = 100;

    /// <summary>
    /// Cuts at the quantile of time that leaves the newest <paramref name="share"/> of the main positives (those of the heaviest type: purchases
    /// rather than views) for the test. Pairs the user already had in the training part are no discovery and are left out of the test.
    /// Where that leaves fewer than a hundred users to judge by, and more can be had, the newest fifth of each user's own positives is held out instead.
    /// Where no time separates anything, as after an import without times, every fifth pair by hash is held out.
    /// </summary>
    public static HeldOut Cut(EventTable events, Collection collection, PairTable all, double share, int seed)
    {
        var main = collection.EventTypes.Max(type => type.Settings.Weight);
        var times = all.Positives.Where(entry => entry.Pair.Positive >= main).Select(entry => entry.Pair.Since).ToArray();
        Array.Sort(times);
        var cutoff = times.Length == 0 ? 0 : times[Math.Min((int)(times.Length * (1 - share)), times.Length - 1)];
        if (times.Length == 0 || cutoff == times[0])
        {
            bool IsTest(int user, int item) => Hash(user, item, seed) % 5 == 0;
            var kept = TrainingSet.Of(all, (user, item) => !IsTest(user, item));
            return Of("random", null, kept, all, (user, item) => IsTest(user, item), main);
        }

        var before = new PairTable(events, collection, cutoff);
        var global = Of("temporal", cutoff, TrainingSet.Of(before), all, (user, item) => !before.Has(user, item), main);
        if (global.TestUsers >= EnoughTestUsers)
        {
            return global;
        }

        var newest = NewestOfUsers(all, main);
        var own = Of("last_of_user", null, TrainingSet.Of(all, (user, item) => !newest.Contains((user, item))), all, (user, item) => newest.Contains((user, item)), main);
        return own.TestUsers > global.TestUsers ? own : global;
    }

    // The newest fifth of each user with five or more; equal times by item, so that the cut is the same on every machine.
    private static HashSet<(int User, int Item)> NewestOfUsers(PairTable all, float main) =>
        all.Positives.Where(entry => entry.Pair.Positive >= main)
            .GroupBy(entry => entry.User)
            .SelectMany(of => of.OrderByDescending(entry => entry.Pair.Since).ThenBy(entry => entry.Item).Take(of.Count() / 5).Select(entry => (entry.User, entry.Item)))
            .ToHashSet();

    private static HeldOut Of(string kind, long? cutoff, TrainingSet train, PairTable all, Func<int, int, bool> wanted, float main)
    {
        var byWeight = all.Positives
            .Where(entry => entry.Pair.Positive >= main && wanted(entry.User, entry.Item) && train.Positives.ByUser.RowLength(entry.User) > 0)
            .Select(entry => ((long)entry.User << 32) | (uint)entry.Item)
            .ToHashSet();
        var test = all.ToPositives((user, item) => byWeight.Contains(((long)user << 32) | (uint)item));
        var users = Enumerable.Range(0, test.Users).Count(user => test.ByUser.RowLength(user) > 0);
        return new HeldOut(kind, cutoff, train, test, users);
    }

    // SplitMix64: spreads neighbouring numbers over all bits.
    public static ulong Hash(int user, int item, int seed)
    {
        var mixed = (((ulong)(uint)user << 32) | (uint)item) + ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL) + 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
