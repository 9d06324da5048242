using System.Buffers;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.UserKnn;

/// <summary>
/// Nearest users: <c>score(j) = sum over neighbours v of a_v * r(v, j)</c>, with a_v the similarity of v to the history, to the power of
/// <see cref="UserKnnOptions.Locality"/> and scaled so that all neighbours sum to 1, and r(v, j) the damped weight of j in v's row. Equal scores,
/// also of items that no neighbour took, are settled by popularity, then tie order. Immutable, safe for any number of threads.
/// <para><b>Cost</b> of folding: the number of users, plus the users of each item of the history; of a score: the items, plus the lengths of the
/// neighbours' rows. <b>Source</b>: Herlocker et al. 1999, for positive events; <c>docs/algorithms/userknn.md</c>.</para>
/// </summary>
public sealed class UserKnnModel : IModel
{
    private readonly UserKnnOptions _options;
    private readonly PopularityTies _ties;
    private readonly UserVectors _vectors;
    private readonly CsrMatrix _byUser;
    private readonly CsrMatrix _byItem;
    private readonly float[] _damping;

    /// <param name="options">Settings.</param>
    /// <param name="byUser">The interactions as they came, <b>[users x items]</b>: the only thing that is kept on file.</param>
    /// <param name="ties">Popularity.</param>
    internal UserKnnModel(UserKnnOptions options, CsrMatrix byUser, PopularityTies ties)
    {
        _options = options;
        _ties = ties;
        _byUser = byUser;
        _vectors = new UserVectors(byUser, options);
        _damping = new float[byUser.Rows];
        var compared = new float[byUser.NonZeros];
        for (var user = 0; user < byUser.Rows; user++)
        {
            _vectors.Write(byUser.RowColumns(user), byUser.RowValues(user), compared.AsSpan((int)byUser.RowStarts[user], byUser.RowLength(user)));
            var length = 0.0;
            foreach (var weight in byUser.RowValues(user))
            {
                length += weight;
            }

            _damping[user] = length > 0 ? (float)Math.Pow(length, -options.RowDamping) : 0;
        }

        _byItem = new CsrMatrix(byUser.Columns, byUser.RowStarts.ToArray(), byUser.AllColumns.ToArray(), compared).Transpose();
    }

    /// <inheritdoc/>
    public string Recommender => "userknn";

    /// <inheritdoc/>
    public int Items => _byUser.Columns;

    /// <summary>Number of users whose rows are kept.</summary>
    public int Users => _byUser.Rows;

    /// <inheritdoc/>
    public FoldedHistory Fold(History history)
    {
        var folded = new Neighbourhood(this, history);
        var rented = ArrayPool<float>.Shared.Rent(Users);
        var similarities = rented.AsSpan(0, Users);
        Compare(folded, similarities);
        var best = ArrayPool<ScoredItem>.Shared.Rent(_options.Neighbours);
        var count = TopN.Select(similarities, Selection.All, best.AsSpan(0, Math.Min(_options.Neighbours, Users)));
        while (count > 0 && best[count - 1].Score <= 0)
        {
            count--;
        }

        folded.Keep(best.AsSpan(0, count), _options.Locality);
        ArrayPool<ScoredItem>.Shared.Return(best);
        ArrayPool<float>.Shared.Return(rented);
        return folded;
    }

    /// <summary>The neighbours of a folded history, nearest first, each with its part a_v of the vote; the parts sum to 1.</summary>
    /// <exception cref="ArgumentException">The history was folded by another model.</exception>
    public IReadOnlyList<(int User, float Part)> Neighbours(FoldedHistory folded)
    {
        var mine = Mine(folded);
        return [.. mine.Users.Zip(mine.Parts)];
    }

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores)
    {
        var mine = Mine(folded);
        ModelShape.CheckScores(scores.Length, Items);
        Sum(mine, scores);
    }

    /// <summary>As the interface says, but equal scores are settled by popularity before the tie order.</summary>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best)
    {
        var mine = Mine(folded);
        var rented = ArrayPool<float>.Shared.Rent(Items);
        var scores = rented.AsSpan(0, Items);
        Sum(mine, scores);
        var count = _ties.Select(scores, selection, best);
        ArrayPool<float>.Shared.Return(rented);
        return count;
    }

    /// <summary>
    /// A neighbour's part of a score is divided among the history's entries as they make up its similarity: by their terms of the scalar product,
    /// for Jaccard evenly among the common items. The shares of an item sum to its score.
    /// </summary>
    /// <inheritdoc/>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
    {
        var mine = Mine(folded);
        ModelShape.CheckShares(items, shares.Length, folded, Items);
        shares.Clear();
        if (mine.Users.Length == 0)
        {
            return;
        }

        var rented = ArrayPool<float>.Shared.Rent(2 * folded.Count);
        var vector = rented.AsSpan(0, folded.Count);
        var terms = rented.AsSpan(folded.Count, folded.Count);
        _vectors.Write(folded.Items, folded.Weights, vector);
        for (var k = 0; k < mine.Users.Length; k++)
        {
            var user = mine.Users[k];
            var product = 0f;
            for (var entry = 0; entry < terms.Length; entry++)
            {
                terms[entry] = vector[entry] * _byItem.ValueAt(folded.Items[entry], user);
                product += terms[entry];
            }

            for (var row = 0; row < items.Length; row++)
            {
                var part = mine.Parts[k] * _damping[user] * _byUser.ValueAt(user, items[row]) / product;
                for (var entry = 0; entry < terms.Length; entry++)
                {
                    shares[(row * folded.Count) + entry] += part * terms[entry];
                }
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>False: this compares users, not items.</summary>
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
        ItemRowsFile.Write(file, _byUser, _ties);
    }

    /// <summary>Reads a model that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static UserKnnModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var options = RecommenderOptions.ReadText<UserKnnOptions>(file.ReadText("options"));
        var (byUser, ties) = ItemRowsFile.ReadRows(file);
        foreach (var weight in byUser.AllValues)
        {
            if (weight <= 0)
            {
                throw file.Refused($"a user's row holds the weight {weight}");
            }
        }

        return new UserKnnModel(options, byUser, ties);
    }

    /// <summary>Writes the similarity of every user, 0 where nothing is in common.</summary>
    private void Compare(FoldedHistory folded, Span<float> similarities)
    {
        similarities.Clear();
        var rented = ArrayPool<float>.Shared.Rent(folded.Count);
        var vector = rented.AsSpan(0, folded.Count);
        _vectors.Write(folded.Items, folded.Weights, vector);
        for (var entry = 0; entry < vector.Length; entry++)
        {
            var users = _byItem.RowColumns(folded.Items[entry]);
            var values = _byItem.RowValues(folded.Items[entry]);
            for (var k = 0; k < users.Length; k++)
            {
                similarities[users[k]] += vector[entry] * values[k];
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        if (_options.Similarity == UserSimilarity.Jaccard)
        {
            for (var user = 0; user < similarities.Length; user++)
            {
                // The sums so far are the numbers of common items.
                similarities[user] /= Math.Max(1, folded.Count + _byUser.RowLength(user) - similarities[user]);
            }
        }
    }

    private void Sum(Neighbourhood folded, Span<float> scores)
    {
        scores.Clear();
        for (var k = 0; k < folded.Users.Length; k++)
        {
            var user = folded.Users[k];
            var part = folded.Parts[k] * _damping[user];
            var items = _byUser.RowColumns(user);
            var weights = _byUser.RowValues(user);
            for (var at = 0; at < items.Length; at++)
            {
                scores[items[at]] += part * weights[at];
            }
        }
    }

    private Neighbourhood Mine(FoldedHistory folded) => folded is Neighbourhood mine && ReferenceEquals(mine.Model, this)
        ? mine
        : throw new ArgumentException("The history was folded by another model.", nameof(folded));

    private sealed class Neighbourhood(UserKnnModel model, History history) : FoldedHistory(history, model.Items)
    {
        public UserKnnModel Model { get; } = model;

        public int[] Users { get; private set; } = [];

        public float[] Parts { get; private set; } = [];

        /// <summary>Similarities are divided by the largest before the power is taken, so that it neither overflows nor vanishes.</summary>
        public void Keep(ReadOnlySpan<ScoredItem> nearest, double locality)
        {
            Users = new int[nearest.Length];
            Parts = new float[nearest.Length];
            var powers = new double[nearest.Length];
            var sum = 0.0;
            for (var k = 0; k < nearest.Length; k++)
            {
                Users[k] = nearest[k].Item;
                powers[k] = Math.Pow(nearest[k].Score / (double)nearest[0].Score, locality);
                sum += powers[k];
            }

            for (var k = 0; k < powers.Length; k++)
            {
                Parts[k] = (float)(powers[k] / sum);
            }
        }
    }
}
