using System.Collections.Concurrent;

namespace Kindred.Recommendations.Films;

/// <summary>
/// Who rated what how, both ways round, and who is near whom by it. The similarity of two users, or of two items, is the cosine of their rows of ratings, missing
/// ones 0. It is found by walking the rows of what one has rated, so only those who share something are met, and every answer is exact. Many read at once; who writes is alone.
/// </summary>
internal sealed class RatingTable : IDisposable
{
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly ConcurrentBag<Sums> _sums = [];
    private RatingRow?[] _users = new RatingRow?[1024];
    private RatingRow?[] _items = new RatingRow?[1024];
    private long _version;
    private int _count;

    /// <summary>Ratings held.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Grows with every change.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>
    /// Takes a rating while the table is filled and nobody asks it yet: as <see cref="Set"/>, but the items' rows are made by <see cref="Filled"/>, in order, where
    /// one by one each of a popular item's ratings would move all the others.
    /// </summary>
    public void Fill(int user, int item, float value, long at)
    {
        var row = RowOf(ref _users, user, timed: true);
        var place = row.Find(item);
        if (place < 0 || row.TimeAt(place) <= at)
        {
            row.Set(item, value, at);
            _count += place < 0 ? 1 : 0;
        }
    }

    /// <summary>Makes the items' rows of what was filled in.</summary>
    public void Filled()
    {
        for (var user = 0; user < _users.Length; user++)
        {
            for (var k = 0; k < (_users[user]?.Count ?? 0); k++)
            {
                RowOf(ref _items, _users[user]!.Others[k], timed: false).Set(user, _users[user]!.Values[k], 0);
            }
        }
    }

    /// <summary>Takes a rating; one that is older than what is held says nothing.</summary>
    public void Set(int user, int item, float value, long at)
    {
        _lock.EnterWriteLock();
        try
        {
            Put(user, item, value, at);
        }
        finally
        {
            Interlocked.Increment(ref _version);
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Takes all a user's ratings in the place of those held; newest first, and of two of one item the newer counts.</summary>
    public void Replace(int user, IEnumerable<(int Item, float Value, long At)> ratings)
    {
        _lock.EnterWriteLock();
        try
        {
            if ((uint)user < (uint)_users.Length && _users[user] is { } before)
            {
                foreach (var item in before.Others)
                {
                    _items[item]!.Remove(user);
                    _count--;
                }

                _users[user] = null;
            }

            foreach (var (item, value, at) in ratings)
            {
                if (Row(_users, user)?.Find(item) is not >= 0)
                {
                    Put(user, item, value, at);
                }
            }
        }
        finally
        {
            Interlocked.Increment(ref _version);
            _lock.ExitWriteLock();
        }
    }

    /// <summary>A user's ratings as they are now, by item ascending.</summary>
    public (int[] Items, float[] Values) Of(int user)
    {
        _lock.EnterReadLock();
        try
        {
            return Row(_users, user) is { } row ? (row.Others.ToArray(), row.Values.ToArray()) : ([], []);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Number and sum of every item's ratings, <b>[items]</b> each.</summary>
    public (int[] Counts, double[] Sums) ItemSums()
    {
        _lock.EnterReadLock();
        try
        {
            var length = Array.FindLastIndex(_items, row => row is { Count: > 0 }) + 1;
            var (counts, sums) = (new int[length], new double[length]);
            for (var item = 0; item < length; item++)
            {
                if (_items[item] is { } row)
                {
                    (counts[item], sums[item]) = (row.Count, row.Sum);
                }
            }

            return (counts, sums);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Every user with ratings, by number ascending: what models are trained on.</summary>
    public IReadOnlyList<(int User, int[] Items, float[] Values)> Everything()
    {
        _lock.EnterReadLock();
        try
        {
            List<(int User, int[] Items, float[] Values)> all = [];
            for (var user = 0; user < _users.Length; user++)
            {
                if (_users[user] is { Count: > 0 } row)
                {
                    all.Add((user, row.Others.ToArray(), row.Values.ToArray()));
                }
            }

            return all;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>The users nearest to a user, nearest first and of equal ones who came first, each with all their ratings.</summary>
    public IReadOnlyList<Near> NearestUsers(int user, int count) => Nearest(ref _users, ref _items, user, count, withRatings: true);

    /// <summary>The items nearest to an item, nearest first and of equal ones by number.</summary>
    public IReadOnlyList<Near> NearestItems(int item, int count) => Nearest(ref _items, ref _users, item, count, withRatings: false);

    public void Dispose() => _lock.Dispose();

    private static RatingRow? Row(RatingRow?[] rows, int number) => (uint)number < (uint)rows.Length ? rows[number] : null;

    private static RatingRow RowOf(ref RatingRow?[] rows, int number, bool timed)
    {
        if (number >= rows.Length)
        {
            Array.Resize(ref rows, Math.Max(number + 1, rows.Length * 2));
        }

        return rows[number] ??= new RatingRow(timed);
    }

    private static bool IsNearer(in Near a, in Near b) => a.Similarity > b.Similarity || (a.Similarity == b.Similarity && a.Number < b.Number);

    private void Put(int user, int item, float value, long at)
    {
        var row = RowOf(ref _users, user, timed: true);
        var place = row.Find(item);
        if (place >= 0 && row.TimeAt(place) > at)
        {
            return;
        }

        row.Set(item, value, at);
        RowOf(ref _items, item, timed: false).Set(user, value, 0);
        _count += place < 0 ? 1 : 0;
    }

    // The arrays are read under the lock, for growing replaces them.
    private List<Near> Nearest(ref RatingRow?[] sameSide, ref RatingRow?[] otherSide, int number, int count, bool withRatings)
    {
        _lock.EnterReadLock();
        try
        {
            if (Row(sameSide, number) is not { Count: > 0 } mine)
            {
                return [];
            }

            var sums = _sums.TryTake(out var pooled) ? pooled : new Sums();
            sums.Take(mine, otherSide, sameSide.Length);
            var best = new List<Near>(count + 1);
            foreach (var other in sums.Met)
            {
                var near = new Near(other, (float)(sums.Products[other] / Math.Sqrt(mine.Squares * sameSide[other]!.Squares)), [], []);
                if (other == number || (best.Count == count && !IsNearer(near, best[^1])))
                {
                    continue;
                }

                var place = best.Count;
                while (place > 0 && IsNearer(near, best[place - 1]))
                {
                    place--;
                }

                best.Insert(place, near);
                if (best.Count > count)
                {
                    best.RemoveAt(count);
                }
            }

            sums.Clear();
            _sums.Add(sums);
            for (var k = 0; k < best.Count && withRatings; k++)
            {
                var row = sameSide[best[k].Number]!;
                best[k] = best[k] with { Others = row.Others.ToArray(), Values = row.Values.ToArray() };
            }

            return best;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    // Products by number, and which numbers have one; kept between questions, because clearing what was met is much less than making it anew.
    private sealed class Sums
    {
        private int[] _met = [];
        private int _count;

        public double[] Products { get; private set; } = [];

        public ReadOnlySpan<int> Met => _met.AsSpan(0, _count);

        public void Take(RatingRow mine, RatingRow?[] otherSide, int length)
        {
            if (Products.Length < length)
            {
                (Products, _met) = (new double[length], new int[length]);
            }

            var products = Products;
            for (var k = 0; k < mine.Count; k++)
            {
                var row = otherSide[mine.Others[k]]!;
                var others = row.Others;
                var values = row.Values;
                double weight = mine.Values[k];
                for (var j = 0; j < others.Length; j++)
                {
                    // Ratings are 1 or more, so a sum of 0 is one that was not begun.
                    ref var product = ref products[others[j]];
                    if (product == 0)
                    {
                        _met[_count++] = others[j];
                    }

                    product += weight * values[j];
                }
            }
        }

        public void Clear()
        {
            foreach (var other in Met)
            {
                Products[other] = 0;
            }

            _count = 0;
        }
    }
}

/// <summary>Somebody or something near.</summary>
/// <param name="Number">User or item.</param>
/// <param name="Similarity">Cosine, above 0 and at most 1.</param>
/// <param name="Others">What it rated, where that was asked for.</param>
/// <param name="Values">How.</param>
internal readonly record struct Near(int Number, float Similarity, int[] Others, float[] Values);
