using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Blend;
using Kindred.Algorithms.Ranking;

namespace Kindred.Algorithms.Tuning;

/// <summary>
/// Weights of a blend by coordinate ascent on mean NDCG: one member's weight at a time takes the best of a fixed ladder, the others held, until a round
/// changes nothing. Each user is judged on the items that any member puts among its best, so a step costs no scoring.
/// </summary>
internal static class BlendWeights
{
    // Deep enough that an item no member puts here would not reach the list by any weights worth having.
    private const int Depth = 60;
    private const int Rounds = 6;

    // A weight must pay for itself: smaller gains are noise.
    private const double Gain = 1e-4;

    private static readonly float[] s_ladder = [0, 0.05f, 0.1f, 0.15f, 0.2f, 0.3f, 0.4f, 0.5f, 0.7f, 1, 1.4f, 2];

    /// <summary>Finds weights; the first member begins with 1, the others with 0.</summary>
    /// <param name="members">Models with the half-life of the history each reads, the best first.</param>
    /// <param name="judged">Histories and what is held out.</param>
    /// <param name="k">Length of a list.</param>
    /// <param name="threads">Number of threads; the result does not depend on it.</param>
    /// <param name="cancellation">Ends with <see cref="OperationCanceledException"/>.</param>
    /// <returns>One weight a member, and the mean NDCG they reach.</returns>
    public static (float[] Weights, double Ndcg) Find(
        IReadOnlyList<(IModel Model, float? HalfLife)> members, Split judged, int k, int threads, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        var users = new Judged[judged.Train.Users];
        var occurring = Evaluator.Occurring(judged.Train);
        Parallel.For(0, users.Length, parallel, user => users[user] = Judged.Of(members, judged, occurring, user));

        var weights = new float[members.Count];
        weights[0] = 1;
        var gains = new double[users.Length];
        double Mean()
        {
            Parallel.For(0, users.Length, parallel, user => gains[user] = users[user].Ndcg(weights, k));
            return gains.Sum() / gains.Length;
        }

        var best = Mean();
        for (var round = 0; round < Rounds; round++)
        {
            var before = best;
            for (var m = 0; m < weights.Length; m++)
            {
                var held = weights[m];
                foreach (var step in s_ladder)
                {
                    weights[m] = step;
                    if (weights.Any(weight => weight > 0) && Mean() is var ndcg && ndcg > best + Gain)
                    {
                        (best, held) = (ndcg, step);
                    }
                }

                weights[m] = held;
            }

            if (best <= before)
            {
                break;
            }
        }

        return (weights, best);
    }

    /// <summary>One user: the items worth ranking, each member's scaled scores of them, and which are wanted.</summary>
    private sealed class Judged
    {
        private readonly float[] _scores;
        private readonly bool[] _wanted;
        private readonly int _possible;

        private Judged(float[] scores, bool[] wanted, int possible) => (_scores, _wanted, _possible) = (scores, wanted, possible);

        public static Judged Of(IReadOnlyList<(IModel Model, float? HalfLife)> members, Split judged, ulong[] occurring, int user)
        {
            var seen = judged.Train.ByUser.RowColumns(user);
            ulong[] allowed = [.. occurring];
            foreach (var item in seen)
            {
                allowed[item >> 6] &= ~(1UL << (item & 63));
            }

            var history = Evaluator.Newest(judged.Train, user);
            var all = new float[members.Count][];
            var best = new ScoredItem[Depth];
            SortedSet<int> items = [];
            for (var m = 0; m < all.Length; m++)
            {
                var model = members[m].Model;
                all[m] = new float[model.Items];
                model.Score(BlendModel.FoldMember(model, history, members[m].HalfLife), all[m]);
                var found = TopN.Select(all[m], new Selection(allowed), best);
                items.UnionWith(best[..found].Select(one => one.Item));
            }

            var wanted = judged.Test.ByUser.RowColumns(user).ToArray();
            var scores = new float[members.Count * items.Count];
            var hits = new bool[items.Count];
            var at = 0;
            foreach (var item in items)
            {
                hits[at] = Array.BinarySearch(wanted, item) >= 0;
                for (var m = 0; m < all.Length; m++)
                {
                    scores[(m * items.Count) + at] = all[m][item];
                }

                at++;
            }

            for (var m = 0; m < all.Length; m++)
            {
                var deviation = BlendModel.Deviation(all[m]);
                foreach (ref var score in scores.AsSpan(m * items.Count, items.Count))
                {
                    score = deviation > 0 ? score / deviation : 0;
                }
            }

            return new Judged(scores, hits, wanted.Length);
        }

        public double Ndcg(float[] weights, int k)
        {
            Span<float> sums = stackalloc float[_wanted.Length];
            sums.Clear();
            for (var m = 0; m < weights.Length; m++)
            {
                if (weights[m] > 0)
                {
                    System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(_scores.AsSpan(m * sums.Length, sums.Length), weights[m], sums, sums);
                }
            }

            // A wanted item's place is the number of items above it; of equal ones the lower number comes first.
            double gain = 0;
            for (var j = 0; j < sums.Length; j++)
            {
                if (!_wanted[j])
                {
                    continue;
                }

                var place = 1;
                for (var i = 0; i < sums.Length && place <= k; i++)
                {
                    place += sums[i] > sums[j] || (sums[i] == sums[j] && i < j) ? 1 : 0;
                }

                gain += place <= k ? 1 / Math.Log2(place + 1) : 0;
            }

            double ideal = 0;
            for (var place = 1; place <= Math.Min(k, _possible); place++)
            {
                ideal += 1 / Math.Log2(place + 1);
            }

            return gain / ideal;
        }
    }
}
