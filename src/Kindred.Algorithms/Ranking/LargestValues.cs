using System.Numerics;
using System.Runtime.InteropServices;

namespace Kindred.Algorithms.Ranking;

/// <summary>
/// Finds how large a value must be to be among the k largest by size, without sorting: digits of the bits are counted from the highest, as
/// sizes of floats are ordered like their bits. Scratch for one thread.
/// </summary>
internal sealed class LargestValues
{
    private const int DigitBits = 8;

    private readonly int[] _counts = new int[1 << DigitBits];
    private uint[] _left = [];

    /// <summary>
    /// The size of the k-th largest of the values, and how many values of just that size are among the k largest; NaN counts as larger than all.
    /// <para><b>Cost</b>: a pass over the values, and one over those that share its first digit.</para>
    /// </summary>
    /// <param name="values">At least <paramref name="k"/>.</param>
    /// <param name="k">1 or more.</param>
    public (float Size, int Ties) Find(ReadOnlySpan<float> values, int k)
    {
        if (_left.Length < values.Length)
        {
            _left = new uint[BitOperations.RoundUpToPowerOf2((uint)values.Length)];
        }

        // Without the sign there are 31 bits: the exponent first, as it is the first byte of the bits moved up by one.
        var left = _left.AsSpan(0, values.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        for (var at = 0; at < bits.Length; at++)
        {
            left[at] = bits[at] << 1;
        }

        for (var shift = 32 - DigitBits; ; shift -= DigitBits)
        {
            var digit = DigitOf(left, shift, ref k);
            var count = 0;
            foreach (var value in left)
            {
                left[count] = value;
                count += (value >> shift & 0xFF) == digit ? 1 : 0;
            }

            left = left[..count];
            if (shift == 0 || count == 1)
            {
                return (BitConverter.UInt32BitsToSingle(left[0] >> 1), k);
            }
        }
    }

    /// <summary>The digit of the k-th largest; k then counts within that digit.</summary>
    private uint DigitOf(ReadOnlySpan<uint> left, int shift, ref int k)
    {
        Array.Clear(_counts);
        foreach (var value in left)
        {
            _counts[value >> shift & 0xFF]++;
        }

        var digit = _counts.Length - 1;
        for (; _counts[digit] < k; digit--)
        {
            k -= _counts[digit];
        }

        return (uint)digit;
    }
}
