using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;

namespace Kindred.Speed;

/// <summary>Fits one recommender on the P1 files of a split some times in this process, and asks for everybody's ten best.</summary>
internal static class FitBench
{
    public static int Run(string name, string folder, string json, int runs, int threads)
    {
        var recommender = Recommenders.Find(name);
        if (recommender is null)
        {
            Console.Error.WriteLine($"There is no recommender {name}.");
            return 2;
        }

        using var document = JsonDocument.Parse(json);
        var options = recommender.ReadOptions(document.RootElement);
        var (train, test, ties) = Split.Read(folder);
        var before = PeakMegabytes();
        _ = train.ByItem;
        var fits = new double[runs];
        var processor = new double[runs];
        var lists = new double[runs];
        double ndcg = 0, most = 0;
        var peak = 0L;
        for (var run = 0; run < runs; run++)
        {
            var busy = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            var model = recommender.Train(train, options, new TrainingContext { Threads = threads });
            fits[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            processor[run] = (Environment.CpuUsage.TotalTime - busy).TotalSeconds;
            peak = Math.Max(peak, PeakMegabytes());
            busy = Environment.CpuUsage.TotalTime;
            start = Stopwatch.GetTimestamp();
            var ranked = Evaluator.Rank(model, train, 10, ties, threads);
            lists[run] = train.Users / Stopwatch.GetElapsedTime(start).TotalSeconds;
            most = Math.Max(most, train.Users / (Environment.CpuUsage.TotalTime - busy).TotalSeconds);
            ndcg = Metrics.Compute(ranked, test).Ndcg.Mean;
        }

        var first = fits[0];
        Array.Sort(fits);
        Array.Sort(processor);
        Array.Sort(lists);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} {json} | {Path.GetFileName(folder.TrimEnd('/'))} | NDCG {ndcg:F4} | fit first {first:F3} s, median {fits[runs / 2]:F3}, best {fits[0]:F3}, processor time {processor[0]:F3} to {processor[^1]:F3} | lists of {lists[runs / 2]:N0} users/s, at best {most:N0} a second of processor time | peak {peak} MB (before {before}) |"));
        return 0;
    }

    private static long PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
