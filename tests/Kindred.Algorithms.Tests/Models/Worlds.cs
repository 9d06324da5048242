using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Tests.Models;

/// <summary>Small worlds made of nothing but arithmetic.</summary>
internal static class Worlds
{
    /// <summary>Number of tastes in <see cref="Tastes"/>; an item's taste is its number modulo this.</summary>
    public const int TasteCount = 5;

    private const long Day = 24L * 3600 * 1_000_000;

    /// <summary>
    /// 300 users and 150 items; a user takes four of five items from the own taste, early numbers more often, all with times and ratings.
    /// </summary>
    public static Interactions Tastes { get; } = MakeTastes();

    /// <summary>User u takes every item of the own parity but item u: what is missing is the answer.</summary>
    public static Interactions Checkerboard(int size)
    {
        var builder = new CsrBuilder();
        for (var user = 0; user < size; user++)
        {
            for (var item = user % 2; item < size; item += 2)
            {
                if (item != user)
                {
                    builder.Add(user, item, 1);
                }
            }
        }

        return new Interactions(builder.Build(size, size));
    }

    private static Interactions MakeTastes()
    {
        var random = new Random(7);
        var builder = new InteractionsBuilder();
        for (var user = 0; user < 300; user++)
        {
            var taken = new HashSet<int>();
            var wanted = 8 + random.Next(10);
            while (taken.Count < wanted)
            {
                // The square leans towards small numbers: popularity is skewed within each taste.
                var place = (int)(30 * random.NextDouble() * random.NextDouble());
                var taste = random.Next(5) < 4 ? user % TasteCount : random.Next(TasteCount);
                var item = (place * TasteCount) + taste;
                if (taken.Add(item))
                {
                    builder.Add(user, item, 1, random.Next(200) * Day, taste == user % TasteCount ? 5 : 3);
                }
            }
        }

        return builder.Build(300, 150, withRatings: true);
    }
}
