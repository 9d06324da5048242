using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindred.Algorithms.Kernels;

/// <summary>The ways a kernel can run; all give the same bits.</summary>
internal enum SimdPath
{
    /// <summary>One number at a time: the twin that every fast path is tested against.</summary>
    Plain,

    /// <summary>Eight floats at a time (AVX2 and FMA).</summary>
    Vector256,

    /// <summary>Sixteen floats at a time (AVX-512) in the large matrix products, eight elsewhere.</summary>
    Vector512,
}

/// <summary>
/// Which path this process takes: chosen once from the processor, or forced by the environment variable <c>KINDRED_SIMD</c>
/// (<c>plain</c>, <c>256</c> or <c>512</c>).
/// </summary>
internal static class Simd
{
    /// <summary>The chosen path.</summary>
    public static SimdPath Path { get; } = Choose(Environment.GetEnvironmentVariable("KINDRED_SIMD"), Widest());

    /// <summary>The path for a setting and the widest one the processor has; a forced path that it lacks is an error rather than a surprise.</summary>
    public static SimdPath Choose(string? forced, SimdPath widest)
    {
        var wanted = forced switch
        {
            null or "" => widest,
            "plain" => SimdPath.Plain,
            "256" => SimdPath.Vector256,
            "512" => SimdPath.Vector512,
            _ => throw new PlatformNotSupportedException($"KINDRED_SIMD is 'plain', '256' or '512', not '{forced}'."),
        };
        return wanted <= widest
            ? wanted
            : throw new PlatformNotSupportedException($"KINDRED_SIMD={forced} needs a processor with {(wanted == SimdPath.Vector512 ? "AVX-512" : "AVX2 and FMA")}.");
    }

    private static SimdPath Widest()
    {
        if (!Avx2.IsSupported || !Fma.IsSupported)
        {
            return SimdPath.Plain;
        }

        // The runtime says no where wide registers slow the whole processor down, and is believed.
        return Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? SimdPath.Vector512 : SimdPath.Vector256;
    }
}
