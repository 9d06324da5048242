using System.Text.Json;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models;

/// <summary>Everything training needs besides data and options.</summary>
public sealed record TrainingContext
{
    /// <summary>Seed of every random choice. Same data, options and seed give the same bits for any <see cref="Threads"/>.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Number of threads, 1 or more.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told how far training is, in [0, 1], with a word about the stage.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Ends training with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>How far training is.</summary>
/// <param name="Fraction">In [0, 1].</param>
/// <param name="Stage">A few words for people: <c>sweep 3 of 15</c>.</param>
public readonly record struct TrainingProgress(double Fraction, string Stage);

/// <summary>
/// One line of <see cref="Recommenders"/>: how a recommender is trained and read back.
/// </summary>
/// <param name="Name">Name in settings, files and on the command line.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="OptionsType">Immutable options record; its defaults are the recommender's.</param>
/// <param name="Train">Trains from interactions; the options object is an <paramref name="OptionsType"/> or null for defaults.</param>
/// <param name="Read">Reads a model of this recommender from an opened file.</param>
/// <param name="Personal">False when the history does not change the answer (popularity).</param>
/// <param name="ItemToItem">True when <see cref="IModel.Similar"/> answers.</param>
/// <param name="Features">True when training reads <see cref="Interactions.ItemFeatures"/>.</param>
public sealed record Recommender(
    string Name,
    string Summary,
    Type OptionsType,
    Func<Interactions, object?, TrainingContext, IModel> Train,
    Func<ModelFile, IModel> Read,
    bool Personal,
    bool ItemToItem,
    bool Features = false)
{
    /// <summary>Reads options from JSON in snake_case; unknown members and values out of range are refused.</summary>
    /// <exception cref="JsonException">Not of the options' form.</exception>
    public object ReadOptions(JsonElement json) => RecommenderOptions.Read(json, OptionsType);
}
