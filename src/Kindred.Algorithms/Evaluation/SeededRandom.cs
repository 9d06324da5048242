namespace Kindred.Algorithms.Evaluation;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, the same numbers on every platform and version. Each user or sample takes a stream of
/// its own, so results do not depend on the order of work.
/// </summary>
internal struct SeededRandom(int seed, int stream)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong _state = Mix(Mix(unchecked((uint)seed) + Step) + unchecked((uint)stream));

    public ulong Next() => Mix(_state += Step);

    /// <summary>Evenly in [0, limit), by multiplication (Lemire 2019) with the rest rejected.</summary>
    public int Below(int limit)
    {
        while (true)
        {
            var product = (UInt128)Next() * (uint)limit;
            if ((ulong)product >= (ulong)-(long)limit % (uint)limit)
            {
                return (int)(product >> 64);
            }
        }
    }

    /// <summary>Evenly in [0, 1), in steps of 2^-53.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Fisher-Yates.</summary>
    public void Shuffle(Span<int> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = Below(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
