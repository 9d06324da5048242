using System.Text.Json;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>What defaults reach on real splits, judged by a scorer that is not ours.</summary>
public sealed class QualityTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("ml-latest-small", "als", .252)]
    [InlineData("online-retail", "als", .216)]
    [InlineData("movietweetings-100k", "als", .120)]
    [InlineData("ml-latest-small", "ease", .257)]
    [InlineData("online-retail", "ease", .279)]
    [InlineData("movietweetings-100k", "ease", .129)]
    [InlineData("ml-latest-small", "itemknn", .223)]
    [InlineData("online-retail", "itemknn", .230)]
    [InlineData("movietweetings-100k", "itemknn", .106)]
    [InlineData("ml-latest-small", "warp", .200)]
    [InlineData("online-retail", "warp", .185)]
    [InlineData("movietweetings-100k", "warp", .110)]
    public void Defaults_reach_the_peers_on_a_random_split(string dataset, string recommender, double ndcg)
    {
        if (Repository.SharedData is not { } shared)
        {
            Assert.Skip("The shared splits are not beside the checkout.");
            return;
        }

        using var folder = new TemporaryFolder();
        var ran = Programs.Run(
            KindredServer.Executable,
            [
                "evaluate", "--split", Path.Combine(shared, "splits", dataset), "--protocol", "p1",
                "--recommender", recommender, "--recs", folder["recs.csv"], "--json",
            ],
            limit: TimeSpan.FromMinutes(5));
        ran.ExitCode.ShouldBe(0, ran.Error);

        var scored = Programs.Run("python3", [Path.Combine(shared, "..", "eval", "score.py"), dataset, "p1", folder["recs.csv"]]);
        output.WriteLine(scored.Output);
        scored.ExitCode.ShouldBe(0, scored.Output + scored.Error);
        using var score = JsonDocument.Parse(scored.Output);
        score.RootElement.GetProperty("already_seen").GetInt32().ShouldBe(0);
        score.RootElement.GetProperty("ndcg@10").GetDouble().ShouldBeGreaterThanOrEqualTo(ndcg);
    }
}
