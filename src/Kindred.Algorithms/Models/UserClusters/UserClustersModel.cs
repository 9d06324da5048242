using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Models.UserClusters;

/// <summary>
/// Clusters of users: a history is standardised like a training user's row, and every item's score is the standardised coordinate of the nearest
/// centre: by how many deviations the cluster takes it more than all users do, so it may be negative. An empty history has no cluster; all its
/// scores are 0. Equal scores are settled by popularity, then tie order. Immutable, safe for any number of threads.
/// <para><b>Cost</b> of folding: entries x clusters; of a score: the items. <b>Source</b>: <c>docs/algorithms/user-clusters.md</c>.</para>
/// </summary>
public sealed class UserClustersModel : IModel
{
    private readonly UserClustersOptions _options;
    private readonly ItemColumns _columns;
    private readonly KMeansModel _clusters;
    private readonly PopularityTies _ties;
    private readonly float[] _scores;
    private readonly float[] _none;

    internal UserClustersModel(UserClustersOptions options, ItemColumns columns, KMeansModel clusters, PopularityTies ties)
    {
        _options = options;
        _columns = columns;
        _clusters = clusters;
        _ties = ties;
        _none = new float[Items];
        _scores = new float[checked(clusters.Clusters * Items)];
        for (var cluster = 0; cluster < clusters.Clusters; cluster++)
        {
            for (var item = 0; item < Items; item++)
            {
                // Adding 0 turns -0 into 0: equal scores must have equal bits.
                _scores[(cluster * Items) + item] = (float)(clusters.Centre(cluster, item) - (columns.Means[item] / columns.Deviations[item])) + 0f;
            }
        }
    }

    /// <inheritdoc/>
    public string Recommender => "userclusters";

    /// <inheritdoc/>
    public int Items => _clusters.Columns;

    /// <summary>Number of clusters; fewer than asked for where fewer users differ.</summary>
    public int Clusters => _clusters.Clusters;

    /// <summary>The standardised centre of a cluster, <b>[items]</b>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such cluster.</exception>
    public ReadOnlySpan<float> Centre(int cluster)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cluster, (uint)Clusters, nameof(cluster));
        return _scores.AsSpan(cluster * Items, Items);
    }

    /// <summary>True for an item that somebody of the training set took.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public bool IsTaken(int item)
    {
        ModelShape.CheckItem(item, Items);
        return _ties.Popularity[item] > 0;
    }

    /// <inheritdoc/>
    public FoldedHistory Fold(History history)
    {
        var folded = new Member(this, history);
        if (folded.Count > 0)
        {
            for (var entry = 0; entry < folded.Count; entry++)
            {
                folded.Scaled[entry] = (float)(folded.Weights[entry] / _columns.Deviations[folded.Items[entry]]);
            }

            folded.Cluster = _clusters.Nearest(folded.Items, folded.Scaled);
        }

        return folded;
    }

    /// <summary>The cluster of a folded history; null for an empty one.</summary>
    /// <exception cref="ArgumentException">The history was folded by another model.</exception>
    public int? ClusterOf(FoldedHistory folded) => Mine(folded).Cluster;

    /// <inheritdoc/>
    public void Score(FoldedHistory folded, Span<float> scores)
    {
        ModelShape.CheckScores(scores.Length, Items);
        Scores(Mine(folded)).CopyTo(scores);
    }

    /// <summary>As the interface says, but equal scores are settled by popularity before the tie order.</summary>
    public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => _ties.Select(Scores(Mine(folded)), selection, best);

    /// <summary>
    /// The score is the cluster's, so it is divided among the entries as they draw the history to that cluster: in proportion to the size of their
    /// terms in the scalar product with the centre, evenly where all are 0. The shares of an item sum to its score.
    /// </summary>
    /// <inheritdoc/>
    public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares)
    {
        var mine = Mine(folded);
        ModelShape.CheckShares(items, shares.Length, folded, Items);
        if (mine.Cluster is not { } cluster)
        {
            return;
        }

        var parts = new double[folded.Count];
        var sum = 0.0;
        for (var entry = 0; entry < parts.Length; entry++)
        {
            parts[entry] = Math.Abs((double)mine.Scaled[entry] * _clusters.Centre(cluster, folded.Items[entry]));
            sum += parts[entry];
        }

        for (var row = 0; row < items.Length; row++)
        {
            double score = Scores(mine)[items[row]];
            for (var entry = 0; entry < parts.Length; entry++)
            {
                shares[(row * parts.Length) + entry] = (float)(score * (sum > 0 ? parts[entry] / sum : 1.0 / parts.Length));
            }
        }
    }

    /// <summary>False: this groups users, not items.</summary>
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
        file.Add<double>("popularity", _ties.Popularity);
        file.Add<double>("means", _columns.Means);
        file.Add<double>("deviations", _columns.Deviations);
        _clusters.Write(file, "clusters");
    }

    /// <summary>Reads a model that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">The file's sections do not make one.</exception>
    public static UserClustersModel Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var options = RecommenderOptions.ReadText<UserClustersOptions>(file.ReadText("options"));
        var clusters = KMeansModel.Read(file, "clusters");
        var popularity = file.Read<double>("popularity", clusters.Columns).ToArray();
        var columns = new ItemColumns(file.Read<double>("means", clusters.Columns).ToArray(), file.Read<double>("deviations", clusters.Columns).ToArray());
        return Array.TrueForAll(popularity, double.IsFinite) && Array.TrueForAll(columns.Means, double.IsFinite)
            && Array.TrueForAll(columns.Deviations, deviation => double.IsFinite(deviation) && deviation > 0)
            ? new UserClustersModel(options, columns, clusters, new PopularityTies(popularity))
            : throw file.Refused("a popularity, mean or deviation is not finite, or a deviation not above 0");
    }

    private ReadOnlySpan<float> Scores(Member member) => member.Cluster is { } cluster ? Centre(cluster) : _none;

    private Member Mine(FoldedHistory folded) => folded is Member mine && ReferenceEquals(mine.Model, this)
        ? mine
        : throw new ArgumentException("The history was folded by another model.", nameof(folded));

    private sealed class Member(UserClustersModel model, History history) : FoldedHistory(history, model.Items)
    {
        private float[]? _scaled;

        public UserClustersModel Model { get; } = model;

        public int? Cluster { get; set; }

        public Span<float> Scaled => _scaled ??= new float[Count];
    }
}
