using System.Buffers;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models.Als;

/// <summary>
/// Item factors of implicit ALS. A history is folded in by one small exact solve, the very step that training does for a user.
/// Source: <c>docs/algorithms/als.md</c>.
/// </summary>
public sealed class AlsModel : IModel
{
    private readonly AlsOptions _options;
    private readonly AlsSide _side;
    private readonly FactorIndex _index;
    private readonly float[] _inverseNorms;

    /// <summary>Takes ownership of item factors <b>[items x stride]</b>, stride being the factors rounded up to a multiple of 8, zeros behind.</summary>
    internal AlsModel(float[] factors, int items, AlsOptions options)
    {
        _options = options;
        _side = new AlsSide(factors, items, options, threads: 1);
        _index = new FactorIndex(factors, items, _side.Stride);
        _inverseNorms = new float[items];
        for (var item = 0; item < items; item++)
        {
            var squares = Vectors.Dot(_side.Row(item), _side.Row(item));
            _inverseNorms[item] = squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
        }
    }

    /// <inheritdoc/>
    public string Recommender => "als";

    /// <inheritdoc/>
    public int Items => _side.Rows;

    /// <summary>Length of the vectors.</summary>
    public int Factors => _options.Factors;

    /// <summary>The factors of an item, <b>[factors]</b>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlySpan<float> ItemFactors(int item)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(item, Items);
        return _side.Row(item)[..Factors];
    }

    /// <inheritdoc/>
    public FoldedHistory Fold(History history)
    {
        var folded = new AlsFolded(this, history, _side.Stride);
        var rented = ArrayPool<float>.Shared.Rent(_side.ScratchLength);
        try
        {
            _side.Solve(folded.Items, folded.Weights, _side.Slice(rented), folded.Vector);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }

        return folded;
    }

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores)
    {
        var vector = Mine(folded).Vector;
        ModelShape.CheckScores(scores.Length, Items);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = Vectors.Dot(vector, _side.Row(item));
        }
    }

    /// <inheritdoc/>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) =>
        _index.Search(Mine(folded).Vector, selection, best);

    /// <inheritdoc/>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
    {
        var mine = Mine(folded);
        ModelShape.CheckShares(items, shares.Length, folded, Items);
        if (folded.Count == 0)
        {
            return;
        }

        // Factorised again rather than kept: 16 KB per cached user would cost more than these microseconds save.
        var rented = ArrayPool<float>.Shared.Rent(_side.ScratchLength);
        try
        {
            var scratch = _side.Slice(rented);
            _side.Factor(mine.Items, mine.Weights, scratch);
            for (var k = 0; k < items.Length; k++)
            {
                _side.Explain(items[k], mine.Items, mine.Weights, scratch, shares.Slice(k * folded.Count, folded.Count));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>Cosine of the item factors, in [-1, 1].</summary>
    /// <inheritdoc/>
    public bool Similar(int item, Span<float> scores)
    {
        ModelShape.CheckItem(item, Items);
        ModelShape.CheckScores(scores.Length, Items);
        for (var other = 0; other < scores.Length; other++)
        {
            scores[other] = Vectors.Dot(_side.Row(item), _side.Row(other)) * _inverseNorms[item] * _inverseNorms[other];
        }

        return true;
    }

    /// <inheritdoc/>
    public void Write(ModelFileWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.AddText("options", RecommenderOptions.Write(_options).GetRawText());
        file.Add<int>("shape", [Items, Factors]);
        file.Add<float>("item_factors", _side.Factors.AsSpan(0, Items * _side.Stride));
    }

    /// <summary>Reads a model from an opened file; copies what it needs.</summary>
    /// <exception cref="ModelFileException">The sections do not fit together.</exception>
    public static AlsModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var options = RecommenderOptions.ReadText<AlsOptions>(file.ReadText("options"));
        var shape = file.Read<int>("shape", 2);
        if (shape[0] < 0 || shape[1] != options.Factors)
        {
            throw file.Refused($"a shape of {shape[0]} x {shape[1]} does not fit {options.Factors} factors");
        }

        return new AlsModel(file.Read<float>("item_factors", (long)shape[0] * AlsSide.StrideOf(shape[1])).ToArray(), shape[0], options);
    }

    private AlsFolded Mine(FoldedHistory folded) => folded is AlsFolded mine && ReferenceEquals(mine.Model, this)
        ? mine
        : throw new ArgumentException("The history was folded by another model.", nameof(folded));

    private sealed class AlsFolded(AlsModel model, History history, int stride) : FoldedHistory(history, model.Items)
    {
        private readonly float[] _vector = new float[stride];

        public AlsModel Model { get; } = model;

        public Span<float> Vector => _vector;
    }
}
