using System.Diagnostics;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Blend;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Tuning;

/// <summary>How long and among what to search.</summary>
public sealed record TuningOptions
{
    /// <summary>No trial begins after three quarters of this; half-lives and blends use the rest. Above zero.</summary>
    public TimeSpan Time
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Time), value, "time is above zero.");
    }

    = TimeSpan.FromMinutes(5);

    /// <summary>Names of the recommenders to try; empty means every one of <see cref="SearchSpace"/>.</summary>
    public IReadOnlyList<string> Recommenders { get; init; } = [];

    /// <summary>Interactions of the first rung; each later one has three times as many, the last one all.</summary>
    public int FirstRung { get; init; } = 400_000;

    /// <summary>Most users whose lists are judged.</summary>
    public int MostUsers { get; init; } = 5_000;

    /// <summary>EASE is not tried above this number of items.</summary>
    public int EaseMostItems { get; init; } = 12_000;
}

/// <summary>One candidate tried on one rung.</summary>
/// <param name="Candidate">What was tried.</param>
/// <param name="Rung">From 1; the last rung trains on everything.</param>
/// <param name="Interactions">How many interactions it was trained on.</param>
/// <param name="Ndcg">Mean NDCG@10 on the held-out part.</param>
/// <param name="Seconds">Training and ranking.</param>
public sealed record Trial(Candidate Candidate, int Rung, long Interactions, double Ndcg, double Seconds);

/// <summary>What a search found.</summary>
/// <param name="Best">The winner: a recommender with options, or a blend.</param>
/// <param name="Ndcg">Its mean NDCG@10 on the held-out part; slightly favourable, as the best of many always is.</param>
/// <param name="BestSingle">The best single recommender with the options of the search space.</param>
/// <param name="BestSingleNdcg">Its mean NDCG@10.</param>
/// <param name="Trials">Every trial, in order.</param>
/// <param name="OutOfTime">True when time ended before the candidates did.</param>
public sealed record TuningResult(Candidate Best, double Ndcg, Candidate BestSingle, double BestSingleNdcg, IReadOnlyList<Trial> Trials, bool OutOfTime);

/// <summary>
/// Searches recommenders and their options by successive halving (Jamieson, Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
/// Optimization", 2016): all candidates on few users, the better third on three times as many, and so on. Then a half-life of the history for the best of
/// each recommender, and a blend of those by coordinate ascent. Everything is judged on the held-out part of the split it is given; what comes out must
/// be measured on data this search has not seen. The same split and seed give the same result as long as time suffices.
/// </summary>
public static class Tuner
{
    private const int ListLength = 10;

    // A family this much worse than the best adds nothing to a blend but time.
    private const double WorthBlending = 0.5;

    private static readonly float[] s_halfLives = [1.5f, 4, 10, 25, 60];

    /// <summary>Searches.</summary>
    /// <param name="split">What to learn from and what to judge by.</param>
    /// <param name="options">How long and among what.</param>
    /// <param name="context">Seed, threads, progress and cancellation.</param>
    /// <exception cref="ArgumentException">The split's test has no interactions.</exception>
    public static TuningResult Run(Split split, TuningOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (split.Test.Count == 0)
        {
            throw new ArgumentException("There is nothing to judge by: the split's test is empty.", nameof(split));
        }

        return new Search(split, options, context).Run();
    }

    private sealed record Finalist(Candidate Candidate, IModel Model, double Ndcg)
    {
        public float? HalfLife { get; init; }
    }

    private sealed class Search(Split split, TuningOptions options, TrainingContext context)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly List<Trial> _trials = [];
        private bool _outOfTime;

        public TuningResult Run()
        {
            IReadOnlyList<Candidate> candidates =
                [.. SearchSpace.Of(options.Recommenders).Where(candidate => candidate.Recommender != "ease" || split.Train.Items <= options.EaseMostItems)];
            List<Finalist> finalists = [];
            var sizes = Rungs();
            for (var rung = 0; rung < sizes.Length; rung++)
            {
                var last = rung == sizes.Length - 1;
                var part = last ? split : SplitUsers.Sample(split, (double)sizes[rung] / split.Train.Count, context.Seed);
                var judged = SplitUsers.Most(part, options.MostUsers, context.Seed);
                var tried = Try(candidates, part, judged, rung + 1, sizes.Length, last ? finalists : null);
                candidates = Better(tried);
            }

            var judges = SplitUsers.Most(split, options.MostUsers, context.Seed);
            finalists = [.. finalists.OrderByDescending(finalist => finalist.Ndcg)];
            var single = finalists[0];
            Report(0.8, "half-lives");
            var decayed = finalists.Where(finalist => finalist.Ndcg >= WorthBlending * single.Ndcg).Take(BlendOptions.MaxMembers).Select(finalist => Decay(finalist, judges)).ToArray();
            Report(0.9, "blending");
            var (weights, ndcg) = BlendWeights.Find(
                [.. decayed.Select(finalist => (finalist.Model, finalist.HalfLife))], judges, ListLength, context.Threads, context.Cancellation);
            var members = decayed.Select((finalist, m) => (Finalist: finalist, Weight: weights[m])).Where(member => member.Weight > 0).ToArray();
            var best = members is [{ Finalist.HalfLife: null } alone] ? alone.Finalist.Candidate : Blend(members);
            return new TuningResult(best, ndcg, single.Candidate, single.Ndcg, _trials, _outOfTime);
        }

        private long[] Rungs()
        {
            List<long> sizes = [];
            for (long size = Math.Max(1, options.FirstRung); size < split.Train.Count; size *= 3)
            {
                sizes.Add(size);
            }

            return [.. sizes, split.Train.Count];
        }

        private List<Trial> Try(IReadOnlyList<Candidate> candidates, Split part, Split judged, int rung, int rungs, List<Finalist>? finalists)
        {
            List<Trial> tried = [];
            foreach (var candidate in candidates)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                if (tried.Count > 0 && Stopwatch.GetElapsedTime(_started) > options.Time * 0.75)
                {
                    _outOfTime = true;
                    break;
                }

                Report(0.8 * (rung - 1 + ((double)tried.Count / candidates.Count)) / rungs, $"rung {rung} of {rungs}: {candidate.Recommender}");
                var began = Stopwatch.GetTimestamp();
                var recommender = Recommenders.Find(candidate.Recommender) ?? throw new ArgumentException($"There is no recommender \"{candidate.Recommender}\".", nameof(candidates));
                var model = recommender.Train(part.Train, recommender.ReadOptions(candidate.Options), context with { Progress = null });
                var ndcg = Judge(model, judged);
                tried.Add(new Trial(candidate, rung, part.Train.Count, ndcg, Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3)));
                if (finalists is not null)
                {
                    Keep(finalists, new Finalist(candidate, model, ndcg));
                }
            }

            _trials.AddRange(tried);
            return tried;
        }

        // The better third, and the best of each recommender, so that a blend has something to blend.
        private static IReadOnlyList<Candidate> Better(List<Trial> tried)
        {
            var ranked = tried.OrderByDescending(trial => trial.Ndcg).ToArray();
            var kept = ranked.Take((ranked.Length + 2) / 3).Concat(ranked.DistinctBy(trial => trial.Candidate.Recommender).Where(trial => trial.Ndcg >= WorthBlending * ranked[0].Ndcg)).Distinct();
            return [.. kept.OrderByDescending(trial => trial.Ndcg).Select(trial => trial.Candidate)];
        }

        // One model of each recommender is held; memory is theirs.
        private static void Keep(List<Finalist> finalists, Finalist one)
        {
            var place = finalists.FindIndex(known => known.Candidate.Recommender == one.Candidate.Recommender);
            if (place < 0)
            {
                finalists.Add(one);
            }
            else if (finalists[place].Ndcg < one.Ndcg)
            {
                finalists[place] = one;
            }
        }

        private Finalist Decay(Finalist finalist, Split judged)
        {
            if (judged.Train.Times is null || !(Recommenders.Find(finalist.Candidate.Recommender)?.Personal ?? false))
            {
                return finalist;
            }

            var best = finalist;
            foreach (var halfLife in s_halfLives)
            {
                var member = new BlendMember { Recommender = finalist.Candidate.Recommender, HalfLife = halfLife };
                var ndcg = Judge(new BlendModel(new BlendOptions { Members = [member] }, [finalist.Model]), judged);
                if (ndcg > best.Ndcg)
                {
                    best = finalist with { Ndcg = ndcg, HalfLife = halfLife };
                }
            }

            return best;
        }

        private double Judge(IModel model, Split judged) =>
            Metrics.Compute(Evaluator.Rank(model, judged.Train, ListLength, threads: context.Threads, cancellation: context.Cancellation), judged.Test, ListLength).Ndcg.Mean;

        private static Candidate Blend(IEnumerable<(Finalist Finalist, float Weight)> members) => new("blend", RecommenderOptions.Write(new BlendOptions
        {
            Members = [.. members.Select(member => new BlendMember
            {
                Recommender = member.Finalist.Candidate.Recommender, Options = member.Finalist.Candidate.Options, Weight = member.Weight, HalfLife = member.Finalist.HalfLife,
            })],
        }));

        private void Report(double fraction, string stage) => context.Progress?.Report(new TrainingProgress(fraction, stage));
    }
}
