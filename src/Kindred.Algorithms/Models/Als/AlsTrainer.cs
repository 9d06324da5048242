using System.Buffers;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.OutOfCore;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Als;

/// <summary>
/// Trains implicit ALS (Hu, Koren and Volinsky 2008) with the frequency-scaled regularisation of Rendle et al. 2021, by a few warm steps of
/// conjugate gradients a row (Takács, Pilászy and Tikk 2011) or by exact solves. Where it departs from the papers: the axes are turned before
/// each half sweep, so that the fixed side's Gram matrix is diagonal. Rows are solved independently and sums have a fixed order: the same bits
/// for any number of threads.
/// <para><b>Cost</b> of a sweep: O(interactions x factors x steps + (users + items) x factors²) by conjugate gradients, O(interactions x
/// factors² + (users + items) x factors³) exactly, less where rows are short; memory: both factor matrices.</para>
/// </summary>
public static class AlsTrainer
{
    /// <summary>Trains a model.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static AlsModel Train(Interactions interactions, AlsOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        return new AlsModel(AlsModel.Rounded(Factors(interactions, options, context), interactions.Items, options), interactions.Items, options);
    }

    /// <summary>
    /// Trains a model on interactions on disk: the same bytes as from memory. What it holds is <see cref="MemoryBudget.AlsBytes"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public static AlsModel Train(InteractionFiles interactions, AlsOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        return new AlsModel(AlsModel.Rounded(Factors(interactions.ByUser, interactions.ByItem, options, context), interactions.Items, options), interactions.Items, options);
    }

    /// <summary>The item factors <b>[items x stride]</b> as they come out of training, before they are rounded.</summary>
    internal static float[] Factors(Interactions interactions, AlsOptions options, TrainingContext context) =>
        Factors(new MatrixRows(interactions.ByUser), new MatrixRows(interactions.ByItem), options, context);

    private static float[] Factors(ISparseRows byUser, ISparseRows byItem, AlsOptions options, TrainingContext context)
    {
        var stride = AlsSide.StrideOf(options.Factors);
        CheckSize(byItem.Rows, stride);
        CheckSize(byUser.Rows, stride);
        var items = Start(byItem.Rows, options.Factors, stride, context.Seed);
        var users = new float[byUser.Rows * stride];
        var axes = new AlsAxes(options.Factors, Simd.Path);

        // Exact solves forget where a row stood, so only the fixed side has to turn.
        var warm = options.Solver == AlsSolver.Cg;
        for (var sweep = 0; sweep < options.Sweeps; sweep++)
        {
            context.Progress?.Report(new TrainingProgress((double)sweep / options.Sweeps, $"sweep {sweep + 1} of {options.Sweeps}"));
            var diagonal = axes.Turn(items, byItem.Rows, warm && sweep > 0 ? users : null, byUser.Rows, context);
            SolveRows(byUser, new AlsSide(items, byItem.Rows, options, diagonal), users, options, context);
            diagonal = axes.Turn(users, byUser.Rows, warm ? items : null, byItem.Rows, context);
            SolveRows(byItem, new AlsSide(users, byUser.Rows, options, diagonal), items, options, context);
        }

        axes.Turn(items, byItem.Rows, null, 0, context);
        context.Progress?.Report(new TrainingProgress(1, "done"));
        return items;
    }

    private static void SolveRows(ISparseRows rows, AlsSide against, float[] factors, AlsOptions options, TrainingContext context)
    {
        var blocks = Blocks(rows, against.Stride, context.Threads);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(0, blocks.Count - 1, parallel, block =>
        {
            var rented = ArrayPool<float>.Shared.Rent(against.ScratchLength);
            var scratch = against.Slice(rented);
            using var window = rows.Open(blocks[block], blocks[block + 1]);
            for (var row = blocks[block]; row < blocks[block + 1]; row++)
            {
                var x = factors.AsSpan(row * against.Stride, against.Stride);
                if (options.Solver == AlsSolver.Cg)
                {
                    against.Improve(window.RowColumns(row), window.RowValues(row), options.Steps, scratch, x);
                }
                else
                {
                    against.Solve(window.RowColumns(row), window.RowValues(row), scratch, x);
                }
            }

            ArrayPool<float>.Shared.Return(rented);
        });
    }

    /// <summary>Where blocks of rows of about the same cost begin: a row costs its entries and something for itself. Rows do not depend on each other, so the cuts show in no bit.</summary>
    private static List<int> Blocks(ISparseRows rows, int stride, int threads)
    {
        const int BlocksPerThread = 16;
        var own = stride / 4;
        var share = ((rows.NonZeros + ((long)own * rows.Rows)) / (BlocksPerThread * threads)) + 1;
        var starts = new List<int> { 0 };
        for (var (row, cost, entries) = (0, 0L, 0L); row < rows.Rows; row++)
        {
            var length = rows.RowLength(row);
            if (entries > 0 && entries + length > rows.WindowEntries)
            {
                starts.Add(row);
                (cost, entries) = (0, 0);
            }

            cost += own + length;
            entries += length;
            if (cost >= share || row == rows.Rows - 1)
            {
                starts.Add(row + 1);
                (cost, entries) = (0, 0);
            }
        }

        return starts;
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
