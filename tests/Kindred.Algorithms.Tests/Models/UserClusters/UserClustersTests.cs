using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.UserClusters;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.UserClusters;

public sealed class UserClustersChosenContract : RecommenderContract
{
    protected override string Name => "userclusters";

    protected override double Floor => 0.1;

    protected override object Options => new UserClustersOptions { Clusters = 0, MaxClusters = 8 };
}

public sealed class UserClustersTwoContract : RecommenderContract
{
    protected override string Name => "userclusters";

    protected override double Floor => 0.08;

    // The checkerboard has two kinds of users: with more clusters than that, a user may stand alone, and then nobody knows the missing field.
    protected override object Options => new UserClustersOptions { Clusters = 2, Restarts = 3 };
}

public sealed class UserClustersTests
{
    // 5 users x 6 films, ratings 0 to 5.
    private static readonly float[][] s_ratings = [[5, 4, 1, 0, 2, 3], [1, 0, 5, 4, 3, 2], [3, 3, 3, 3, 3, 3], [0, 5, 0, 5, 0, 5], [4, 1, 2, 5, 1, 0]];
    private static readonly UserClustersOptions s_options = new() { Value = ClusteredValue.Rating };

    [Theory]
    [InlineData(0, new[] { 1, 2, 6, 5, 3 })]
    [InlineData(1, new[] { 3, 5, 4, 6, 1 })]
    [InlineData(3, new[] { 6, 2, 4, 3, 1 })]
    [InlineData(4, new[] { 4, 1, 3, 5, 2 })]
    public void Rank_order_of_the_page(int user, int[] films)
    {
        BestFilms(Train(), user).ShouldBe(films);
    }

    [Fact]
    public void Rank_order_of_the_page_with_a_tie()
    {
        var films = BestFilms(Train(), 2);
        films[..3].ShouldBe([5, 3, 6]);
        films[3..].ShouldBe([1, 2], ignoreOrder: true);
    }

    [Fact]
    public void Columns_are_standardised_with_the_population_deviation()
    {
        var columns = ItemColumns.Of(Data(), Data().Ratings!);
        columns.Means.ShouldBe([2.6, 2.6, 2.2, 3.4, 1.8, 2.6], 1e-9);
        columns.Deviations.ShouldBe([1.8547, 1.8547, 1.7205, 1.8547, 1.1662, 1.6248], 1e-4);

        var model = Train();
        var folded = Fold(model, 0);
        var scores = new float[6];
        model.Score(folded, scores);
        scores[0].ShouldBe((5 - 2.6f) / 1.8547237f, 1e-5f);
        scores[3].ShouldBe((0 - 3.4f) / 1.8547237f, 1e-5f);
    }

    [Fact]
    public void Seen_films_are_left_out_on_request_and_the_rank_is_kept()
    {
        // u4 rated films 2, 4 and 6; of the others 3 comes before 1, and 5 is last.
        var model = Train();
        var best = new ScoredItem[5];
        model.Recommend(Fold(model, 3), new Selection([0b010101]), best).ShouldBe(3);
        best[..3].Select(entry => entry.Item + 1).ShouldBe([3, 1, 5]);
    }

    [Fact]
    public void Order_of_the_history_and_missing_films_do_not_matter()
    {
        // The service this comes from put the ratings of a partial row under the wrong films.
        var model = Train();
        var forward = model.Fold(new History([1, 3, 5], [5, 5, 5]));
        var backward = model.Fold(new History([5, 1, 3], [5, 5, 5]));
        model.ClusterOf(forward).ShouldBe(model.ClusterOf(Fold(model, 3)));
        model.ClusterOf(backward).ShouldBe(model.ClusterOf(forward));
        model.ClusterOf(model.Fold(new History([3], [5]))).ShouldBe(Nearest([0, 0, 0, 5, 0, 0]));
        model.ClusterOf(model.Fold(new History([2], [5]))).ShouldBe(Nearest([0, 0, 5, 0, 0, 0]));

        // By hand from the standardised rows: with five users and five clusters each user is a centre.
        int Nearest(float[] row) => model.ClusterOf(Fold(model, Enumerable.Range(0, 5).MinBy(user => Enumerable.Range(0, 6).Sum(film =>
            Math.Pow((row[film] - s_ratings[user][film]) / Deviation(film), 2))))).ShouldNotBeNull();

        double Deviation(int film)
        {
            var mean = s_ratings.Average(row => row[film]);
            return Math.Sqrt(s_ratings.Average(row => Math.Pow(row[film] - mean, 2)));
        }
    }

    [Fact]
    public void Column_that_everybody_rates_alike_says_nothing()
    {
        var builder = new InteractionsBuilder();
        for (var user = 0; user < 7; user++)
        {
            builder.Add(user, 0, 1, rating: 0.1f);
            builder.Add(user, 1 + (user % 2), 1, rating: 4);
        }

        var data = builder.Build(7, 3, withRatings: true);
        ItemColumns.Of(data, data.Ratings!).Deviations[0].ShouldBe(1);
        var model = UserClustersTrainer.Train(data, s_options with { Clusters = 2 }, new TrainingContext());
        model.Centre(0)[0].ShouldBe(0, 1e-6f);
        model.Centre(1)[0].ShouldBe(0, 1e-6f);
    }

    [Fact]
    public void Number_of_clusters_is_found_by_silhouette_on_request()
    {
        UserClustersTrainer.Train(Worlds.Checkerboard(40), new UserClustersOptions { Clusters = 0 }, new TrainingContext()).Clusters.ShouldBe(2);
        var five = UserClustersTrainer.Train(Worlds.Tastes, new UserClustersOptions { Clusters = 5, Restarts = 5 }, new TrainingContext());
        five.Clusters.ShouldBe(5);
    }

    [Fact]
    public void Fewer_users_than_clusters_are_fine()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 0, 1);
        builder.Add(1, 1, 1);
        UserClustersTrainer.Train(builder.Build(2, 2), new UserClustersOptions(), new TrainingContext()).Clusters.ShouldBe(2);
        UserClustersTrainer.Train(new InteractionsBuilder().Build(0, 3), new UserClustersOptions(), new TrainingContext()).Clusters.ShouldBe(1);
    }

    [Fact]
    public void Stranger_gets_the_most_popular()
    {
        var model = UserClustersTrainer.Train(Worlds.Tastes, new UserClustersOptions(), new TrainingContext());
        model.ClusterOf(model.Fold(default)).ShouldBeNull();
        var best = new ScoredItem[3];
        model.Recommend(model.Fold(default), Selection.All, best);
        var counts = Enumerable.Range(0, 150).OrderByDescending(Worlds.Tastes.ByItem.RowLength).ThenBy(item => item).Take(3);
        best.Select(entry => entry.Item).ShouldBe(counts);
    }

    [Fact]
    public void Ratings_that_are_not_there_are_asked_for()
    {
        Should.Throw<ArgumentException>(() => UserClustersTrainer.Train(Worlds.Checkerboard(4), s_options, new TrainingContext())).Message.ShouldContain("ratings");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserClustersOptions { Clusters = -1 }).ParamName.ShouldBe("clusters");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserClustersOptions { MaxClusters = 1 }).ParamName.ShouldBe("max_clusters");
        Should.Throw<ArgumentOutOfRangeException>(() => new UserClustersOptions { Restarts = 0 }).ParamName.ShouldBe("restarts");
    }

    private static int[] BestFilms(UserClustersModel model, int user)
    {
        var best = new ScoredItem[5];
        model.Recommend(Fold(model, user), Selection.All, best).ShouldBe(5);
        return [.. best.Select(entry => entry.Item + 1)];
    }

    private static FoldedHistory Fold(UserClustersModel model, int user)
    {
        var films = Enumerable.Range(0, 6).Where(film => s_ratings[user][film] > 0).ToArray();
        return model.Fold(new History(films, Array.ConvertAll(films, film => s_ratings[user][film])));
    }

    private static UserClustersModel Train() => UserClustersTrainer.Train(Data(), s_options, new TrainingContext { Seed = 0 });

    private static Interactions Data()
    {
        var builder = new InteractionsBuilder();
        for (var user = 0; user < 5; user++)
        {
            for (var film = 0; film < 6; film++)
            {
                // A rating of 0 and none at all are the same to this method; both kinds are here.
                if (s_ratings[user][film] > 0 || film % 2 == 0)
                {
                    builder.Add(user, film, 1, rating: s_ratings[user][film]);
                }
            }
        }

        return builder.Build(5, 6, withRatings: true);
    }
}
