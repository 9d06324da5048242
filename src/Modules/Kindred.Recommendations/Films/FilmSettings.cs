namespace Kindred.Recommendations.Films;

/// <summary>Section <c>film_lists</c>: what is recommended from ratings of films, on the routes of the film club, the cinema and the film clusters.</summary>
public sealed record FilmSettings
{
    /// <summary>Nearest users who recommend to a user.</summary>
    public int Neighbours { get; init; } = 5;

    /// <summary>Least rating of a neighbour that recommends, and least average of films whose like are recommended to everybody.</summary>
    public double LeastRating { get; init; } = 7;

    /// <summary>Newest ratings compared: about 40 bytes each are held in memory.</summary>
    public int Ratings { get; init; } = 20_000_000;

    /// <summary>How long a person's list is answered again as it was; it falls at once with their next rating. Zero switches it off.</summary>
    public TimeSpan KeepUsers { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the cinema's list for everybody is answered again as it was. Zero switches it off.</summary>
    public TimeSpan KeepGeneral { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most clusters of users; fewer where fewer users differ.</summary>
    public int Clusters { get; init; } = 5;

    /// <summary>Seed of the clusters.</summary>
    public int ClusterSeed { get; init; }

    /// <summary>How often users are clustered anew when ratings have changed; zero switches it off.</summary>
    public TimeSpan ClustersEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong with these settings, by their names.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        if (Neighbours is < 1 or > 1000)
        {
            yield return ("neighbours", $"{Neighbours} is not in 1 to 1000");
        }

        if (LeastRating is not (>= 1 and <= 10))
        {
            yield return ("least_rating", $"{LeastRating} is not in 1 to 10");
        }

        if (Ratings is < 1000 or > 1_000_000_000)
        {
            yield return ("ratings", $"{Ratings} is not in 1000 to 1000000000");
        }

        if (Clusters is < 1 or > 1000)
        {
            yield return ("clusters", $"{Clusters} is not in 1 to 1000");
        }

        foreach (var (path, time) in new[] { ("keep_users", KeepUsers), ("keep_general", KeepGeneral) })
        {
            if (time < TimeSpan.Zero || time > TimeSpan.FromHours(1))
            {
                yield return (path, "zero to an hour");
            }
        }

        if (ClustersEvery < TimeSpan.Zero || (ClustersEvery > TimeSpan.Zero && ClustersEvery < TimeSpan.FromMilliseconds(100)) || ClustersEvery > TimeSpan.FromDays(7))
        {
            yield return ("clusters_every", "zero, or 100 milliseconds to 7 days");
        }
    }
}
