using System.Runtime.Intrinsics.X86;

namespace Kindred.Algorithms.Kernels;

/// <summary>The ways a kernel can run; both give the same bits.</summary>
internal enum SimdPath
{
    /// <summary>One number at a time: the twin that every fast path is tested against.</summary>
    Plain,

    /// <summary>Eight floats at a time (AVX2 and FMA).</summary>
    Vector256,
}

/// <summary>
/// Which path this process takes: chosen once from the processor, or forced by the environment variable <c>KINDRED_SIMD</c>
/// (<c>plain</c> or <c>256</c>).
/// </summary>
internal static class Simd
{
    /// <summary>The chosen path.</summary>
    public static SimdPath Path { get; } = Choose(Environment.GetEnvironmentVariable("KINDRED_SIMD"), Avx2.IsSupported && Fma.IsSupported);

    /// <summary>The path for a setting and a processor; a forced path that the processor lacks is an error rather than a surprise.</summary>
    public static SimdPath Choose(string? forced, bool supported) => forced switch
    {
        null or "" => supported ? SimdPath.Vector256 : SimdPath.Plain,
        "plain" => SimdPath.Plain,
        "256" => supported ? SimdPath.Vector256 : throw new PlatformNotSupportedException("KINDRED_SIMD=256 needs a processor with AVX2 and FMA."),
        _ => throw new PlatformNotSupportedException($"KINDRED_SIMD is 'plain' or '256', not '{forced}'."),
    };
}
