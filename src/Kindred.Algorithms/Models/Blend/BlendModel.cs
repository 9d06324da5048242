using System.Buffers;
using System.Numerics.Tensors;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models.Blend;

/// <summary>
/// A weighted sum of recommenders: <c>score(j) = sum over members m of weight_m / deviation_m * score_m(j)</c>, deviation_m being the standard
/// deviation of m's scores over all items for this history, which brings unlike scales together. A member with a half-life reads the k-th newest entry
/// with its weight times <c>2^(-k / half-life)</c>. Immutable, safe for any number of threads. Source: <c>docs/algorithms/blend.md</c>.
/// </summary>
public sealed class BlendModel : IModel
{
    private readonly BlendOptions _options;
    private readonly IModel[] _members;

    internal BlendModel(BlendOptions options, IModel[] members)
    {
        _options = options;
        _members = members;
    }

    /// <inheritdoc/>
    public string Recommender => "blend";

    /// <inheritdoc/>
    public int Items => _members[0].Items;

    /// <summary>The trained members, in the order of the options.</summary>
    public IReadOnlyList<IModel> Members => _members;

    /// <summary>Folds the history into every member and adds up their scores: O(members x items) and one score an item kept.</summary>
    public FoldedHistory Fold(History history)
    {
        var folded = new FoldedBlend(history, Items, _members.Length);
        var scratch = ArrayPool<float>.Shared.Rent(Items);
        try
        {
            var scores = scratch.AsSpan(0, Items);
            for (var m = 0; m < _members.Length; m++)
            {
                folded.Parts[m] = FoldMember(_members[m], folded, _options.Members[m].HalfLife);
                _members[m].Score(folded.Parts[m], scores);
                var deviation = Deviation(scores);
                folded.Scales[m] = deviation > 0 ? _options.Members[m].Weight / deviation : 0;
                TensorPrimitives.MultiplyAdd(scores, folded.Scales[m], folded.Scores, folded.Scores);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }

        return folded;
    }

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores)
    {
        ModelShape.CheckScores(scores.Length, Items);
        Own(folded).Scores.CopyTo(scores);
    }

    /// <inheritdoc/>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => TopN.Select(Own(folded).Scores, selection, best);

    /// <inheritdoc/>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
    {
        var own = Own(folded);
        ModelShape.CheckShares(items, shares.Length, folded, Items);
        shares.Clear();
        var part = new float[shares.Length];
        for (var m = 0; m < _members.Length; m++)
        {
            _members[m].Explain(own.Parts[m], items, part);
            TensorPrimitives.MultiplyAdd(part, own.Scales[m], shares, shares);
        }
    }

    /// <summary>As the first member that knows.</summary>
    public bool Similar(int item, Span<float> scores)
    {
        foreach (var member in _members)
        {
            if (member.Similar(item, scores))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Write(ModelFileWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.AddText("options", RecommenderOptions.Write(_options).GetRawText());
        for (var m = 0; m < _members.Length; m++)
        {
            file.AddPart(Part(m), _members[m]);
        }
    }

    /// <summary>Reads a model that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static BlendModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var options = RecommenderOptions.ReadText<BlendOptions>(file.ReadText("options"));
        var members = options.Members.Select((member, m) => Recommenders.Find(member.Recommender) is { } recommender && recommender.OptionsType != typeof(BlendOptions)
            ? recommender.Read(file.Part(Part(m), recommender.Name))
            : throw file.Refused($"a member is '{member.Recommender}', which this program does not know")).ToArray();
        return members.All(member => member.Items == members[0].Items)
            ? new BlendModel(options, members)
            : throw file.Refused("its members score different numbers of items");
    }

    /// <summary>The entries of a folded history with their weights halved every <paramref name="halfLife"/> entries, folded by one model.</summary>
    internal static FoldedHistory FoldMember(IModel model, FoldedHistory entries, float? halfLife)
    {
        if (halfLife is not { } half)
        {
            return model.Fold(new History(entries.Items, entries.Weights));
        }

        var weights = new float[entries.Count];
        for (var k = 0; k < weights.Length; k++)
        {
            // The floor keeps a weight above 0 where a long history would drive it to nothing.
            weights[k] = entries.Weights[k] * Math.Max(MathF.Pow(2, -k / half), 1e-6f);
        }

        return model.Fold(new History(entries.Items, weights));
    }

    /// <summary>Standard deviation over all items, in double precision and a fixed order.</summary>
    internal static float Deviation(ReadOnlySpan<float> scores)
    {
        double sum = 0, squares = 0;
        foreach (var score in scores)
        {
            sum += score;
            squares += (double)score * score;
        }

        var mean = sum / Math.Max(1, scores.Length);
        return (float)Math.Sqrt(Math.Max(0, (squares / Math.Max(1, scores.Length)) - (mean * mean)));
    }

    private static string Part(int member) => member.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private FoldedBlend Own(FoldedHistory folded) => folded is FoldedBlend own && own.Scores.Length == Items && own.Parts.Length == _members.Length
        ? own
        : throw new ArgumentException("The history was folded by another model.", nameof(folded));

    private sealed class FoldedBlend(History history, int items, int members) : FoldedHistory(history, items)
    {
        public FoldedHistory[] Parts { get; } = new FoldedHistory[members];

        public float[] Scales { get; } = new float[members];

        public float[] Scores { get; } = new float[items];
    }
}
