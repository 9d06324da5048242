using System.Text.RegularExpressions;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>The README promises commands; each of them runs.</summary>
public sealed partial class ReadmeTests(ITestOutputHelper output)
{
    [Fact]
    public void Demo_check_prints_a_personal_recommendation_with_its_reason()
    {
        using var data = new TemporaryFolder();
        var ran = Programs.Run(KindredServer.Executable, ["demo", "--check", "--data", data.Path], data.Path);
        output.WriteLine(ran.Output);
        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Output.ShouldContain("personal");
        ran.Output.ShouldContain("Because you");
    }

    /// <summary>The blocks marked <c>sh</c> are one story: each line runs, in order, in one shell, on a server of its own.</summary>
    [Fact]
    public void Every_command_of_the_README_runs()
    {
        var ran = RunPage("README.md");
        ran.Output.ShouldContain("personal");
        ran.Output.ShouldContain("\"source\":", customMessage: "the list came over HTTP");
    }

    [Fact]
    public void Every_command_of_the_shops_tutorial_runs()
    {
        var ran = RunPage("docs/tutorials/shop.md");
        ran.Output.ShouldContain("""{"user_id":"ben","product":"3"}""");
        ran.Output.ShouldContain("""["1","2"]""", customMessage: "both hot drinks");
        ran.Output.ShouldContain("\"views_count\":1");
    }

    private Ran RunPage(string page)
    {
        using var folder = new TemporaryFolder();
        var readme = File.ReadAllText(Path.Combine(Repository.Root, page));
        var commands = ShellBlock().Matches(readme).Select(match => match.Groups["commands"].Value).ToArray();
        commands.ShouldNotBeEmpty();

        var port = FreePort();
        var script = "set -eu\ncd \"$HOME\"\n" + string.Join('\n', commands);
        // The README speaks of the checkout's launcher and of the default port; here the built program and a free port stand in.
        script = script
            .Replace("./kindred ", KindredServer.Executable + " ", StringComparison.Ordinal)
            .Replace("127.0.0.1:8000", $"127.0.0.1:{port}", StringComparison.Ordinal);
        script += "\nkill %1; wait %1 || true\n";
        var ran = Programs.Run(
            "bash",
            ["-c", "set -m\n" + script],
            folder.Path,
            TimeSpan.FromMinutes(5),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = folder.Path, ["KINDRED__URLS"] = $"http://127.0.0.1:{port}" });
        output.WriteLine(ran.Output);
        output.WriteLine(ran.Error);
        ran.ExitCode.ShouldBe(0, ran.Error);
        return ran;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("```sh\n(?<commands>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ShellBlock();
}
