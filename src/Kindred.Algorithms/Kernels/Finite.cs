using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>Looks for NaN and infinities.</summary>
internal static class Finite
{
    /// <summary>True when every number is finite; true for none.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        // A number is not finite when all its exponent bits are set; compared as integers, so NaN needs no case of its own.
        var exponent = Vector256.Create(0x7F80_0000);
        var bits = MemoryMarshal.Cast<float, int>(values);
        var k = 0;
        for (; k <= bits.Length - Vector256<int>.Count; k += Vector256<int>.Count)
        {
            if (Vector256.EqualsAny(Vector256.Create(bits[k..]) & exponent, exponent))
            {
                return false;
            }
        }

        for (; k < bits.Length; k++)
        {
            if ((bits[k] & 0x7F80_0000) == 0x7F80_0000)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when every number is finite; true for none.</summary>
    public static bool All(ReadOnlySpan<BFloat16> values)
    {
        foreach (var value in values)
        {
            if (!value.IsFinite)
            {
                return false;
            }
        }

        return true;
    }
}
