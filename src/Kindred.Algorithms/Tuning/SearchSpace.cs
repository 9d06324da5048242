using System.Text.Json;
using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Tuning;

/// <summary>One setting to try.</summary>
/// <param name="Recommender">The recommender's name.</param>
/// <param name="Options">Its options; members left out keep their defaults.</param>
public sealed record Candidate(string Recommender, JsonElement Options);

/// <summary>
/// What tuning tries: for each recommender a short list of settings that differ where quality does, the most promising first. Lists, not ranges: the
/// surfaces are flat around these values, and a list is the same on every machine.
/// </summary>
public static class SearchSpace
{
    private static readonly (string Recommender, string[] Options)[] s_all =
    [
        ("ease", [
            """{"regularization":200}""", """{"regularization":400,"dropout":0.2}""", """{"regularization":80}""", """{"regularization":800}""",
            """{"regularization":100,"dropout":0.3}""", """{"regularization":30}""",
        ]),
        ("itemknn", [
            "{}", """{"weighting":"tf_idf","neighbours":20,"locality":1}""", """{"neighbours":400,"locality":2}""", """{"weighting":"tf_idf","neighbours":50,"locality":2}""",
            """{"b":0.5,"neighbours":50,"locality":4}""", """{"weighting":"cosine","neighbours":100,"locality":4}""", """{"weighting":"tf_idf","neighbours":10,"locality":1}""",
            """{"weighting":"cosine","neighbours":20,"locality":2}""", """{"b":0.5,"neighbours":20,"locality":1}""", """{"weighting":"tf_idf","neighbours":200,"locality":4}""",
        ]),
        ("als", [
            "{}", """{"factors":128}""", """{"alpha":3,"regularization":0.5}""", """{"alpha":15,"regularization":2}""", """{"factors":128,"alpha":4,"regularization":0.5}""",
            """{"factors":32,"alpha":8}""", """{"alpha":20,"regularization":0.7}""", """{"factors":192,"alpha":5,"regularization":1}""",
        ]),
        ("userknn", [
            "{}", """{"neighbours":100,"locality":2}""", """{"neighbours":400,"locality":3}""", """{"similarity":"bm25","neighbours":200,"locality":2}""",
            """{"similarity":"tf_idf","neighbours":100,"locality":1}""",
        ]),
        ("covisit", ["{}", """{"score":"jaccard"}""", """{"basket":"user"}"""]),
        ("warp", ["{}", """{"epochs":60}""", """{"learning_rate":0.1}"""]),
        ("bpr", ["{}"]),
        ("popularity", ["{}", """{"measure":"decayed","half_life_days":30}"""]),
    ];

    /// <summary>
    /// All candidates of some recommenders: first the first of each, then the second of each, and so on, so that stopping early leaves no recommender out.
    /// A recommender without a list of its own is tried with its defaults.
    /// </summary>
    /// <param name="recommenders">Names; empty means every one of the space.</param>
    public static IReadOnlyList<Candidate> Of(IReadOnlyCollection<string> recommenders)
    {
        ArgumentNullException.ThrowIfNull(recommenders);
        var wanted = recommenders.Count == 0
            ? s_all
            : [.. recommenders.Distinct(StringComparer.Ordinal).Select(name => Array.Find(s_all, known => known.Recommender == name) is { Recommender: not null } known ? known : (name, ["{}"]))];
        List<Candidate> candidates = [];
        for (var round = 0; wanted.Any(one => one.Options.Length > round); round++)
        {
            foreach (var (recommender, options) in wanted)
            {
                if (options.Length > round)
                {
                    candidates.Add(new Candidate(recommender, JsonElement.Parse(options[round])));
                }
            }
        }

        return candidates;
    }
}
