using System.Text.RegularExpressions;

namespace Kindred.EndToEnd.Tests.Architecture;

/// <summary><c>docs/systems.md</c> says which test shows which behaviour; the tests are there.</summary>
public sealed partial class SystemsPageTests
{
    [Fact]
    public void Every_behaviour_of_the_page_has_tests_that_exist()
    {
        var rows = Rows().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "systems.md")));
        var sources = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        foreach (Match row in rows)
        {
            var tests = row.Groups["tests"].Value.Split(',', StringSplitOptions.TrimEntries).Select(test => test.Trim('`')).ToArray();
            foreach (var test in tests)
            {
                sources.ShouldContain($" {test}(", Case.Sensitive, $"{row.Groups["id"].Value} names a test that is not there");
            }
        }

        var ids = rows.Select(row => row.Groups["id"].Value).ToArray();
        ids.ShouldBeUnique();
        ids.ShouldBeSubsetOf([.. Numbers("A", 10), .. Numbers("B", 14), .. Numbers("C", 33), .. Numbers("D", 22), .. Numbers("E", 7)]);
        Numbers("A", 10).Concat(Numbers("D", 22)).ShouldBeSubsetOf(ids, "systems A and D are whole");
    }

    private static IEnumerable<string> Numbers(string system, int last) => Enumerable.Range(1, last).Select(number => $"{system}-{number}");

    [GeneratedRegex(@"^\| (?<id>[A-E]-[0-9]+) \| [^|]+ \| (?<tests>`[^|]+`) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Rows();
}
