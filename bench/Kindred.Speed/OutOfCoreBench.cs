using System.Diagnostics;
using System.Globalization;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Als;
using Kindred.Algorithms.OutOfCore;

namespace Kindred.Speed;

/// <summary>
/// Generated events, sorted into files and trained on within a promised memory: items by the square of a uniform number (the first tenth gets a third), users alike.
/// </summary>
internal static class OutOfCoreBench
{
    public static int Run(long memory, int events, int users, int items, int factors, int sweeps, int threads)
    {
        var options = new AlsOptions { Factors = factors, Sweeps = sweeps };
        var needed = Math.Max(MemoryBudget.AlsBytes(users, items, users, options, threads), MemoryBudget.SortBytes(users, items));
        var grant = MemoryBudget.Grant(memory, needed);
        AppContext.SetData("GCHeapHardLimit", (ulong)grant);
        GC.RefreshMemoryLimit();
        var folder = Directory.CreateTempSubdirectory("kindred-speed-").FullName;
        try
        {
            var (start, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            using var writer = new InteractionFilesWriter(folder, Math.Min(grant - MemoryBudget.SortBytes(users, items) + MemoryBudget.LeastSortBytes, 256L << 20));
            var random = new Random(42);
            for (var k = 0; k < events; k++)
            {
                var (u, i) = (random.NextDouble(), random.NextDouble());
                writer.Add((int)(u * u * users), (int)(i * i * items), 1);
            }

            Say("generate", ref start, ref busy);
            using var files = writer.Finish(users, items);
            Say($"sort into {files.Count:N0} pairs, longest row {files.LongestRow:N0}", ref start, ref busy);
            var model = AlsTrainer.Train(files, options, new TrainingContext { Threads = threads });
            Say($"{sweeps} sweeps of als {factors}", ref start, ref busy);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| first answer | {model.Recommend([1, 2, 3], 1)[0]} | of {memory >> 20} MiB, granted {grant >> 20}, needed {needed >> 20} |"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Say(string what, ref long start, ref TimeSpan busy)
    {
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s | processor {(Environment.CpuUsage.TotalTime - busy).TotalSeconds:F1} s | peak {process.PeakWorkingSet64 >> 20} MiB |"));
        (start, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
    }
}
