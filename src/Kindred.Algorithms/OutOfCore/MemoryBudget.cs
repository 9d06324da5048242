using System.Globalization;
using Kindred.Algorithms.Models.Als;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>
/// What training out of core holds at a time, from counts and options alone, so that it can be refused before work begins. Peak memory of the process is below
/// <see cref="ProcessBytes"/> and what is granted; pages of the interaction files count too while they are mapped.
/// </summary>
public static class MemoryBudget
{
    /// <summary>What a process holds besides: runtime, compiled code, a database's page cache, and garbage not yet collected.</summary>
    public const long ProcessBytes = 192L << 20;

    /// <summary>Least memory for sorting, besides what is kept of users and items.</summary>
    public const long LeastSortBytes = 32L << 20;

    /// <summary>Bytes for sorting interactions into files: <see cref="LeastSortBytes"/>, row starts and sums.</summary>
    public static long SortBytes(long users, long items) => LeastSortBytes + (users * 8) + (items * 24);

    /// <summary>Bytes for training implicit ALS on <see cref="InteractionFiles"/> and holding its model.</summary>
    /// <param name="users">Number of users.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="longestRow">Entries of the longest row; the number of users is always enough.</param>
    /// <param name="options">Number of factors.</param>
    /// <param name="threads">Number of threads.</param>
    public static long AlsBytes(long users, long items, long longestRow, AlsOptions options, int threads)
    {
        ArgumentNullException.ThrowIfNull(options);
        long stride = AlsSide.StrideOf(options.Factors);
        var factors = (users + items) * stride * sizeof(float);
        var starts = (users + items) * (sizeof(long) + sizeof(double));

        // A window of columns and values, the scratch of a solve, scaled weights of the longest row (twice: the garbage of the row before), 512 rows to turn.
        var perThread = (Math.Max(CsrFile.Window, longestRow) * 8) + (((stride * stride) + (270 * stride)) * sizeof(float)) + (longestRow * 8) + (512 * stride * sizeof(float));
        var sums = 66 * stride * stride * sizeof(float);

        // Rounded, widened and indexed once more: 2 + 4 + 4 + 1 bytes a factor, some numbers an item.
        var model = items * ((stride * 11) + 32);
        return factors + starts + (perThread * threads) + sums + model;
    }

    /// <summary>What is left for the work when a process may hold <paramref name="memory"/> bytes.</summary>
    /// <param name="memory">The promise.</param>
    /// <param name="needed">What the work needs at the least, without <see cref="ProcessBytes"/>.</param>
    /// <exception cref="MemoryBudgetException">It does not fit; the exception names what would.</exception>
    public static long Grant(long memory, long needed)
    {
        var enough = needed + ProcessBytes;
        return memory >= enough ? memory - ProcessBytes : throw new MemoryBudgetException(memory, enough);
    }

    internal static string Say(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / (double)(1 << 20)):0}MiB");
}

/// <summary>Work was refused before it began: it needs more memory than it may use.</summary>
public sealed class MemoryBudgetException(long memory, long enough)
    : Exception($"This work needs {MemoryBudget.Say(enough)}; {MemoryBudget.Say(memory)} are not enough.")
{
    /// <summary>Bytes that would be enough.</summary>
    public long Enough { get; } = enough;
}
