using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Models;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.Films;

/// <summary>Ranks films from ratings, by each system's algorithm or the collection's best model.</summary>
internal sealed class FilmLists(string collection, LocalRecommendations recommendations, Tastes tastes, FilmClusters clusters, FilmSettings settings)
{
    /// <summary>Films a neighbour recommends, or an item's like, per entry of <see cref="GeneralAsync"/>.</summary>
    private const int SimilarFilms = 5;

    private const int PopularFilms = 10;
    private readonly BayesianOrder _bayesian = new();

    /// <summary>Names of the algorithms a caller may choose, besides any recommender of the live bundle.</summary>
    public static IReadOnlyList<string> Models { get; } = ["auto", "bayes", "warp", "hybrid", "userknn", "clusters"];

    /// <summary>
    /// What the nearest users rated highly and the user has not rated: score = sum of similarity x rating, then id. Empty for a stranger.
    /// </summary>
    public async Task<IReadOnlyList<ItemRow>> OfNeighboursAsync(int user, int n, CancellationToken cancellation)
    {
        var served = await LoadedAsync(cancellation);
        if (await tastes.CurrentAsync(cancellation) is not { } table)
        {
            return [];
        }

        var scores = Neighbours(table, user);
        await served.CatchUpAsync(scores.Count == 0 ? -1 : scores.Keys.Max(), cancellation);
        using var allowed = Allowed.For(served.Items, ListQuery.Default, profile: null);
        return Take(served, Ranked(served, scores, allowed, n), n);
    }

    /// <summary>Films like those that everybody rates highly: of the ten best ones with an average of at least 7, each one's five nearest, in their order.</summary>
    public async Task<IReadOnlyList<ItemRow>> GeneralAsync(int n, CancellationToken cancellation)
    {
        var served = await LoadedAsync(cancellation);
        if (await tastes.CurrentAsync(cancellation) is not { } table)
        {
            return [];
        }

        var (counts, sums) = table.ItemSums();
        await served.CatchUpAsync(counts.Length - 1, cancellation);
        var popular = _bayesian.Of(table, served.Items.TieOrder).Where(item => item < counts.Length && sums[item] >= settings.LeastRating * counts[item] && served.Items[item] is { Answerable: true }).Take(PopularFilms);
        using var allowed = Allowed.For(served.Items, ListQuery.Default, profile: null);
        List<int> union = [];
        foreach (var film in popular)
        {
            union.AddRange(table.NearestItems(film, SimilarFilms).Select(near => near.Number).Where(item => allowed.Has(item) && !union.Contains(item)));
            if (union.Count >= n)
            {
                break;
            }
        }

        return Take(served, union, n);
    }

    /// <summary>The best films by Bayesian mean, of a genre or of all; with a title only.</summary>
    public async Task<IReadOnlyList<ItemRow>> BayesianAsync(string? genre, int n, CancellationToken cancellation)
    {
        var served = await LoadedAsync(cancellation);
        using var allowed = Allowed.For(served.Items, new ListQuery { Category = genre }, profile: null);
        return Take(served, await FillAsync(served, allowed, cancellation), n, titled: true);
    }

    /// <summary>
    /// A person's films with titles by a model, of a genre or of all, without what they have seen; what is missing to n are the best by Bayesian mean. Null where
    /// the model is not trained yet.
    /// </summary>
    public async Task<IReadOnlyList<ItemRow>?> PersonalAsync(string user, string model, string? genre, int n, CancellationToken cancellation)
    {
        var served = await LoadedAsync(cancellation);
        var (number, profile) = await recommendations.ProfileAsync(served, user, cancellation);
        using var allowed = Allowed.For(served.Items, new ListQuery { Category = genre }, profile);
        if (await RankAsync(served, number, profile, model, allowed, n, cancellation) is not { } ranked)
        {
            return null;
        }

        var films = Take(served, ranked, n, titled: true);
        foreach (var film in films)
        {
            allowed.Remove(film.Number);
        }

        films.AddRange(Take(served, films.Count < n ? await FillAsync(served, allowed, cancellation) : [], n - films.Count, titled: true));
        return films;
    }

    /// <summary>A person's films by a model, best first, with or without what they have seen; null where the model is not trained yet.</summary>
    public async Task<IReadOnlyList<int>?> NumbersAsync(string user, string model, int n, bool includeSeen, CancellationToken cancellation)
    {
        var served = await LoadedAsync(cancellation);
        var (number, profile) = await recommendations.ProfileAsync(served, user, cancellation);
        using var allowed = Allowed.For(served.Items, new ListQuery { ExcludeSeen = !includeSeen }, profile);
        if (await RankAsync(served, number, profile, model, allowed, n, cancellation) is not { } ranked)
        {
            return null;
        }

        int[] films = [.. ranked.Take(n)];
        return model == "bayes" ? [.. (await FillAsync(served, allowed, cancellation)).Take(n)] : films;
    }

    /// <summary>True where a model of that name can be asked for, whether or not it is trained.</summary>
    public static bool IsModel(string name) => Models.Contains(name) || Recommenders.Find(name) is not null;

    /// <summary>The collection, with every item that an acknowledged event named.</summary>
    public async ValueTask<ServedCollection> LoadedAsync(CancellationToken cancellation) =>
        await recommendations.FindAsync(collection, cancellation) ?? throw new InvalidOperationException($"There is no collection {collection}.");

    // Room for films without a title, which are left out after ranking.
    private static int Room(int n) => Math.Min(ListQuery.MaxN, 4 * n);

    private static List<ItemRow> Take(ServedCollection served, IEnumerable<int> items, int n, bool titled = false)
    {
        List<ItemRow> rows = new(Math.Max(0, n));
        foreach (var item in items)
        {
            if (rows.Count >= n)
            {
                break;
            }

            if (served.Items[item] is { Answerable: true } row && (!titled || row.Title is not null))
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    // Null where the model is not there; empty where it has nothing to say.
    private async Task<IEnumerable<int>?> RankAsync(
        ServedCollection served, int user, Profile profile, string model, Allowed allowed, int n, CancellationToken cancellation)
    {
        var bundle = served.Shelf.Live;
        switch (model)
        {
            case "bayes":
                return [];
            case "userknn" when await tastes.CurrentAsync(cancellation) is { } table:
                var scores = Neighbours(table, user);
                await served.CatchUpAsync(scores.Count == 0 ? -1 : scores.Keys.Max(), cancellation);
                return Ranked(served, scores, allowed, Room(n));
            case "clusters":
                return await clusters.RankAsync(user, cancellation) is { } order ? [.. order.Where(item => allowed.Has(item))] : null;
            case "auto":
                return bundle is { IsPersonal: true } ? Best(served, bundle, bundle.Personal, profile, allowed, n) : [];
            default:
                return bundle?.Find(model == "hybrid" ? "warp" : model) is { } asked ? Best(served, bundle, asked, profile, allowed, n) : null;
        }
    }

    private static int[] Best(ServedCollection served, Bundle bundle, IModel model, Profile profile, in Allowed allowed, int n)
    {
        var folded = ReferenceEquals(model, bundle.Personal) ? profile.Fold(bundle) : model.Fold(new History(profile.Items, profile.Weights));
        if (folded.Count == 0)
        {
            return [];
        }

        Span<ScoredItem> best = stackalloc ScoredItem[Room(n)];
        var words = allowed.Words[..Math.Min(allowed.Length, (model.Items + 63) >> 6)];
        var count = model.Recommend(folded, new Selection(words, served.Items.TieOrder), best);
        var items = new List<int>(count);
        foreach (var (item, score) in best[..count])
        {
            if (score > 0)
            {
                items.Add(item);
            }
        }

        return [.. items];
    }

    private async Task<IEnumerable<int>> FillAsync(ServedCollection served, Allowed allowed, CancellationToken cancellation) =>
        await tastes.CurrentAsync(cancellation) is { } table ? _bayesian.Of(table, served.Items.TieOrder).Where(item => allowed.Has(item)) : [];

    private Dictionary<int, double> Neighbours(RatingTable table, int user)
    {
        var scores = new Dictionary<int, double>();
        if (user < 0)
        {
            return scores;
        }

        var mine = table.Of(user).Items;
        foreach (var near in table.NearestUsers(user, settings.Neighbours))
        {
            for (var k = 0; k < near.Others.Length; k++)
            {
                if (near.Values[k] >= settings.LeastRating && Array.BinarySearch(mine, near.Others[k]) < 0)
                {
                    scores[near.Others[k]] = scores.GetValueOrDefault(near.Others[k]) + ((double)near.Similarity * near.Values[k]);
                }
            }
        }

        return scores;
    }

    // The best by score, then by id; a walk with a short list beside it, for most of the films a neighbour likes come to nothing.
    private static int[] Ranked(ServedCollection served, Dictionary<int, double> scores, Allowed allowed, int most)
    {
        var order = served.Items.TieOrder;
        List<(int Item, float Score)> best = new(most + 1);
        foreach (var (item, exact) in scores)
        {
            var score = (float)exact;
            if ((best.Count == most && !IsBetter(item, score, best[^1])) || !allowed.Has(item))
            {
                continue;
            }

            var place = best.Count;
            while (place > 0 && IsBetter(item, score, best[place - 1]))
            {
                place--;
            }

            best.Insert(place, (item, score));
            if (best.Count > most)
            {
                best.RemoveAt(most);
            }
        }

        return [.. best.Select(one => one.Item)];

        bool IsBetter(int item, float score, (int Item, float Score) than) => score > than.Score || (score == than.Score && Ties.Compare(order, item, than.Item) < 0);
    }
}
