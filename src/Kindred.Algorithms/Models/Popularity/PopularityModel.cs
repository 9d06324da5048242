using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models.Popularity;

/// <summary>One score per item, whatever the history. Immutable, safe for any number of threads.</summary>
public sealed class PopularityModel : IModel
{
    private readonly PopularityOptions _options;
    private readonly float[] _scores;

    internal PopularityModel(PopularityOptions options, float[] scores)
    {
        _options = options;
        _scores = scores;
    }

    /// <inheritdoc/>
    public string Recommender => "popularity";

    /// <inheritdoc/>
    public int Items => _scores.Length;

    /// <summary>Score of every item, <b>[items]</b>.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <inheritdoc/>
    public FoldedHistory Fold(History history) => new(history, Items);

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores)
    {
        ModelShape.Check(folded, Items);
        ModelShape.CheckScores(scores.Length, Items);
        _scores.CopyTo(scores);
    }

    /// <inheritdoc/>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => TopN.Select(_scores, selection, best);

    /// <summary>Writes zeros: the history carries nothing here.</summary>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
    {
        ModelShape.Check(folded, Items);
        ModelShape.CheckShares(items, shares.Length, folded, Items);
        shares.Clear();
    }

    /// <summary>False: popularity knows no similarity.</summary>
    public bool Similar(int item, Span<float> scores)
    {
        ModelShape.CheckItem(item, Items);
        ModelShape.CheckScores(scores.Length, Items);
        scores.Clear();
        return false;
    }

    /// <inheritdoc/>
    public void Write(ModelFileWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.AddText("options", RecommenderOptions.Write(_options).GetRawText());
        file.Add<float>("scores", _scores);
    }

    /// <summary>Reads a model that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static PopularityModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var scores = file.Read<float>("scores").ToArray();
        if (!Array.TrueForAll(scores, float.IsFinite))
        {
            throw new ArgumentException("A popularity score is not finite.", nameof(file));
        }

        return new PopularityModel(RecommenderOptions.ReadText<PopularityOptions>(file.ReadText("options")), scores);
    }
}
