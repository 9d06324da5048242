using System.Globalization;
using System.Text.Json;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tuning;

namespace Kindred.Training.Runs;

/// <summary>
/// The preset <c>film-club</c>: the WARP hybrid as the film club trained it, and its own measure beside the run's. Every rating counts as a positive whatever its
/// value, users have at least 21 of them, and the last ten of each are held out.
/// </summary>
internal static class FilmClub
{
    /// <summary>Name of the preset.</summary>
    public const string Name = "film-club";

    /// <summary>Its seed.</summary>
    public const int Seed = 42;

    private const int LeastRatings = 21;
    private const int HeldOut = 10;
    private const int ListLength = 10;

    /// <summary>Recommender and options. What is not named here has its default: 10 draws, no other regularization than WARP's.</summary>
    public static Candidate Candidate { get; } = new("warp", JsonElement.Parse("""{"factors":64,"learning_rate":0.01,"schedule":"adagrad","epochs":100}"""));

    /// <summary>Trains on all but each user's last ten ratings and says how many of the ten films recommended are among those, on average over users.</summary>
    public static string Measure(Interactions ratings, TrainingContext context)
    {
        var (train, test, users) = Split(ratings);
        if (users == 0)
        {
            return $"{Name}: nobody has {LeastRatings} ratings, so precision@{ListLength} is not measured.";
        }

        var recommender = Recommenders.Find(Candidate.Recommender)!;
        var model = recommender.Train(train, recommender.ReadOptions(Candidate.Options), context);
        var precision = Precision(Evaluator.Rank(model, train, ListLength, threads: context.Threads, cancellation: context.Cancellation), test) / users;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Name}: precision@{ListLength} {precision:0.0000} over {users:N0} users with at least {LeastRatings} ratings, their last {HeldOut} held out, every rating a positive.");
    }

    /// <summary>The two parts and how many users are in them; ratings of equal time are ordered by item.</summary>
    internal static (Interactions Train, Interactions Test, int Users) Split(Interactions ratings)
    {
        var (train, test) = (new Part(ratings.Users), new Part(ratings.Users));
        var (rows, users) = (ratings.ByUser, 0);
        for (var user = 0; user < ratings.Users; user++)
        {
            var from = rows.RowStarts[user];
            var length = rows.RowLength(user);
            if (length >= LeastRatings)
            {
                users++;
                var items = rows.RowColumns(user).ToArray();
                var places = Enumerable.Range(0, length).OrderBy(place => ratings.Times?[from + place] ?? 0).ThenBy(place => items[place]).ToArray();
                train.Add(places[..^HeldOut].Order().Select(place => (items[place], ratings.Times?[from + place] ?? 0)));
                test.Add(places[^HeldOut..].Order().Select(place => (items[place], ratings.Times?[from + place] ?? 0)));
            }

            train.End(user);
            test.End(user);
        }

        return (train.Build(ratings.Items, ratings.ItemFeatures), test.Build(ratings.Items, ratings.ItemFeatures), users);
    }

    // Sum over users of the share of a list that was held out.
    private static double Precision(RankedLists lists, Interactions test)
    {
        var hits = 0L;
        for (var user = 0; user < test.Users; user++)
        {
            var held = test.ByUser.RowColumns(user);
            foreach (var item in lists.Of(user))
            {
                hits += held.BinarySearch(item) >= 0 ? 1 : 0;
            }
        }

        return hits / (double)ListLength;
    }

    // Rows as they are filled, user by user.
    private sealed class Part(int users)
    {
        private readonly long[] _starts = new long[users + 1];
        private readonly List<int> _items = [];
        private readonly List<long> _times = [];

        public void Add(IEnumerable<(int Item, long Time)> ratings)
        {
            foreach (var (item, time) in ratings)
            {
                _items.Add(item);
                _times.Add(time);
            }
        }

        public void End(int user) => _starts[user + 1] = _items.Count;

        public Interactions Build(int items, CsrMatrix? features)
        {
            var ones = new float[_items.Count];
            Array.Fill(ones, 1);
            return new Interactions(new CsrMatrix(items, _starts, [.. _items], ones), [.. _times], ratings: null, features);
        }
    }
}
