using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kindred.Algorithms.Kernels;

/// <summary>The largest number of a row, where it first stands, and the second largest (the same number again where it stands twice).</summary>
internal static class TopTwo
{
    /// <param name="values">A multiple of 8 numbers, none NaN; lanes that are to be left out hold negative infinity.</param>
    public static (int First, float Largest, float Second) Of(ReadOnlySpan<float> values) =>
        Simd.Path == SimdPath.Plain ? OfPlain(values) : OfVector(values);

    internal static (int First, float Largest, float Second) OfVector(ReadOnlySpan<float> values)
    {
        ref var start = ref MemoryMarshal.GetReference(values);
        var largest = Vector256.Create(float.NegativeInfinity);
        var second = largest;
        var first = Vector256<int>.Zero;
        var here = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7);
        for (nuint k = 0; k < (nuint)values.Length; k += 8)
        {
            var value = Vector256.LoadUnsafe(ref start, k);
            var above = Vector256.GreaterThan(value, largest);
            second = Vector256.Max(second, Vector256.Min(value, largest));
            first = Vector256.ConditionalSelect(above.AsInt32(), here, first);
            largest = Vector256.Max(largest, value);
            here += Vector256.Create(8);
        }

        var (place, best, next) = (0, float.NegativeInfinity, float.NegativeInfinity);
        for (var lane = 0; lane < 8; lane++)
        {
            if (largest[lane] > best)
            {
                next = Math.Max(best, second[lane]);
                (place, best) = (first[lane], largest[lane]);
            }
            else
            {
                // Of equal numbers in two lanes the one that stands first counts.
                place = largest[lane] >= best ? Math.Min(place, first[lane]) : place;
                next = Math.Max(next, largest[lane]);
            }
        }

        return (place, best, next);
    }

    internal static (int First, float Largest, float Second) OfPlain(ReadOnlySpan<float> values)
    {
        var (place, best, next) = (0, float.NegativeInfinity, float.NegativeInfinity);
        for (var k = 0; k < values.Length; k++)
        {
            if (values[k] > best)
            {
                (place, best, next) = (k, values[k], best);
            }
            else
            {
                next = Math.Max(next, values[k]);
            }
        }

        return (place, best, next);
    }
}
