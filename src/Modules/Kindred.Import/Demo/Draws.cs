namespace Kindred.Import.Demo;

/// <summary>Seeded random choices of the shapes the demo needs. Not safe for several threads.</summary>
internal sealed class Draws(int seed)
{
    private readonly Random _random = new(seed);

    public double Unit() => _random.NextDouble();

    public int Below(int end) => _random.Next(end);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Of<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    /// <summary>Normal, by Box and Muller.</summary>
    public double Normal(double mean, double deviation) =>
        mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));

    /// <summary>Place in a list of running sums, with the probability of its share.</summary>
    public int Weighted(double[] sums)
    {
        var at = Array.BinarySearch(sums, _random.NextDouble() * sums[^1]);
        return Math.Min(at < 0 ? ~at : at + 1, sums.Length - 1);
    }

    public void Shuffle<T>(T[] values) => _random.Shuffle(values);

    public static double[] Sums(IEnumerable<double> weights)
    {
        var sum = 0.0;
        return [.. weights.Select(weight => sum += weight)];
    }
}
