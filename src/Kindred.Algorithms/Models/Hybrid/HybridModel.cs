using System.Buffers;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Models.Als;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>
/// Item vectors and biases of a hybrid model, identity and features composed. A history is folded in by the small exact solve of implicit ALS
/// against these vectors, the bias being one more factor; nothing of the users of the training is kept. Source: <c>docs/algorithms/hybrid.md</c>.
/// </summary>
public sealed class HybridModel : IModel
{
    private readonly HybridOptions _options;
    private readonly AlsSide _side;
    private readonly FactorIndex _index;
    private readonly float[] _inverseNorms;
    private readonly float[] _stranger;

    /// <summary>
    /// Takes ownership of item rows <b>[items x stride]</b>: the vector, the bias, zeros behind. The vectors are rounded to what a file holds of them, so that
    /// a trained model answers like the one read back; the biases, one number an item that orders a stranger's list, stay as they are.
    /// </summary>
    internal HybridModel(string recommender, float[] rows, int items, HybridOptions options)
    {
        Recommender = recommender;
        var (stride, rounded) = (StrideOf(options.Factors), new BFloat16[options.Factors]);
        for (var item = 0; item < items; item++)
        {
            var vector = rows.AsSpan(item * stride, options.Factors);
            BFloat16.Round(vector, rounded, Simd.Path);
            BFloat16.Widen(rounded, vector, Simd.Path);
        }

        _options = options;
        _side = new AlsSide(
            rows,
            items,
            new AlsOptions { Factors = options.Factors + 1, Alpha = options.FoldAlpha, Regularization = options.FoldRegularization, RegularizationExponent = 0.5f },
            threads: 1);
        _index = new FactorIndex(rows, items, _side.Stride);
        _stranger = new float[_side.Stride];
        _stranger[options.Factors] = 1;
        _inverseNorms = new float[items];
        for (var item = 0; item < items; item++)
        {
            var squares = Vectors.Dot(Vector(item), Vector(item));
            _inverseNorms[item] = squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
        }
    }

    /// <inheritdoc/>
    public string Recommender { get; }

    /// <inheritdoc/>
    public int Items => _side.Rows;

    /// <summary>Length of the vectors.</summary>
    public int Factors => _options.Factors;

    /// <summary>The vector of an item, identity and features together, <b>[factors]</b>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlySpan<float> ItemFactors(int item)
    {
        ModelShape.CheckItem(item, Items);
        return Vector(item);
    }

    /// <summary>The bias of an item, identity and features together: what a stranger's score is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public float ItemBias(int item)
    {
        ModelShape.CheckItem(item, Items);
        return _side.Row(item)[Factors];
    }

    /// <inheritdoc/>
    public FoldedHistory Fold(History history)
    {
        var folded = new HybridFolded(this, history, _side.Stride);
        if (folded.Count == 0)
        {
            _stranger.CopyTo(folded.Vector);
            return folded;
        }

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

        // Factorised again rather than kept, as in implicit ALS.
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

    /// <summary>Cosine of the item vectors without their biases, in [-1, 1].</summary>
    /// <inheritdoc/>
    public bool Similar(int item, Span<float> scores)
    {
        ModelShape.CheckItem(item, Items);
        ModelShape.CheckScores(scores.Length, Items);
        for (var other = 0; other < scores.Length; other++)
        {
            scores[other] = Vectors.Dot(Vector(item), Vector(other)) * _inverseNorms[item] * _inverseNorms[other];
        }

        return true;
    }

    /// <inheritdoc/>
    public void Write(ModelFileWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.AddText("options", RecommenderOptions.Write(_options).GetRawText());
        file.Add<int>("shape", [Items, Factors]);
        var (vectors, biases) = (new BFloat16[Items * Factors], new float[Items]);
        for (var item = 0; item < Items; item++)
        {
            BFloat16.Round(Vector(item), vectors.AsSpan(item * Factors, Factors), Simd.Path);
            biases[item] = ItemBias(item);
        }

        file.Add<BFloat16>("item_vectors", vectors);
        file.Add<float>("item_biases", biases);
    }

    /// <summary>Reads a model from an opened file; copies what it needs. Rows of earlier versions, in float32, are rounded as they are read.</summary>
    /// <exception cref="ModelFileException">The sections do not fit together.</exception>
    public static HybridModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var options = RecommenderOptions.ReadText<HybridOptions>(file.ReadText("options"));
        var shape = file.Read<int>("shape", 2);
        if (shape[0] < 0 || shape[1] != options.Factors)
        {
            throw file.Refused($"a shape of {shape[0]} x {shape[1]} does not fit {options.Factors} factors");
        }

        return new HybridModel(
            file.Recommender, file.Has("item_rows") ? file.Read<float>("item_rows", (long)shape[0] * StrideOf(shape[1])).ToArray() : ReadRows(file, shape[0], shape[1]), shape[0], options);
    }

    private static float[] ReadRows(ModelFile file, int items, int factors)
    {
        var vectors = file.Read<BFloat16>("item_vectors", (long)items * factors);
        var biases = file.Read<float>("item_biases", items);
        var stride = StrideOf(factors);
        var rows = new float[items * stride];
        for (var item = 0; item < items; item++)
        {
            BFloat16.Widen(vectors.Slice(item * factors, factors), rows.AsSpan(item * stride, factors), Simd.Path);
            rows[(item * stride) + factors] = biases[item];
        }

        return rows;
    }

    /// <summary>Numbers of a row: the factors and the bias, rounded up to a multiple of 8.</summary>
    internal static int StrideOf(int factors) => AlsSide.StrideOf(factors + 1);

    private ReadOnlySpan<float> Vector(int item) => _side.Row(item)[..Factors];

    private HybridFolded Mine(FoldedHistory folded) => folded is HybridFolded mine && ReferenceEquals(mine.Model, this)
        ? mine
        : throw new ArgumentException("The history was folded by another model.", nameof(folded));

    private sealed class HybridFolded(HybridModel model, History history, int stride) : FoldedHistory(history, model.Items)
    {
        private readonly float[] _vector = new float[stride];

        public HybridModel Model { get; } = model;

        public Span<float> Vector => _vector;
    }
}
