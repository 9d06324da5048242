using System.Text.Json;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Blend;
using Kindred.Algorithms.Ranking;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.Blend;

public sealed class BlendContract : RecommenderContract
{
    protected override string Name => "blend";

    protected override double Floor => 0.2;

    protected override object Options => new BlendOptions
    {
        Members = [new BlendMember { Recommender = "ease", Options = JsonElement.Parse("""{"regularization":20}""") }, new BlendMember { Recommender = "itemknn", Weight = 0.3f }],
    };
}

public sealed class BlendTests
{
    [Fact]
    public void Worked_example_of_the_page()
    {
        // First member: (0 1 3) + (1 0 1) = (1 1 4), deviation sqrt 2. Second: half-life 1 halves the older entry: (0 4 0) + (0 0 4) / 2 = (0 4 2), deviation sqrt 8/3.
        var model = Model(
            new BlendMember { Recommender = "als" }, new Rows([[0, 1, 3], [1, 0, 1], [0, 0, 0]]),
            new BlendMember { Recommender = "als", Weight = 0.5f, HalfLife = 1 }, new Rows([[0, 4, 0], [0, 0, 4], [0, 0, 0]]));
        var folded = model.Fold(new History([0, 1], [1, 1]));
        var scores = new float[3];
        model.Score(folded, scores);
        scores.ShouldBe([0.70711f, 1.93185f, 3.44080f], 1e-4);

        // Item 2: 3 / sqrt 2 from entry 0; 1 / sqrt 2 + 0.5 x 2 / sqrt(8/3) from entry 1.
        var shares = new float[2];
        model.Explain(folded, [2], shares);
        shares.ShouldBe([2.12132f, 1.31948f], 1e-4);
        var best = new ScoredItem[2];
        model.Recommend(folded, Selection.All, best).ShouldBe(2);
        best.Select(one => one.Item).ShouldBe([2, 1]);
    }

    [Fact]
    public void A_member_that_says_nothing_about_a_history_counts_nothing()
    {
        var model = Model(
            new BlendMember { Recommender = "als" }, new Rows([[0, 1, 3], [1, 0, 1], [0, 0, 0]]),
            new BlendMember { Recommender = "als" }, new Rows([[0, 0, 0], [0, 0, 0], [0, 0, 0]]));
        var scores = new float[3];
        model.Score(model.Fold(new History([0], [1])), scores);
        scores.ShouldAllBe(score => float.IsFinite(score));
        scores[2].ShouldBeGreaterThan(scores[1]);
    }

    [Theory]
    [InlineData("""{"members":[]}""", "members")]
    [InlineData("""{"members":[{"recommender":"als","weight":0}]}""", "weight")]
    [InlineData("""{"members":[{"recommender":"als","half_life":0}]}""", "half_life")]
    [InlineData("""{"members":[{"weight":1}]}""", "recommender")]
    [InlineData("""{"members":[{"recommender":"als"},{"recommender":"als"},{"recommender":"als"},{"recommender":"als"},{"recommender":"als"},{"recommender":"als"},{"recommender":"als"}]}""", "members")]
    public void Options_out_of_range_are_refused_by_name(string json, string name) =>
        Should.Throw<JsonException>(() => Recommenders.Find("blend")!.ReadOptions(JsonElement.Parse(json))).Message.ShouldContain(name);

    [Theory]
    [InlineData("""{"members":[{"recommender":"blend"}]}""", "members[0].recommender")]
    [InlineData("""{"members":[{"recommender":"als"},{"recommender":"alz"}]}""", "members[1].recommender")]
    [InlineData("""{"members":[{"recommender":"als","options":{"factor":3}}]}""", "members[0].options")]
    public void A_member_that_cannot_be_trained_is_refused_by_place(string json, string place)
    {
        var blend = Recommenders.Find("blend")!;
        Should.Throw<ArgumentException>(() => blend.Train(Worlds.Tastes, blend.ReadOptions(JsonElement.Parse(json)), new TrainingContext())).Message.ShouldContain(place);
    }

    private static BlendModel Model(BlendMember first, IModel one, BlendMember second, IModel two) => new(new BlendOptions { Members = [first, second] }, [one, two]);

    /// <summary>A linear model by its rows: history times matrix.</summary>
    private sealed class Rows(float[][] rows) : IModel
    {
        public string Recommender => "rows";

        public int Items => rows.Length;

        public FoldedHistory Fold(History history) => new(history, Items);

        public void Score(FoldedHistory folded, Span<float> scores)
        {
            scores.Clear();
            for (var k = 0; k < folded.Count; k++)
            {
                for (var item = 0; item < Items; item++)
                {
                    scores[item] += folded.Weights[k] * rows[folded.Items[k]][item];
                }
            }
        }

        public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => throw new NotSupportedException();

        public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
        {
            for (var at = 0; at < items.Length; at++)
            {
                for (var k = 0; k < folded.Count; k++)
                {
                    shares[(at * folded.Count) + k] = folded.Weights[k] * rows[folded.Items[k]][items[at]];
                }
            }
        }

        public bool Similar(int item, Span<float> scores) => false;

        public void Write(ModelFileWriter file) => throw new NotSupportedException();
    }
}
