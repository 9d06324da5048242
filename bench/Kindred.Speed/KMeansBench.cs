using System.Diagnostics;
using System.Globalization;
using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Text;

namespace Kindred.Speed;

/// <summary>
/// Clusters the TF-IDF rows of short texts, as <c>bench/peers/kmeans.py</c> does with scikit-learn: row r is line r of the file, from the start
/// again behind its end. With <c>jitter</c> no two rows are equal: every weight is changed by up to a tenth, so nothing can be done once for many.
/// </summary>
internal static class KMeansBench
{
    public static int Run(string file, int rows, int clusters, int runs, int threads, bool jitter)
    {
        var lines = File.ReadAllLines(file);
        var texts = Enumerable.Range(0, rows).Select(row => lines[row % lines.Length]).ToArray();
        var start = Stopwatch.GetTimestamp();
        var matrix = TfIdf.Fit(texts).Transform(texts);
        var reading = Stopwatch.GetElapsedTime(start).TotalSeconds;
        matrix = jitter ? Jitter(matrix) : matrix;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{matrix.Rows} rows, {matrix.Columns} words, {(double)matrix.NonZeros / rows:F2} a row, made in {reading:F2} s"));
        for (var run = 0; run < runs; run++)
        {
            var busy = Environment.CpuUsage.TotalTime;
            start = Stopwatch.GetTimestamp();
            var fit = KMeans.Fit(matrix, new KMeansOptions { Clusters = clusters }, new TrainingContext { Seed = 42 + run, Threads = threads });
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var processor = (Environment.CpuUsage.TotalTime - busy).TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| seed {42 + run} | {seconds:F3} s | processor {processor:F3} s | {fit.Iterations} rounds | inertia {fit.Inertia:F1} |"));
        }

        return 0;
    }

    private static CsrMatrix Jitter(CsrMatrix matrix)
    {
        var random = new Random(1);
        var values = matrix.AllValues.ToArray();
        foreach (ref var value in values.AsSpan())
        {
            value *= 0.9f + (0.2f * random.NextSingle());
        }

        return new CsrMatrix(matrix.Columns, matrix.RowStarts.ToArray(), matrix.AllColumns.ToArray(), values);
    }
}
