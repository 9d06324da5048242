namespace Kindred.Algorithms.Models;

/// <summary>
/// Every recommender there is. The command line, training runs, settings and model loading read this list; adding one adds a line here.
/// </summary>
public static class Recommenders
{
    /// <summary>All recommenders, in the order they are listed to people.</summary>
    public static IReadOnlyList<Recommender> All { get; } =
    [
    ];

    /// <summary>The recommender of that name, or null.</summary>
    public static Recommender? Find(string name) => All.FirstOrDefault(recommender => string.Equals(recommender.Name, name, StringComparison.Ordinal));
}
