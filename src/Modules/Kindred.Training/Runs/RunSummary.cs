using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Tuning;

namespace Kindred.Training.Runs;

/// <summary>What a run found and decided; kept whatever the verdict.</summary>
/// <param name="Split"><c>temporal</c>, <c>last_of_user</c> where one cut leaves too few users, <c>random</c> where all events have one time, <c>none</c> where there is too little data.</param>
/// <param name="Cutoff">Events from here on were held out; null without a temporal split.</param>
/// <param name="TestUsers">Users with held-out interactions.</param>
/// <param name="Candidates">Every recommender that was compared.</param>
/// <param name="Winner">What answers personal lists if the run is published.</param>
/// <param name="Published">The verdict of the gate.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Notes">What was left out, and why.</param>
/// <param name="Seconds">Seconds by stage.</param>
/// <param name="Tuned">The recommender that ran with options a search found; null where none did.</param>
public sealed record RunSummary(
    string Split,
    DateTimeOffset? Cutoff,
    int TestUsers,
    IReadOnlyList<CandidateRow> Candidates,
    string Winner,
    bool Published,
    string Reason,
    IReadOnlyList<string> Notes,
    IReadOnlyDictionary<string, double> Seconds,
    Candidate? Tuned = null);

/// <summary>One recommender in the comparison.</summary>
/// <param name="Recommender">Its name.</param>
/// <param name="Metrics">Means over the test users: <c>ndcg@10</c>, ...</param>
/// <param name="TrainSeconds">Time it took to train on the training part.</param>
/// <param name="OverPopularity">Gain in NDCG@10 over popularity with its 95 % interval; null for popularity itself.</param>
/// <param name="Segments">What its lists are like for all users with a history and for cold, medium and heavy ones; null in reports of earlier versions.</param>
public sealed record CandidateRow(
    string Recommender, IReadOnlyDictionary<string, double> Metrics, double TrainSeconds, GainSummary? OverPopularity, IReadOnlyList<SegmentQuality>? Segments = null);

/// <summary>A mean difference and its interval of 95 % by paired bootstrap over users.</summary>
public sealed record GainSummary(double Mean, double Low, double High);
