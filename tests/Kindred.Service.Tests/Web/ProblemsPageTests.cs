using Shouldly;
using Xunit;
using System.Globalization;
using Kindred.Platform.Web;

namespace Kindred.Service.Tests.Web;

public sealed class ProblemsPageTests
{
    [Fact]
    public void The_page_lists_exactly_the_problems_there_are()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kindred.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        var listed = File.ReadLines(Path.Combine(folder.FullName, "docs", "problems.md"))
            .Where(line => line.StartsWith("| `/problems/", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .Select(cells => (cells[1].Trim().Trim('`'), int.Parse(cells[2], CultureInfo.InvariantCulture)));
        listed.ShouldBe(Problems.Kinds.Select(kind => ("/problems/" + kind.Slug, kind.Status)));
    }
}
