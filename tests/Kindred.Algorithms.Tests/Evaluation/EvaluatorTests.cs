using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Evaluation;

public sealed class EvaluatorTests
{
    // User 0 took items 0 and 1, user 1 took 1, 2 and 4; item 3 and 5 occur nowhere.
    private static readonly Interactions s_train = Make((0, 0), (0, 1), (1, 1), (1, 2), (1, 4));

    [Fact]
    public void Candidates_are_the_items_of_train_minus_the_own()
    {
        var lists = Evaluator.Rank(Popularity(s_train), s_train, 6);
        lists.Of(0).ToArray().ShouldBe([2, 4]);
        lists.Of(1).ToArray().ShouldBe([0]);
        lists.Of(2).ToArray().ShouldBe([1, 0, 2, 4]);
    }

    [Fact]
    public void Equal_scores_follow_the_tie_order()
    {
        Evaluator.Rank(Popularity(s_train), s_train, 6, [5, 4, 3, 2, 1, 0]).Of(2).ToArray().ShouldBe([1, 4, 2, 0]);
    }

    [Fact]
    public void History_comes_newest_first()
    {
        var builder = new InteractionsBuilder();
        builder.Add(0, 2, 3, time: 10);
        builder.Add(0, 0, 1, time: 30);
        builder.Add(0, 1, 2, time: 20);
        var train = builder.Build(1, 3);
        var model = new RecordingModel(Popularity(train));
        Evaluator.Rank(model, train, 1);
        model.Seen.ShouldBe([(0, 1f), (1, 2f), (2, 3f)]);
    }

    [Fact]
    public void Model_of_other_items_is_refused() =>
        Should.Throw<ArgumentException>(() => Evaluator.Rank(Popularity(s_train), Make((0, 1)).ByItem is { } wrong ? new Interactions(wrong) : s_train, 1));

    [Fact]
    public void Cancelled_ranking_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() => Evaluator.Rank(Popularity(s_train), s_train, 1, cancellation: cancelled.Token));
    }

    private static IModel Popularity(Interactions train) => Recommenders.Find("popularity")!.Train(train, null, new TrainingContext());

    private static Interactions Make(params (int User, int Item)[] cells)
    {
        var builder = new CsrBuilder();
        foreach (var (user, item) in cells)
        {
            builder.Add(user, item, 1);
        }

        return new Interactions(builder.Build(3, 6));
    }

    /// <summary>Notes the history it is asked with.</summary>
    private sealed class RecordingModel(IModel inner) : IModel
    {
        public List<(int Item, float Weight)> Seen { get; } = [];

        public string Recommender => inner.Recommender;

        public int Items => inner.Items;

        public FoldedHistory Fold(History history)
        {
            for (var k = 0; k < history.Count; k++)
            {
                Seen.Add((history.Items[k], history.Weights[k]));
            }

            return inner.Fold(history);
        }

        public void Score(FoldedHistory folded, Span<float> scores) => inner.Score(folded, scores);

        public int Recommend(FoldedHistory folded, in Algorithms.Ranking.Selection selection, Span<Algorithms.Ranking.ScoredItem> best) =>
            inner.Recommend(folded, selection, best);

        public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares) => inner.Explain(folded, items, shares);

        public bool Similar(int item, Span<float> scores) => inner.Similar(item, scores);

        public void Write(Algorithms.Files.ModelFileWriter file) => inner.Write(file);
    }
}
