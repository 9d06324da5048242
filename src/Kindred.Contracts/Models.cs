namespace Kindred.Contracts;

/// <summary>What is live for a collection.</summary>
/// <param name="Collection">Number of the collection.</param>
/// <param name="Version">Grows with every move of the head, also with a rollback.</param>
/// <param name="Run">The run that trained the bundle.</param>
/// <param name="Bundle">Path of the bundle's manifest, relative to the models folder.</param>
/// <param name="PublishedAt">When the head moved here.</param>
public sealed record ModelHead(int Collection, long Version, string Run, string Bundle, DateTimeOffset PublishedAt);

/// <summary>Reading and trying the model head from serving; Training implements it.</summary>
public interface IModelHeads
{
    /// <summary>The head of a collection, or null before its first model.</summary>
    ValueTask<ModelHead?> ReadAsync(int collection, CancellationToken cancellation);
}

/// <summary>
/// The manifest beside a run's model files, JSON in snake_case: <c>bundle.json</c>. Model items are the collection's item numbers [0, Items);
/// items added later are not in the models yet.
/// </summary>
/// <param name="Format">Format version of this manifest, 1.</param>
/// <param name="Run">The run.</param>
/// <param name="Items">Number of items the models score.</param>
/// <param name="Users">Number of users trained on.</param>
/// <param name="Events">Positive interactions trained on.</param>
/// <param name="LastSequence">Last event of the log that training saw.</param>
/// <param name="TrainedAt">When.</param>
/// <param name="Personal">File that answers personal lists.</param>
/// <param name="Models">Every model of the bundle.</param>
public sealed record BundleManifest(
    int Format,
    string Run,
    int Items,
    int Users,
    long Events,
    long LastSequence,
    DateTimeOffset TrainedAt,
    string Personal,
    IReadOnlyList<BundleModel> Models);

/// <summary>One model file of a bundle.</summary>
/// <param name="Recommender">Which recommender: <c>popularity</c>, <c>copurchase</c>, <c>covisit</c>, <c>itemknn</c>, <c>als</c>, <c>ease</c>.</param>
/// <param name="File">File name within the bundle's folder.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its checksum, lower-case hex.</param>
/// <param name="Metrics">Metrics on the temporal split by name (<c>ndcg@10</c>, ...); empty where not evaluated.</param>
public sealed record BundleModel(string Recommender, string File, long Bytes, string Sha256, IReadOnlyDictionary<string, double> Metrics);
