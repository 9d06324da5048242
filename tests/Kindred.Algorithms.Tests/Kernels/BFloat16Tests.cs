using System.Globalization;
using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

public sealed class BFloat16Tests
{
    [Theory]
    [InlineData(0x3F80_0000u, 0x3F80)] // 1
    [InlineData(0x3F80_8000u, 0x3F80)] // half way, even below
    [InlineData(0x3F81_8000u, 0x3F82)] // half way, even above
    [InlineData(0x3F80_8001u, 0x3F81)] // just above half way
    [InlineData(0x3F80_7FFFu, 0x3F80)] // just below
    [InlineData(0xBF81_8000u, 0xBF82)] // the sign changes nothing
    [InlineData(0x3FFF_FFFFu, 0x4000)] // carries into the exponent
    [InlineData(0x0000_0001u, 0x0000)] // below the smallest
    [InlineData(0x0000_8001u, 0x0001)] // the smallest
    [InlineData(0x8000_0000u, 0x8000)] // -0
    [InlineData(0x7F7F_FFFFu, 0x7F80)] // beyond the largest
    [InlineData(0x7F80_0000u, 0x7F80)] // infinity
    [InlineData(0x7F80_0001u, 0x7FC0)] // NaN stays NaN although its set bit is dropped
    [InlineData(0xFFFF_FFFFu, 0xFFFF)]
    public void Nearest_goes_to_the_even_neighbour(uint bits, int expected)
    {
        BFloat16.Nearest(BitConverter.UInt32BitsToSingle(bits)).Bits.ShouldBe((ushort)expected);
        var sixteen = new float[16];
        Array.Fill(sixteen, BitConverter.UInt32BitsToSingle(bits));
        var rounded = new BFloat16[16];
        BFloat16.Round(sixteen, rounded, Simd.Path);
        rounded.ShouldAllBe(value => value.Bits == expected);
    }

    [Fact]
    public void Nearest_is_the_nearest()
    {
        var random = new Random(2);
        for (var round = 0; round < 20_000; round++)
        {
            var value = BitConverter.UInt32BitsToSingle((uint)random.NextInt64(0, 0x7F00_0000));
            var own = Math.Abs((double)BFloat16.Nearest(value).ToSingle() - value);
            var bits = BFloat16.Nearest(value).Bits;
            own.ShouldBeLessThanOrEqualTo(Math.Abs((double)new BFloat16((ushort)(bits + 1)).ToSingle() - value), value.ToString(CultureInfo.InvariantCulture));
            if (bits > 0)
            {
                own.ShouldBeLessThanOrEqualTo(Math.Abs((double)new BFloat16((ushort)(bits - 1)).ToSingle() - value), value.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public void Every_bfloat16_survives_widening_and_rounding()
    {
        BFloat16[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => new BFloat16((ushort)bits))];
        var wide = new float[all.Length];
        BFloat16.Widen(all, wide, Simd.Path);
        var back = new BFloat16[all.Length];
        BFloat16.Round(wide, back, Simd.Path);
        for (var k = 0; k < all.Length; k++)
        {
            all[k].IsFinite.ShouldBe(float.IsFinite(wide[k]));
            back[k].Bits.ShouldBe(float.IsNaN(wide[k]) ? (ushort)(k | 0x40) : (ushort)k);
        }
    }

    [Fact]
    public void Paths_agree_for_every_length_and_alignment()
    {
        var random = new Random(9);
        for (var length = 0; length < 68; length++)
        {
            for (var shift = 0; shift < 4; shift++)
            {
                var numbers = new float[length + shift];
                foreach (ref var number in numbers.AsSpan())
                {
                    number = BitConverter.UInt32BitsToSingle((uint)random.NextInt64(0, 1L << 32));
                }

                var (plain, fast) = (new BFloat16[length + shift], new BFloat16[length + shift]);
                BFloat16.Round(numbers.AsSpan(shift), plain.AsSpan(shift), SimdPath.Plain);
                BFloat16.Round(numbers.AsSpan(shift), fast.AsSpan(shift), Simd.Path);
                fast.ShouldBe(plain);
                var (slow, wide) = (new float[length + shift], new float[length + shift]);
                BFloat16.Widen(plain.AsSpan(shift), slow.AsSpan(shift), SimdPath.Plain);
                BFloat16.Widen(plain.AsSpan(shift), wide.AsSpan(shift), Simd.Path);
                Array.ConvertAll(wide, BitConverter.SingleToUInt32Bits).ShouldBe(Array.ConvertAll(slow, BitConverter.SingleToUInt32Bits));
            }
        }
    }
}
