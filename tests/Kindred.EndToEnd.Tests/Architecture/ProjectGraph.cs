using System.Xml.Linq;

namespace Kindred.EndToEnd.Tests.Architecture;

/// <summary>Who may see whom (docs/architecture.md), and what the csproj files really say.</summary>
internal static class ProjectGraph
{
    private const string Modules = "Accounts Catalog Feedback Recommendations Training Notifications Import";

    private static readonly string[] s_modules = [.. Modules.Split(' ').Select(name => "Kindred." + name)];

    /// <summary>Every breach of the table, as a sentence; none in a healthy tree.</summary>
    public static IReadOnlyList<string> Breaches(string root)
    {
        List<string> breaches = [];
        foreach (var (project, references) in Read(root))
        {
            if (Allowed(project) is not { } allowed)
            {
                breaches.Add($"{project} is not in the table of who may see whom");
                continue;
            }

            breaches.AddRange(references.Where(seen => !allowed.Contains(seen)).Select(seen => $"{project} sees {seen}"));
        }

        return breaches;
    }

    public static IReadOnlyList<(string Project, IReadOnlyList<string> References)> Read(string root) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => (
                Path.GetFileNameWithoutExtension(path),
                (IReadOnlyList<string>)[
                    .. XDocument.Load(path).Descendants("ProjectReference")
                        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))),
                ])),
    ];

    private static HashSet<string>? Allowed(string project) => project switch
    {
        "Kindred.Algorithms" or "Kindred.Contracts" or "Kindred.Platform" => [],
        "Kindred.Recommendations" or "Kindred.Training" => ["Kindred.Contracts", "Kindred.Platform", "Kindred.Algorithms"],
        "Kindred" => ["Kindred.Contracts", "Kindred.Platform", "Kindred.Algorithms", .. s_modules],
        _ when s_modules.Contains(project) => ["Kindred.Contracts", "Kindred.Platform"],
        _ => null,
    };
}
