using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>The library as people get it: packed, and used as its README says.</summary>
public sealed partial class PackageTests
{
    // A version of its own: no cache can answer with an older package.
    private const string Version = "0.0.1-test";

    [Fact]
    public void The_example_of_its_README_runs_against_the_packed_library()
    {
        using var folder = new TemporaryFolder();
        var packed = Programs.Run(
            "dotnet", ["pack", "src/Kindred.Algorithms", "-c", "Release", "-v", "q", "-nologo", "--no-build", $"-p:PackageVersion={Version}", "-o", folder["packages"]]);
        packed.ExitCode.ShouldBe(0, packed.Output + packed.Error);
        var readme = CheckContents(folder["packages"]);

        var example = Example().Match(readme);
        example.Success.ShouldBeTrue("the README has one example in C#");
        var code = example.Groups["code"].Value;
        code.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeLessThanOrEqualTo(10);
        WriteProject(folder, code);

        // The restored package goes into this folder; what it depends on comes from the packages this build was restored with, so that nothing is fetched.
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = folder["cache"] };
        var run = Programs.Run("dotnet", ["run", "--project", folder["use"], "-v", "q"], folder.Path, environment: environment);

        run.ExitCode.ShouldBe(0, run.Output + run.Error);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2, run.Output);
        lines[0].ShouldStartWith("item 2 scores 0.", Case.Sensitive, "two of the three who took items 0 and 1 took item 2 as well");
    }

    private static string CheckContents(string folder)
    {
        File.Exists(Path.Combine(folder, $"Kindred.Algorithms.{Version}.snupkg")).ShouldBeTrue();
        using var package = ZipFile.OpenRead(Path.Combine(folder, $"Kindred.Algorithms.{Version}.nupkg"));
        string[] entries = [.. package.Entries.Select(entry => entry.FullName)];
        entries.ShouldContain("lib/net10.0/Kindred.Algorithms.dll");
        entries.ShouldContain("lib/net10.0/Kindred.Algorithms.xml");
        entries.ShouldContain("LICENSE");
        using var symbols = ZipFile.OpenRead(Path.Combine(folder, $"Kindred.Algorithms.{Version}.snupkg"));
        symbols.Entries.Select(entry => entry.FullName).ShouldContain("lib/net10.0/Kindred.Algorithms.pdb");

        using var nuspec = package.GetEntry("Kindred.Algorithms.nuspec").ShouldNotBeNull().Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string? Of(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
        Of("license").ShouldBe("MIT");
        Of("readme").ShouldBe("README.md");
        Of("description").ShouldNotBeNull().ShouldContain("Recommenders for .NET");
        metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value)
            .ShouldBe(["System.Numerics.Tensors"], "analyzers and tools are no business of who uses it");

        using var readme = new StreamReader(package.GetEntry("README.md").ShouldNotBeNull().Open());
        return readme.ReadToEnd();
    }

    private static void WriteProject(TemporaryFolder folder, string code)
    {
        Directory.CreateDirectory(folder["use"]);
        var restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(Path.Combine(folder["use"], "Program.cs"), code);
        File.WriteAllText(
            Path.Combine(folder["use"], "use.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{folder["packages"]}</RestoreSources>
                <RestoreFallbackFolders>{restored}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Kindred.Algorithms" Version="{Version}" />
              </ItemGroup>
            </Project>
            """);
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Example();
}
