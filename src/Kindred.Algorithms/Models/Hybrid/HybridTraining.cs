using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>Which loss a hybrid model is trained with.</summary>
internal enum HybridLoss
{
    Warp,
    Bpr,
    Logistic,
}

/// <summary>
/// The parameters while they are trained. A row of a user is its vector with a 1 behind, a row of an item its vector with its bias behind, zeros
/// up to the stride; so a scalar product is the score. An item's row is held composed, identity plus the mean of its features, and the
/// features move once a round, by the gradients their items gathered in it.
/// </summary>
internal sealed unsafe class HybridTraining<TStep>
    where TStep : struct, IHybridStep
{
    private const int RowsPerTask = 256;

    private readonly HybridLoss _loss;
    private readonly HybridOptions _options;
    private readonly TStep _step;
    private readonly float _pull;
    private readonly TrainingContext _context;
    private readonly ParallelOptions _parallel;
    private readonly HybridPlan _plan;
    private readonly HybridFeatures? _features;
    private readonly int[] _userOf;
    private readonly float[] _slopes;
    private readonly SimdPath _path = Simd.Path;

    public HybridTraining(Interactions interactions, HybridLoss loss, HybridOptions options, TStep step, TrainingContext context)
    {
        _loss = loss;
        _options = options;
        _step = step;
        _pull = options.Regularization ?? (loss == HybridLoss.Warp ? 0.02f : 0);
        _context = context;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        var stride = HybridModel.StrideOf(options.Factors);
        Users = new HybridRows(interactions.Users, stride, 1 + TStep.Memory);
        Items = new HybridRows(interactions.Items, stride, 1 + TStep.Memory);
        _userOf = new int[interactions.Items];
        _userOf.AsSpan().Fill(-1);
        _plan = new HybridPlan(interactions, context.Seed);
        _slopes = [.. Enumerable.Range(0, options.MaxSampled + 1).Select(sampled => HybridLosses.WarpSlope(_plan.Candidates, Math.Max(1, sampled)))];
        Begin(Users, kind: 0, user => interactions.ByUser.RowLength(user) > 0);
        for (var user = 0; user < Users.Rows; user++)
        {
            Users.At(user)[options.Factors] = 1;
        }

        Begin(Items, kind: 1, _plan.Occurs);
        if (interactions.ItemFeatures is { NonZeros: > 0 } features)
        {
            _features = new HybridFeatures(features, stride, 1 + TStep.Memory);
            Begin(_features.Rows, kind: 2, _ => true);
            _features.Compose(Items, _parallel);
        }
    }

    /// <summary><b>[users x planes x stride]</b>.</summary>
    public HybridRows Users { get; }

    /// <summary><b>[items x planes x stride]</b>, the first plane composed.</summary>
    public HybridRows Items { get; }

    /// <summary>Trains to the end.</summary>
    public void Run()
    {
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            _context.Progress?.Report(new TrainingProgress((double)epoch / _options.Epochs, $"epoch {epoch + 1} of {_options.Epochs}"));
            _plan.Cut(epoch);
            var now = epoch;
            Parallel.For(0, _plan.Parts, _parallel, part => _plan.Sort(part, now));
            for (var round = 0; round < _plan.Parts; round++)
            {
                var shift = round;
                Parallel.For(0, _plan.Parts, _parallel, part => Train(part, (part + shift) % _plan.Parts, now));
                _features?.Move(_step, Items, _parallel);
            }
        }

        Settle();
    }

    /// <summary>An item that nobody met and of which nothing is known comes after all that were met, rather than among them.</summary>
    private void Settle()
    {
        var least = 0f;
        for (var item = 0; item < Items.Rows; item++)
        {
            least = _plan.Occurs(item) ? Math.Min(least, Items.At(item)[_options.Factors]) : least;
        }

        for (var item = 0; item < Items.Rows; item++)
        {
            if (!_plan.Occurs(item) && _features?.Has(item) != true)
            {
                Items.At(item)[_options.Factors] = least;
            }
        }
    }

    /// <summary>Small random vectors, each number a function of seed and position alone; the biases start at 0, and so does what nobody met.</summary>
    private void Begin(HybridRows rows, int kind, Func<int, bool> met)
    {
        var reach = 0.5f / _options.Factors;
        Parallel.For(0, (rows.Rows + RowsPerTask - 1) / RowsPerTask, _parallel, task =>
        {
            for (var row = task * RowsPerTask; row < Math.Min(rows.Rows, (task + 1) * RowsPerTask); row++)
            {
                for (var plane = 1; plane < rows.Planes; plane++)
                {
                    rows.Plane(row, plane).Fill(TStep.Start);
                }

                if (met(row))
                {
                    Fill(rows.Plane(row)[.._options.Factors], new SeededRandom(_context.Seed ^ (kind << 30), ~row));
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(Span<float> vector, SeededRandom random)
    {
        var reach = 0.5f / vector.Length;
        foreach (ref var number in vector)
        {
            number = (((random.Next() >> 40) * (2f / (1 << 24))) - 1) * reach;
        }
    }

    private void Train(int users, int items, int epoch)
    {
        var random = new SeededRandom(_context.Seed, HybridPlan.StreamOf(epoch, users) ^ ((items + 1) << 24));
        if (_loss == HybridLoss.Warp)
        {
            TrainRanks(_plan.Samples(users, items), _plan.ItemsOf(items), random);
        }
        else
        {
            TrainPairs(_plan.Samples(users, items), _plan.ItemsOf(items), random);
        }
    }

    /// <summary>
    /// WARP. Draws come in fours, for four scores take little longer than one. Optimised from its first call, for the runtime would do so only when
    /// training is nearly over.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TrainRanks(ReadOnlySpan<HybridSample> samples, ReadOnlySpan<int> candidates, SeededRandom random)
    {
        var limit = _options.MaxSampled;
        var path = _path;
        var stride = Items.Stride;
        for (int from = 0, to; from < samples.Length; from = to)
        {
            to = Mark(samples, from);
            var user = samples[from].User;
            var row = Users.At(user);
            for (var at = from; at < to; at++)
            {
                var positive = Items.At(samples[at].Item);
                var margin = Vector128.Create(HybridSteps.Dot(row, positive, stride, path) - 1);
                for (var sampled = 1; sampled <= limit; sampled += 4)
                {
                    var drawn = Draw(candidates, ref random);
                    var scores = HybridSteps.Dots(row, Items.At(drawn[0]), Items.At(drawn[1]), Items.At(drawn[2]), Items.At(drawn[3]), stride, path);
                    var lane = FirstViolation(Vector128.GreaterThan(scores, margin).ExtractMostSignificantBits(), drawn, user);
                    if (lane >= 0)
                    {
                        if (sampled + lane <= limit)
                        {
                            var slope = samples[at].Weight * _slopes[sampled + lane];
                            Move(samples[at], drawn.GetElement(lane), -slope, slope);
                        }

                        break;
                    }
                }
            }
        }
    }

    /// <summary>BPR and logistic: one negative to each positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TrainPairs(ReadOnlySpan<HybridSample> samples, ReadOnlySpan<int> candidates, SeededRandom random)
    {
        for (int from = 0, to; from < samples.Length; from = to)
        {
            to = Mark(samples, from);
            for (var at = from; at < to; at++)
            {
                // Of BPR's negatives an item has as many as it has interactions.
                var negative = _loss == HybridLoss.Bpr
                    ? samples[HybridPlan.Below(ref random, samples.Length)].Item
                    : candidates[HybridPlan.Below(ref random, candidates.Length)];
                var sample = samples[at];
                if (_userOf[negative] == sample.User)
                {
                    continue;
                }

                var user = Users.At(sample.User);
                var liked = HybridSteps.Dot(user, Items.At(sample.Item), Items.Stride, _path);
                var other = HybridSteps.Dot(user, Items.At(negative), Items.Stride, _path);
                if (_loss == HybridLoss.Bpr)
                {
                    var slope = sample.Weight * HybridLosses.BprSlope(liked - other);
                    Move(sample, negative, -slope, slope);
                }
                else
                {
                    Move(sample, negative, sample.Weight * HybridLosses.LogisticSlope(liked, liked: true), sample.Weight * HybridLosses.LogisticSlope(other, liked: false));
                }
            }
        }
    }

    /// <summary>Marks what the user of a run of samples took of these items, and returns the run's end. Older marks name their users and may stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Mark(ReadOnlySpan<HybridSample> samples, int from)
    {
        var user = samples[from].User;
        var to = from;
        for (; to < samples.Length && samples[to].User == user; to++)
        {
            _userOf[samples[to].Item] = user;
        }

        return to;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Draw(ReadOnlySpan<int> candidates, ref SeededRandom random) => Vector128.Create(
        candidates[HybridPlan.Below(ref random, candidates.Length)],
        candidates[HybridPlan.Below(ref random, candidates.Length)],
        candidates[HybridPlan.Below(ref random, candidates.Length)],
        candidates[HybridPlan.Below(ref random, candidates.Length)]);

    /// <summary>The first of the violations that is not the user's own, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FirstViolation(uint violations, Vector128<int> drawn, int user)
    {
        for (; violations != 0; violations &= violations - 1)
        {
            var lane = BitOperations.TrailingZeroCount(violations);
            if (_userOf[drawn.GetElement(lane)] != user)
            {
                return lane;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Move(HybridSample sample, int negative, float toPositive, float toNegative) => HybridSteps.Move(
        _step,
        Users.At(sample.User),
        Items.At(sample.Item),
        Items.At(negative),
        Items.Stride,
        _options.Factors,
        toPositive,
        toNegative,
        _pull * 0.5f * (Math.Abs(toPositive) + Math.Abs(toNegative)),
        _features is null ? default : _features.GradientsOf(sample.Item, negative),
        _path);
}
