namespace Kindred.Recommendations.ShopModels;

/// <summary>
/// Section <c>shop_models</c>: the two small models behind <c>/interaction-recommendations</c> and <c>/category-recommendations</c>. They are trained beside
/// serving, on one thread, and only when something has changed.
/// </summary>
public sealed record ShopModelSettings
{
    /// <summary>How often products are clustered by category; zero switches it off.</summary>
    public TimeSpan CategoriesEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often products viewed by the same people are compared; zero switches it off.</summary>
    public TimeSpan InteractionsEvery { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>Most clusters of categories.</summary>
    public int Clusters { get; init; } = 5;

    /// <summary>Newest events that are compared: what bounds time and memory of a training.</summary>
    public int Events { get; init; } = 1_000_000;

    /// <summary>What is wrong with these settings, by their names.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        foreach (var (path, every) in new[] { ("categories_every", CategoriesEvery), ("interactions_every", InteractionsEvery) })
        {
            if (every < TimeSpan.Zero || (every > TimeSpan.Zero && every < TimeSpan.FromMilliseconds(100)) || every > TimeSpan.FromDays(7))
            {
                yield return (path, "zero, or 100 milliseconds to 7 days");
            }
        }

        if (Clusters is < 1 or > 1000)
        {
            yield return ("clusters", $"{Clusters} is not in 1 to 1000");
        }

        if (Events is < 1000 or > 100_000_000)
        {
            yield return ("events", $"{Events} is not in 1000 to 100000000");
        }
    }
}
