using System.Buffers;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Als;

/// <summary>
/// Trains implicit ALS (Hu, Koren and Volinsky 2008) with the frequency-scaled regularisation of Rendle et al. 2021, by exact Cholesky solves.
/// Rows are solved independently and sums have a fixed order: the same bits for any number of threads.
/// <para><b>Cost</b> of a sweep: O(interactions x factors² + (users + items) x factors³); memory: both factor matrices.</para>
/// </summary>
public static class AlsTrainer
{
    private const int RowsPerTask = 64;

    /// <summary>Trains a model.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static AlsModel Train(Interactions interactions, AlsOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var stride = AlsSide.StrideOf(options.Factors);
        CheckSize(interactions.Items, stride);
        CheckSize(interactions.Users, stride);
        var items = Start(interactions.Items, options.Factors, stride, context.Seed);
        var users = new float[interactions.Users * stride];
        for (var sweep = 0; sweep < options.Sweeps; sweep++)
        {
            context.Progress?.Report(new TrainingProgress((double)sweep / options.Sweeps, $"sweep {sweep + 1} of {options.Sweeps}"));
            SolveRows(interactions.ByUser, new AlsSide(items, interactions.Items, options, context.Threads, context.Cancellation), users, context);
            SolveRows(interactions.ByItem, new AlsSide(users, interactions.Users, options, context.Threads, context.Cancellation), items, context);
        }

        context.Progress?.Report(new TrainingProgress(1, "done"));
        return new AlsModel(items, interactions.Items, options);
    }

    private static void SolveRows(CsrMatrix rows, AlsSide against, float[] factors, TrainingContext context)
    {
        var tasks = (rows.Rows + RowsPerTask - 1) / RowsPerTask;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(0, tasks, parallel, task =>
        {
            var rented = ArrayPool<float>.Shared.Rent(against.ScratchLength);
            var scratch = against.Slice(rented);
            var end = Math.Min(rows.Rows, (task + 1) * RowsPerTask);
            for (var row = task * RowsPerTask; row < end; row++)
            {
                against.Solve(rows.RowColumns(row), rows.RowValues(row), scratch, factors.AsSpan(row * against.Stride, against.Stride));
            }

            ArrayPool<float>.Shared.Return(rented);
        });
    }

    /// <summary>Small random factors, each a function of seed and position alone (SplitMix64), uniform with a deviation of 0.1 / sqrt(factors).</summary>
    private static float[] Start(int rows, int factors, int stride, int seed)
    {
        var start = new float[rows * stride];
        var reach = 0.1f * MathF.Sqrt(3f / factors);
        for (var row = 0; row < rows; row++)
        {
            for (var f = 0; f < factors; f++)
            {
                var bits = Mix(((ulong)(uint)seed << 32) ^ Mix(((ulong)(uint)row << 16) | (uint)f));
                start[(row * stride) + f] = (((bits >> 40) * (2f / (1 << 24))) - 1) * reach;
            }
        }

        return start;
    }

    private static ulong Mix(ulong x)
    {
        x += 0x9E37_79B9_7F4A_7C15;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }

    private static void CheckSize(int rows, int stride)
    {
        if ((long)rows * stride > Array.MaxLength)
        {
            throw new ArgumentException($"{rows} rows of {stride} factors are more numbers than one array holds ({Array.MaxLength}); use fewer factors.", nameof(rows));
        }
    }
}
