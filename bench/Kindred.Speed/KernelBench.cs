using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindred.Algorithms.Kernels;

namespace Kindred.Speed;

/// <summary>Matrix products on one core beside a loop that only multiplies and adds in registers, taken in turns in one process. Processor time, not the
/// clock, so that a busy machine does not count.</summary>
internal static class KernelBench
{
    private const int Turns = 25;
    private const int PeakSteps = 2_000_000;

    public static int Run()
    {
        foreach (var n in (int[])[64, 256, 1000, 2000])
        {
            float[] a = Numbers(n), b = Numbers(n), c = new float[n * n];
            Compare($"multiply {n} x {n}", 2.0 * n * n * n, () => Gemm.Multiply(new MatrixView(a, n, n, n), new MatrixView(b, n, n, n), c, n));
            Compare($"gram {n} x {n}", 1.0 * n * n * n, () => Gemm.Gram(new MatrixView(a, n, n, n), c, n));
        }

        return 0;
    }

    private static void Compare(string name, double operations, Action work)
    {
        var repeats = (int)Math.Max(1, 2e8 / operations);
        double best = double.MaxValue, peak = double.MaxValue;
        for (var turn = 0; turn < Turns; turn++)
        {
            var start = Environment.CpuUsage.TotalTime;
            s_sink = Vector512.IsHardwareAccelerated ? Peak512() : Peak256();
            peak = Math.Min(peak, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
            start = Environment.CpuUsage.TotalTime;
            for (var k = 0; k < repeats; k++)
            {
                work();
            }

            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalSeconds / repeats);
        }

        var top = PeakSteps * 12 * 2.0 * (Vector512.IsHardwareAccelerated ? 16 : 8) / peak / 1e9;
        var rate = operations / best / 1e9;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {rate:F1} GFlop/s | of {top:F1} | {rate / top:P0} |"));
    }

    private static float s_sink;

    private static float[] Numbers(int n)
    {
        var random = new Random(n);
        return [.. Enumerable.Range(0, n * n).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Peak256()
    {
        Vector256<float> w = Vector256.Create(0.999f), x = Vector256.Create(1e-3f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var step = 0; step < PeakSteps; step++)
        {
            a = Vector256.FusedMultiplyAdd(w, a, x);
            b = Vector256.FusedMultiplyAdd(w, b, x);
            c = Vector256.FusedMultiplyAdd(w, c, x);
            d = Vector256.FusedMultiplyAdd(w, d, x);
            e = Vector256.FusedMultiplyAdd(w, e, x);
            f = Vector256.FusedMultiplyAdd(w, f, x);
            g = Vector256.FusedMultiplyAdd(w, g, x);
            h = Vector256.FusedMultiplyAdd(w, h, x);
            i = Vector256.FusedMultiplyAdd(w, i, x);
            j = Vector256.FusedMultiplyAdd(w, j, x);
            k = Vector256.FusedMultiplyAdd(w, k, x);
            l = Vector256.FusedMultiplyAdd(w, l, x);
        }

        return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Peak512()
    {
        Vector512<float> w = Vector512.Create(0.999f), x = Vector512.Create(1e-3f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var step = 0; step < PeakSteps; step++)
        {
            a = Vector512.FusedMultiplyAdd(w, a, x);
            b = Vector512.FusedMultiplyAdd(w, b, x);
            c = Vector512.FusedMultiplyAdd(w, c, x);
            d = Vector512.FusedMultiplyAdd(w, d, x);
            e = Vector512.FusedMultiplyAdd(w, e, x);
            f = Vector512.FusedMultiplyAdd(w, f, x);
            g = Vector512.FusedMultiplyAdd(w, g, x);
            h = Vector512.FusedMultiplyAdd(w, h, x);
            i = Vector512.FusedMultiplyAdd(w, i, x);
            j = Vector512.FusedMultiplyAdd(w, j, x);
            k = Vector512.FusedMultiplyAdd(w, k, x);
            l = Vector512.FusedMultiplyAdd(w, l, x);
        }

        return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
    }
}
