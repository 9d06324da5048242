using System.Text.Json;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models;

/// <summary>What every recommender promises. A recommender's class inherits it and says its name, its options and its floor.</summary>
public abstract class RecommenderContract
{
    /// <summary>Name in the list of recommenders.</summary>
    protected abstract string Name { get; }

    /// <summary>NDCG@10 it reaches at least on <see cref="Worlds.Tastes"/>.</summary>
    protected abstract double Floor { get; }

    /// <summary>Options, or null for the defaults.</summary>
    protected virtual object? Options => null;

    /// <summary>True when a row of shares sums to the score.</summary>
    protected virtual bool Linear => Recommender.Personal;

    /// <summary>Largest difference between a score and the sum of its shares, relative to the score.</summary>
    protected virtual float ShareTolerance => 1e-4f;

    private Recommender Recommender => Recommenders.Find(Name).ShouldNotBeNull();

    [Fact]
    public void Checkerboard_gives_each_user_the_missing_field()
    {
        Assert.SkipUnless(Recommender.Personal, "Answers everybody alike.");
        var board = Worlds.Checkerboard(40);
        var lists = Evaluator.Rank(Train(board), board, 1);
        for (var user = 0; user < board.Users; user++)
        {
            lists.Of(user).ToArray().ShouldBe([user], $"user {user}");
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_bytes_for_any_number_of_threads()
    {
        var expected = Bytes(Train(Worlds.Tastes, threads: 1));
        foreach (var threads in (int[])[1, 2, 4])
        {
            Bytes(Train(Worlds.Tastes, threads)).ShouldBe(expected, $"{threads} threads");
        }
    }

    [Fact]
    public void Loaded_model_answers_like_the_saved_one()
    {
        var saved = Train(Worlds.Tastes);
        var path = TemporaryFile();
        try
        {
            ModelFile.Save(saved, path);
            var loaded = ModelFile.Load(path);
            loaded.Recommender.ShouldBe(Name);
            loaded.Items.ShouldBe(saved.Items);
            for (var user = 0; user < 20; user++)
            {
                Scores(loaded, Worlds.Tastes, user).ShouldBe(Scores(saved, Worlds.Tastes, user));
                Top(loaded, Worlds.Tastes, user).ShouldBe(Top(saved, Worlds.Tastes, user));
            }

            Bytes(loaded).ShouldBe(Bytes(saved));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Users_and_items_without_interactions_are_fine()
    {
        var builder = new InteractionsBuilder();
        foreach (var (user, item) in ((int, int)[])[(1, 0), (1, 2), (3, 2), (3, 4), (4, 0), (4, 4)])
        {
            builder.Add(user, item, 1, time: 1_000_000, rating: 3);
        }

        var data = builder.Build(6, 7, withRatings: true);
        var model = Train(data);
        for (var user = 0; user < data.Users; user++)
        {
            Scores(model, data, user).ShouldAllBe(score => float.IsFinite(score));
            Top(model, data, user, 3).Length.ShouldBe(3);
        }
    }

    [Fact]
    public void No_interactions_at_all_are_fine()
    {
        var data = new InteractionsBuilder().Build(3, 4, withRatings: true);
        var model = Train(data);
        Scores(model, data, 0).ShouldAllBe(score => float.IsFinite(score));
        Top(model, data, 0, 4).Length.ShouldBe(4);
    }

    [Fact]
    public void Stranger_without_a_history_is_answered()
    {
        var model = Train(Worlds.Tastes);
        var stranger = model.Fold(default);
        stranger.Count.ShouldBe(0);
        var best = new ScoredItem[10];
        model.Recommend(stranger, Selection.All, best).ShouldBe(10);
        best.ShouldAllBe(entry => float.IsFinite(entry.Score));
        best.Select(entry => entry.Item).ShouldBeUnique();
    }

    [Fact]
    public void Unknown_items_of_a_history_are_left_out()
    {
        var model = Train(Worlds.Tastes);
        var known = model.Fold(new History([3, 8, 11], [1, 2, 1]));
        var mixed = model.Fold(new History([3, 100_000, 8, model.Items, 11], [1, 5, 2, 7, 1]));
        mixed.Items.ToArray().ShouldBe([3, 8, 11]);
        mixed.Weights.ToArray().ShouldBe([1, 2, 1]);
        Scores(model, mixed).ShouldBe(Scores(model, known));
    }

    [Fact]
    public void Excluded_items_never_appear_and_n_come_when_n_qualify()
    {
        var model = Train(Worlds.Tastes);
        var folded = FoldOf(model, Worlds.Tastes, 5);
        for (var qualifying = 0; qualifying <= model.Items; qualifying += 13)
        {
            var allowed = Enumerable.Range(0, qualifying).Select(k => k * 37 % model.Items).ToHashSet();
            var mask = new ulong[(model.Items + 63) / 64];
            foreach (var item in allowed)
            {
                mask[item >> 6] |= 1UL << (item & 63);
            }

            var best = new ScoredItem[10];
            var count = model.Recommend(folded, new Selection(mask), best);
            count.ShouldBe(Math.Min(10, allowed.Count));
            best[..count].ShouldAllBe(entry => allowed.Contains(entry.Item));
            best[..count].Select(entry => entry.Item).ShouldBeUnique();
        }
    }

    [Fact]
    public void List_holds_the_best_scores_in_order()
    {
        var model = Train(Worlds.Tastes);
        for (var user = 0; user < 10; user++)
        {
            var scores = Scores(model, Worlds.Tastes, user);
            var best = new ScoredItem[12];
            model.Recommend(FoldOf(model, Worlds.Tastes, user), Selection.All, best).ShouldBe(12);
            best.Select(entry => entry.Score).ShouldBe(scores.OrderDescending().Take(12));
            best.ShouldAllBe(entry => entry.Score.Equals(scores[entry.Item]));
        }
    }

    [Fact]
    public void Asking_twice_or_from_many_threads_gives_the_same_answers()
    {
        var model = Train(Worlds.Tastes);
        var lists = Evaluator.Rank(model, Worlds.Tastes, 10, threads: 1);
        var again = Evaluator.Rank(model, Worlds.Tastes, 10, threads: 4);
        for (var user = 0; user < Worlds.Tastes.Users; user++)
        {
            again.Of(user).ToArray().ShouldBe(lists.Of(user).ToArray());
            Top(model, Worlds.Tastes, user).ShouldBe(lists.Of(user).ToArray());
        }
    }

    [Fact]
    public void Shares_of_an_explanation_sum_to_the_score()
    {
        var model = Train(Worlds.Tastes);
        for (var user = 0; user < 10; user++)
        {
            var folded = FoldOf(model, Worlds.Tastes, user);
            var items = Top(model, Worlds.Tastes, user);
            var shares = new float[items.Length * folded.Count];
            Array.Fill(shares, float.NaN);
            model.Explain(folded, items, shares);
            var scores = Scores(model, folded);
            for (var k = 0; k < items.Length; k++)
            {
                var row = shares.AsSpan(k * folded.Count, folded.Count).ToArray();
                var expected = Linear ? scores[items[k]] : row.Sum();
                row.ShouldAllBe(share => float.IsFinite(share));
                row.Sum().ShouldBe(expected, Math.Max(1e-6f, Math.Abs(expected) * ShareTolerance));
                if (!Recommender.Personal)
                {
                    row.ShouldAllBe(share => share.Equals(0f));
                }
            }
        }
    }

    [Fact]
    public void Similar_items_come_where_the_list_says_so()
    {
        var model = Train(Worlds.Tastes);
        var scores = new float[model.Items];
        model.Similar(4, scores).ShouldBe(Recommender.ItemToItem);
        scores.ShouldAllBe(score => float.IsFinite(score));
        if (Recommender.ItemToItem)
        {
            scores[4] = float.NegativeInfinity;
            var nearest = Array.IndexOf(scores, scores.Max());
            (nearest % Worlds.TasteCount).ShouldBe(4 % Worlds.TasteCount, "the nearest item is of the same taste");
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused_with_the_numbers()
    {
        var model = Train(Worlds.Tastes);
        var folded = FoldOf(model, Worlds.Tastes, 0);
        Should.Throw<ArgumentException>(() => model.Score(folded, new float[model.Items - 1])).Message.ShouldContain($"{model.Items - 1}");
        Should.Throw<ArgumentException>(() => model.Explain(folded, [1, 2], new float[1]));
        Should.Throw<ArgumentException>(() => model.Similar(model.Items, new float[model.Items]));
    }

    [Fact]
    public void Cancelled_training_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() =>
            Recommender.Train(Worlds.Tastes, Options, new TrainingContext { Cancellation = cancelled.Token }));
    }

    [Fact]
    public void Default_options_survive_json_and_unknown_ones_are_refused()
    {
        var options = Options ?? Activator.CreateInstance(Recommender.OptionsType)!;
        Recommender.ReadOptions(RecommenderOptions.Write(options)).ShouldBe(options);
        using var unknown = JsonDocument.Parse("""{"no_such_setting": 1}""");
        Should.Throw<JsonException>(() => Recommender.ReadOptions(unknown.RootElement)).Message.ShouldContain("no_such_setting");
    }

    [Fact]
    public void Quality_stays_above_the_floor()
    {
        var split = Splits.RandomPerUser(Worlds.Tastes);
        var report = Metrics.Compute(Evaluator.Rank(Train(split.Train), split.Train, 10), split.Test);
        report.Ndcg.Mean.ShouldBeGreaterThan(Floor);
    }

    /// <summary>Trains with <see cref="Options"/>.</summary>
    protected IModel Train(Interactions data, int threads = 2) => Recommender.Train(data, Options, new TrainingContext { Threads = threads });

    private static FoldedHistory FoldOf(IModel model, Interactions data, int user) =>
        model.Fold(new History(data.ByUser.RowColumns(user), data.ByUser.RowValues(user)));

    private static float[] Scores(IModel model, Interactions data, int user) => Scores(model, FoldOf(model, data, user));

    private static float[] Scores(IModel model, FoldedHistory folded)
    {
        var scores = new float[model.Items];
        Array.Fill(scores, float.NaN);
        model.Score(folded, scores);
        return scores;
    }

    private static int[] Top(IModel model, Interactions data, int user, int n = 10)
    {
        // The same rule as the evaluator's, by another way: one user at a time, histories folded as served.
        var mask = new ulong[(model.Items + 63) / 64];
        var occurring = data.Count == 0 || n < 10 ? Enumerable.Range(0, model.Items) : data.ByUser.AllColumns.ToArray();
        foreach (var item in occurring)
        {
            mask[item >> 6] |= 1UL << (item & 63);
        }

        foreach (var item in data.ByUser.RowColumns(user))
        {
            mask[item >> 6] &= ~(1UL << (item & 63));
        }

        var best = new ScoredItem[n];
        var order = Enumerable.Range(0, data.ByUser.RowLength(user)).OrderByDescending(k => data.Times is { } times ? times[data.ByUser.RowStarts[user] + k] : 0).ToArray();
        var items = Array.ConvertAll(order, k => data.ByUser.RowColumns(user)[k]);
        var weights = Array.ConvertAll(order, k => data.ByUser.RowValues(user)[k]);
        var count = model.Recommend(model.Fold(new History(items, weights)), new Selection(mask), best);
        return [.. best[..count].Select(entry => entry.Item)];
    }

    private static byte[] Bytes(IModel model)
    {
        var path = TemporaryFile();
        try
        {
            ModelFile.Save(model, path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string TemporaryFile() => Path.Combine(Path.GetTempPath(), $"kindred-{Guid.NewGuid():N}.model");
}
