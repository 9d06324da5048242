using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>
/// The upper half of a float32: its sign, its exponent and 7 bits of its fraction. Rounding to the nearest changes an ordinary number by at most
/// 2^-8 of its size. Vectors of factors are written so.
/// </summary>
internal readonly record struct BFloat16(ushort Bits)
{
    private const uint Exponent = 0x7F80_0000;

    /// <summary>The float32 of the same value; every bfloat16 has one.</summary>
    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)Bits << 16);

    /// <summary>True unless it is NaN or an infinity.</summary>
    public bool IsFinite => (Bits & (Exponent >> 16)) != Exponent >> 16;

    /// <summary>The nearest bfloat16, of two equally near the one with an even last bit; beyond the largest it is an infinity, and NaN stays NaN.</summary>
    public static BFloat16 Nearest(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? new BFloat16((ushort)((bits >> 16) | 0x40))
            : new BFloat16((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>Rounds every number; both spans are of one length.</summary>
    public static void Round(ReadOnlySpan<float> from, Span<BFloat16> to, SimdPath path)
    {
        System.Diagnostics.Debug.Assert(from.Length == to.Length, "One number each.");
        var k = 0;
        if (path != SimdPath.Plain)
        {
            var bits = MemoryMarshal.Cast<float, uint>(from);
            var halves = MemoryMarshal.Cast<BFloat16, ushort>(to);
            for (; k <= bits.Length - Vector256<ushort>.Count; k += Vector256<ushort>.Count)
            {
                Vector256.Narrow(Upper(Vector256.Create(bits[k..])), Upper(Vector256.Create(bits[(k + Vector256<uint>.Count)..]))).CopyTo(halves[k..]);
            }
        }

        for (; k < from.Length; k++)
        {
            to[k] = Nearest(from[k]);
        }
    }

    /// <summary>Widens every number; both spans are of one length.</summary>
    public static void Widen(ReadOnlySpan<BFloat16> from, Span<float> to, SimdPath path)
    {
        System.Diagnostics.Debug.Assert(from.Length == to.Length, "One number each.");
        var k = 0;
        if (path != SimdPath.Plain)
        {
            var halves = MemoryMarshal.Cast<BFloat16, ushort>(from);
            var bits = MemoryMarshal.Cast<float, uint>(to);
            for (; k <= halves.Length - Vector256<ushort>.Count; k += Vector256<ushort>.Count)
            {
                var (low, high) = Vector256.Widen(Vector256.Create(halves[k..]));
                (low << 16).CopyTo(bits[k..]);
                (high << 16).CopyTo(bits[(k + Vector256<uint>.Count)..]);
            }
        }

        for (; k < from.Length; k++)
        {
            to[k] = from[k].ToSingle();
        }
    }

    private static Vector256<uint> Upper(Vector256<uint> bits)
    {
        var rounded = bits + Vector256.Create(0x7FFFu) + ((bits >> 16) & Vector256<uint>.One);
        var isNaN = Vector256.GreaterThan(bits & Vector256.Create(0x7FFF_FFFFu), Vector256.Create(Exponent));
        return Vector256.ConditionalSelect(isNaN, bits | Vector256.Create(0x40_0000u), rounded) >> 16;
    }
}
