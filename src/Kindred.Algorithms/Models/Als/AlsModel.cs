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
    private readonly BFloat16[] _filed;
    private readonly AlsSide _side;
    private readonly FactorIndex _index;
    private readonly float[] _inverseNorms;

    /// <summary>
    /// Takes item factors <b>[items x factors]</b> as a file holds them. A trained model goes through the same rounding: it answers like the one read back.
    /// Rounding has bent the axes a little, so they are turned once more until the Gram matrix is diagonal.
    /// </summary>
    internal AlsModel(BFloat16[] factors, int items, AlsOptions options)
    {
        _options = options;
        _filed = factors;
        var stride = AlsSide.StrideOf(options.Factors);
        var wide = new float[items * stride];
        for (var item = 0; item < items; item++)
        {
            BFloat16.Widen(factors.AsSpan(item * options.Factors, options.Factors), wide.AsSpan(item * stride, options.Factors), Simd.Path);
        }

        var diagonal = new AlsAxes(options.Factors, Simd.Path).Turn(wide, items, null, 0, new TrainingContext { Threads = 1 });
        _side = new AlsSide(wide, items, options, diagonal);
        _index = new FactorIndex(wide, items, stride);
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

    /// <summary>The factors of an item, <b>[factors]</b>: those of the file, turned as a whole.</summary>
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
        file.Add<BFloat16>("item_factors", _filed);
    }

    /// <summary>Reads a model from an opened file; copies what it needs. Numbers of earlier versions, in float32, are rounded as they are read.</summary>
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

        return new AlsModel(
            file.Holds<BFloat16>("item_factors")
                ? file.Read<BFloat16>("item_factors", (long)shape[0] * shape[1]).ToArray()
                : Rounded(file.Read<float>("item_factors", (long)shape[0] * AlsSide.StrideOf(shape[1])), shape[0], options),
            shape[0],
            options);
    }

    /// <summary>Rows <b>[items x stride]</b> without the zeros behind them, as a file holds them.</summary>
    internal static BFloat16[] Rounded(ReadOnlySpan<float> rows, int items, AlsOptions options)
    {
        var stride = AlsSide.StrideOf(options.Factors);
        var rounded = new BFloat16[items * options.Factors];
        for (var item = 0; item < items; item++)
        {
            BFloat16.Round(rows.Slice(item * stride, options.Factors), rounded.AsSpan(item * options.Factors, options.Factors), Simd.Path);
        }

        return rounded;
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
