using System.Reflection;
using System.Text.RegularExpressions;

namespace Kindred.EndToEnd.Tests.Architecture;

public sealed partial class ArchitectureTests
{
    [Fact]
    public void Every_project_sees_only_what_the_table_allows()
    {
        ProjectGraph.Read(Repository.Root).Count.ShouldBeGreaterThan(8);
        ProjectGraph.Breaches(Repository.Root).ShouldBeEmpty();
    }

    [Fact]
    public void A_broken_tree_fails_the_same_check()
    {
        using var tree = new TemporaryFolder();
        WriteProject(tree, "src/Kindred.Algorithms", "Kindred.Platform");
        WriteProject(tree, "src/Modules/Kindred.Catalog", "Kindred.Feedback", "Kindred.Contracts");
        WriteProject(tree, "src/Modules/Kindred.Feedback", "Kindred.Algorithms");
        WriteProject(tree, "src/Kindred.Surprise");

        ProjectGraph.Breaches(tree.Path).ShouldBe(
            [
                "Kindred.Algorithms sees Kindred.Platform",
                "Kindred.Surprise is not in the table of who may see whom",
                "Kindred.Catalog sees Kindred.Feedback",
                "Kindred.Feedback sees Kindred.Algorithms",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void Every_migration_of_a_module_has_a_number_of_its_own()
    {
        Migrations(Repository.Root).Count.ShouldBeGreaterThan(8);
        Migrations(Repository.Root).ShouldBeUnique();

        using var tree = new TemporaryFolder();
        foreach (var file in new[] { "src/Kindred.One/Migrations/0001_a.sqlite.sql", "src/Kindred.One/Inner/Migrations/0001_b.sqlite.sql", "src/Kindred.Two/Migrations/0001_a.sqlite.sql" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(tree.Path, file))!);
            File.WriteAllText(Path.Combine(tree.Path, file), "");
        }

        Migrations(tree.Path).Order(StringComparer.Ordinal).ShouldBe(["Kindred.One 0001", "Kindred.One 0001", "Kindred.Two 0001"]);
    }

    // Project and number; two people who add one at the same time meet here and not in somebody's database.
    private static List<string> Migrations(string root) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(root, "src"), "*.sqlite.sql", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Select(path => $"{path.Split('/').First(part => part.StartsWith("Kindred.", StringComparison.Ordinal))} {Path.GetFileName(path)[..4]}"),
    ];

    [Fact]
    public void Versions_stand_in_one_file_only() =>
        Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/artifacts/", StringComparison.Ordinal))
            .Where(path => File.ReadAllText(path).Contains("Version=\"", StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Fact]
    public void A_module_shows_only_its_registration_options_and_requests()
    {
        List<string> strangers = [];
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Modules"), "*.cs", SearchOption.AllDirectories))
        {
            strangers.AddRange(PublicType().Matches(File.ReadAllText(path))
                .Select(match => match.Groups["name"].Value)
                .Where(name => !SurfaceName().IsMatch(name))
                .Select(name => $"{Path.GetRelativePath(Repository.Root, path)}: {name}"));
        }

        strangers.ShouldBeEmpty();
        SurfaceName().IsMatch("CatalogStore").ShouldBeFalse("the rule must be able to fail");
    }

    [Fact]
    public void No_test_method_lacks_its_attribute()
    {
        Forgotten(Assembly.GetExecutingAssembly().GetTypes()).ShouldBe([$"{nameof(ForgottenSample)}.{nameof(ForgottenSample.Forgotten_test)}"]);

        static IEnumerable<string> Forgotten(IEnumerable<Type> types) =>
            from type in types
            where type is { IsClass: true, IsPublic: true } or { Name: nameof(ForgottenSample) }
            from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            where method.Name.Contains('_', StringComparison.Ordinal) && !method.GetCustomAttributes<FactAttribute>().Any()
            select $"{type.Name}.{method.Name}";
    }

    [Fact]
    public void The_tree_holds_no_machine_path_and_no_real_data()
    {
        var tracked = Programs.Run("git", ["ls-files"], Repository.Root).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        tracked.ShouldNotBeEmpty();
        tracked.Where(path => path.EndsWith(".dat", StringComparison.Ordinal) || path.EndsWith("ratings.csv", StringComparison.Ordinal)).ShouldBeEmpty();
        var home = string.Concat("/wo", "rk/");
        tracked.Where(path => !path.EndsWith("packages.lock.json", StringComparison.Ordinal))
            .Where(path => File.Exists(Path.Combine(Repository.Root, path)) && File.ReadAllText(Path.Combine(Repository.Root, path)).Contains(home, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private static void WriteProject(TemporaryFolder tree, string folder, params string[] references)
    {
        var path = Path.Combine(tree.Path, folder);
        Directory.CreateDirectory(path);
        File.WriteAllText(
            Path.Combine(path, Path.GetFileName(folder) + ".csproj"),
            $"<Project><ItemGroup>{string.Concat(references.Select(name => $"<ProjectReference Include=\"..\\{name}\\{name}.csproj\" />"))}</ItemGroup></Project>");
    }

    [GeneratedRegex(@"^public (?:sealed |static |abstract |readonly |partial )*(?:class|record struct|record|interface|enum|struct) (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PublicType();

    // Registrations, options, and what crosses HTTP or the command line; the second line names the entries the program calls and their records.
    [GeneratedRegex(
        @"^(\w+(Module|Options|Settings|Request|Response|Result|Summary|Progress|Row|Entry|Exception|Answer)"
        + @"|ApiKeys|Importer|Etl|EtlCounts|ContentTrouble|Import(Counts|Format|Rows)|Demo(Store|World)|LocalRecommendations|ListQuery|Answer(edItem|edList|ingModel)|Reason|Evidence|SessionEvent)$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SurfaceName();

#pragma warning disable xUnit1013 // the sample is what the rule above must find
    internal sealed class ForgottenSample
    {
        public void Forgotten_test() => GetHashCode();
    }
#pragma warning restore xUnit1013
}
