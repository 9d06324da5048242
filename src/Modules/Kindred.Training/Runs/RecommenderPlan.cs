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
    /// <summary>Name of the recommender behind lists of what is bought together.</summary>
    public const string CoVisitation = "covisit";

    private static readonly string[] s_order = ["popularity", "copurchase", "covisit", "itemknn", "als", "ease"];

    private static readonly System.Text.Json.JsonElement s_bayesian = System.Text.Json.JsonElement.Parse("""{"measure":"bayesian"}""");

    // A pair met once is chance as often as not, and would lead every list of something rare.
    private static readonly System.Text.Json.JsonElement s_wholeBaskets =
        System.Text.Json.JsonElement.Parse("""{"basket":"user","min_together":2,"locality":1,"one_vote":false}""");

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
    /// Plans for a collection: the run's wish, else the settings', else everything that suits. Co-purchase and co-visitation belong to collections whose
    /// events repeat (a shop); EASE to catalogues whose items x items matrix fits.
    /// </summary>
    public static RecommenderPlan Of(Collection collection, TrainingSet set, IReadOnlyList<string> wished, TrainingSettings settings, Candidate? tuned = null)
    {
        var plan = new RecommenderPlan { Tuned = tuned };
        var rated = set.Ratings is not null;
        string[] names = [.. Named(collection, wished) ?? s_order.Where(name => name is not ("copurchase" or "covisit") || !rated)];
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

    /// <summary>Says something of this run in its report.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>True when a run trains a recommender that reads the items' features, and so can place items nobody has met.</summary>
    public static bool ReadsFeatures(Collection collection, IReadOnlyList<string> wished, params IReadOnlyList<string?> others) =>
        (Named(collection, wished) ?? s_order).Concat(others).Any(name => name is not null && Algorithms.Models.Recommenders.Find(name) is { Features: true });

    /// <summary>Options of a recommender: the tuned ones, else its defaults (null).</summary>
    public object? OptionsOf(Recommender recommender) => Tuned is { } tuned && tuned.Recommender == recommender.Name ? recommender.ReadOptions(tuned.Options) : null;

    /// <summary>What a recommender is compared on: the same positives for all, repeats for co-purchase.</summary>
    public static Interactions ForComparison(Recommender recommender, TrainingSet set) => recommender.Name == "copurchase" ? set.Repeats : set.Positives;

    /// <summary>
    /// What a recommender of the bundle is trained on, and with which options. Strangers to a collection with ratings get the Bayesian mean of all
    /// ratings; as a baseline popularity counts positives, which is the harder one to beat. Co-visitation reads whole baskets for the lists of what is bought
    /// together, and what it was compared on where it answers personal lists.
    /// </summary>
    /// <param name="recommender">What is trained.</param>
    /// <param name="set">Pairs of users and items.</param>
    /// <param name="baskets">What was bought at one time, repeats included; null without any.</param>
    /// <param name="winner">Name of the recommender of personal lists.</param>
    public (Interactions Data, object? Options) ForBundle(Recommender recommender, TrainingSet set, Interactions? baskets, string winner) =>
        recommender.Name == Gate.Popularity && set.Ratings is { } ratings ? (ratings, recommender.ReadOptions(s_bayesian))
        : recommender.Name == CoVisitation && winner != CoVisitation && baskets is not null ? (baskets, recommender.ReadOptions(s_wholeBaskets))
        : (ForComparison(recommender, set), OptionsOf(recommender));

    private static IEnumerable<string>? Named(Collection collection, IReadOnlyList<string> wished) =>
        wished.Count > 0 ? wished : collection.Settings.Recommenders.Count > 0 ? collection.Settings.Recommenders : null;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
