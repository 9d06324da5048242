namespace Kindred.Training.Runs;

/// <summary>What the gate decided.</summary>
/// <param name="Published">The bundle goes live.</param>
/// <param name="Winner">The recommender that answers personal lists.</param>
/// <param name="Reason">Why, in a sentence for people.</param>
internal sealed record Verdict(bool Published, string Winner, string Reason);

/// <summary>Compares NDCG@10 of two recommenders on the same users; <c>first - second</c> with its 95 % interval.</summary>
internal delegate GainSummary CompareRecommenders(string first, string second);

/// <summary>
/// Decides what goes live. A recommender answers personal lists only if it beats popularity, and takes the place of another only if it beats
/// that one, on the same held-out data, by a paired bootstrap whose 95 % interval lies above zero.
/// </summary>
internal static class Gate
{
    public const string Popularity = "popularity";

    /// <summary>Decides.</summary>
    /// <param name="means">NDCG@10 of each recommender that may win, popularity and the live one included.</param>
    /// <param name="live">The live bundle's recommender; null before the first model.</param>
    /// <param name="mayWin">Recommenders the collection wants trained.</param>
    /// <param name="compare">The paired comparison.</param>
    public static Verdict Decide(IReadOnlyDictionary<string, double> means, string? live, IReadOnlyCollection<string> mayWin, CompareRecommenders compare)
    {
        var best = means.Keys.Where(mayWin.Contains).OrderByDescending(name => means[name]).ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault(Popularity);
        if (live is not null && live != best && live != Popularity && means.ContainsKey(live) && best != Popularity)
        {
            var overLive = compare(best, live);
            if (overLive.Low <= 0)
            {
                return mayWin.Contains(live) && compare(live, Popularity) is { Low: > 0 } over
                    ? new Verdict(true, live, $"{live} stays, trained anew: {best} is not better than it ({Say(overLive)}); {live} beats popularity by {Say(over)}.")
                    : new Verdict(false, best, $"{best} is not better than the live {live} ({Say(overLive)}).");
            }
        }

        var gain = best == Popularity ? null : compare(best, Popularity);
        if (gain is { Low: > 0 })
        {
            return new Verdict(true, best, $"{best} beats popularity by {Say(gain)}{(live is null || live == best || live == Popularity ? "" : $" and the live {live}")}.");
        }

        var shortfall = gain is null ? "no recommender scores above popularity" : $"{best} is not better than popularity ({Say(gain)})";
        return live is null or Popularity
            ? new Verdict(true, Popularity, $"Popularity answers: {shortfall}.")
            : new Verdict(false, best, $"The live {live} stays: {shortfall}.");
    }

    private static string Say(GainSummary gain) => FormattableString.Invariant($"{gain.Mean:+0.0000;-0.0000} NDCG@10, 95 % {gain.Low:+0.0000;-0.0000} to {gain.High:+0.0000;-0.0000}");
}
