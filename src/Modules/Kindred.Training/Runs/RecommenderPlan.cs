using System.Globalization;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tuning;
using Kindred.Platform.Collections;
using Kindred.Training.Data;

namespace Kindred.Training.Runs;

/// <summary>Which recommenders a run trains, on what form of the data, and what is left out and why.</summary>
internal sealed class RecommenderPlan
{
    private static readonly string[] s_order = ["popularity", "copurchase", "itemknn", "als", "ease"];

    private static readonly System.Text.Json.JsonElement s_bayesian = System.Text.Json.JsonElement.Parse("""{"measure":"bayesian"}""");

    private readonly List<string> _notes = [];

    private RecommenderPlan()
    {
    }

    /// <summary>Names in the order they are trained; popularity is always the first.</summary>
    public IReadOnlyList<Recommender> Recommenders { get; private set; } = [];

    /// <summary>The recommender that runs with options a search found; null where none was tuned.</summary>
    public Candidate? Tuned { get; private set; }

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>
    /// Plans for a collection: the run's wish, else the settings', else everything that suits. Co-purchase belongs to collections whose events
    /// repeat (a shop); EASE to catalogues whose items x items matrix fits.
    /// </summary>
    public static RecommenderPlan Of(Collection collection, TrainingSet set, IReadOnlyList<string> wished, TrainingSettings settings, Candidate? tuned = null)
    {
        var plan = new RecommenderPlan { Tuned = tuned };
        var rated = set.Ratings is not null;
        string[] names = [.. Named(collection, wished) ?? s_order.Where(name => name != "copurchase" || !rated)];
        if (tuned is not null && wished.Count == 0)
        {
            names = [.. names.Append(tuned.Recommender)];
        }

        if (set.Positives.Count < settings.MinimumPositives)
        {
            plan._notes.Add(Say($"Popularity only: {set.Positives.Count} positive interactions are too few to compare recommenders (minimum_positives is {settings.MinimumPositives})."));
            names = [];
        }

        if (names.Contains("ease") && set.Positives.Items > settings.EaseMaximumItems)
        {
            plan._notes.Add(Say($"ease is left out: its {set.Positives.Items} x {set.Positives.Items} matrix is above ease_maximum_items ({settings.EaseMaximumItems})."));
            names = [.. names.Where(name => name != "ease")];
        }

        plan.Recommenders = [.. names.Prepend(Gate.Popularity).Distinct(StringComparer.Ordinal).Select(name => Algorithms.Models.Recommenders.Find(name))
            .OfType<Recommender>()];
        return plan;
    }

    /// <summary>True when a run trains a recommender that reads the items' features, and so can place items nobody has met.</summary>
    public static bool ReadsFeatures(Collection collection, IReadOnlyList<string> wished, string? live) =>
        (Named(collection, wished) ?? s_order).Append(live).Any(name => name is not null && Algorithms.Models.Recommenders.Find(name) is { Features: true });

    /// <summary>Options of a recommender: the tuned ones, else its defaults (null).</summary>
    public object? OptionsOf(Recommender recommender) => Tuned is { } tuned && tuned.Recommender == recommender.Name ? recommender.ReadOptions(tuned.Options) : null;

    /// <summary>What a recommender is compared on: the same positives for all, repeats for co-purchase.</summary>
    public static Interactions ForComparison(Recommender recommender, TrainingSet set) => recommender.Name == "copurchase" ? set.Repeats : set.Positives;

    /// <summary>
    /// What a recommender of the bundle is trained on, and with which options. Strangers to a collection with ratings get the Bayesian mean of all
    /// ratings; as a baseline popularity counts positives, which is the harder one to beat.
    /// </summary>
    public (Interactions Data, object? Options) ForBundle(Recommender recommender, TrainingSet set) =>
        recommender.Name == Gate.Popularity && set.Ratings is { } ratings
            ? (ratings, recommender.ReadOptions(s_bayesian))
            : (ForComparison(recommender, set), OptionsOf(recommender));

    private static IEnumerable<string>? Named(Collection collection, IReadOnlyList<string> wished) =>
        wished.Count > 0 ? wished : collection.Settings.Recommenders.Count > 0 ? collection.Settings.Recommenders : null;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
