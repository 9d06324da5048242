using System.Text.Json;
using Kindred.Cli;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Program;

public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindred-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_mistyped_verb_is_a_usage_error_with_a_suggestion()
    {
        var (code, output, error) = await RunAsync("trian");
        code.ShouldBe(ExitCode.Usage);
        output.ShouldBeEmpty();
        error.ShouldContain("Did you mean \"train\"?");
    }

    [Fact]
    public async Task A_missing_collection_is_not_found_and_a_missing_choice_is_usage()
    {
        (await RunAsync("train", "-c", "flims")).ShouldSatisfyAllConditions(ran => ran.Code.ShouldBe(ExitCode.NotFound), ran => ran.Error.ShouldContain("Did you mean \"films\"?"));
        (await RunAsync("train")).Code.ShouldBe(ExitCode.Usage);
        (await RunAsync("train", "-c", "films", "alz")).Code.ShouldBe(ExitCode.Usage);
        (await RunAsync("import", "nowhere.csv", "-c", "films")).Code.ShouldBe(ExitCode.NotFound);
    }

    [Theory]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("1.5 gib", 3L << 29)]
    [InlineData("800MB", 800_000_000L)]
    [InlineData("500000", 500_000L)]
    [InlineData("7B", 7L)]
    [InlineData("0", null)]
    [InlineData("-1GiB", null)]
    [InlineData("GiB", null)]
    [InlineData("1 GiX", null)]
    [InlineData("99999999TiB", null)]
    [InlineData("", null)]
    public void Sizes_are_read_as_people_write_them(string text, long? bytes) => ByteSize.Parse(text).ShouldBe(bytes);

    [Fact]
    public async Task A_promise_that_cannot_be_kept_is_refused_before_anything_is_read()
    {
        (await RunAsync("train", "-c", "films", "--memory", "100MiB")).ShouldSatisfyAllConditions(
            ran => ran.Code.ShouldBe(ExitCode.Usage), ran => ran.Error.ShouldContain("100MiB are not enough"));
        (await RunAsync("train", "ease", "-c", "films", "--memory", "1GiB")).ShouldSatisfyAllConditions(
            ran => ran.Code.ShouldBe(ExitCode.Usage), ran => ran.Error.ShouldContain("ease keeps its data in memory"));
        (await RunAsync("train", "-c", "films", "--memory", "much")).Code.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task E5_the_command_draws_clusters_of_films_to_a_file_or_to_standard_output()
    {
        (await RunAsync("picture", "clusters")).Code.ShouldBe(ExitCode.NotFound, "no ratings yet");
        (await RunAsync("picture", "clusters", "--k", "0")).Code.ShouldBe(ExitCode.Usage);
        var ratings = Path.Combine(_folder.FullName, "ratings.csv");
        await File.WriteAllLinesAsync(
            ratings, ["userId,movieId,rating,timestamp", .. Enumerable.Range(0, 40).Select(k => $"{k / 5},{((k / 5) + k) % 8},{1 + (k % 5)},{1_700_000_000 + k}")], TestContext.Current.CancellationToken);
        (await RunAsync("import", ratings, "-c", "films")).ShouldSatisfyAllConditions(ran => ran.Code.ShouldBe(ExitCode.Ok, ran.Error));
        var file = Path.Combine(_folder.FullName, "clusters.svg");
        (await RunAsync("picture", "clusters", "--out", file)).Code.ShouldBe(ExitCode.Ok);
        var (code, output, _) = await RunAsync("picture", "clusters", "-c", "films");
        code.ShouldBe(ExitCode.Ok);
        output.ShouldBe(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        output.ShouldStartWith("<svg ");
        output.ShouldContain("Films in 5 clusters");
        (await RunAsync("picture", "clusters", "--k", "3")).Output.ShouldContain("Films in 3 clusters");
    }

    [Fact]
    public async Task B_11_the_preset_is_known_by_name_and_names_its_recommender_itself()
    {
        (await RunAsync("train", "-c", "films", "--preset", "film-culb")).ShouldSatisfyAllConditions(
            ran => ran.Code.ShouldBe(ExitCode.Usage), ran => ran.Error.ShouldContain("Did you mean \"film-club\"?"));
        (await RunAsync("train", "als", "-c", "films", "--preset", "film-club")).Code.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task An_admin_is_invited_by_the_command_line()
    {
        var (code, link, error) = await RunAsync("users", "invite", "ada@example.org", "--role", "admin");
        code.ShouldBe(ExitCode.Ok, error);
        link.Trim().ShouldStartWith("http://127.0.0.1:8000/invitation#token=");
        (await RunAsync("users", "invite", "ada@example.org", "--role", "admn")).ShouldSatisfyAllConditions(
            ran => ran.Code.ShouldBe(ExitCode.NotFound), ran => ran.Error.ShouldContain("Did you mean \"admin\"?"));
        (await RunAsync("users", "invite", "nobody")).Code.ShouldBe(ExitCode.Usage);
        (await RunAsync("users", "list")).Error.ShouldContain("nobody yet", customMessage: "an invitation is not an account");
        (await RunAsync("users", "list", "--set", "accounts.password_rounds=1000")).ShouldSatisfyAllConditions(
            ran => ran.Code.ShouldBe(ExitCode.Usage), ran => ran.Error.ShouldContain("accounts.password_rounds"));
    }

    [Fact]
    public async Task A_wrong_setting_is_a_usage_error_on_stderr()
    {
        var (code, output, error) = await RunAsync("config", "show", "--set", "training.thread=2");
        code.ShouldBe(ExitCode.Usage);
        output.ShouldBeEmpty();
        error.ShouldContain("training.thread: unknown setting");
    }

    [Fact]
    public async Task Config_show_writes_one_object_of_json()
    {
        var (code, output, _) = await RunAsync("config", "show", "--json", "--set", "training.threads=2");
        code.ShouldBe(ExitCode.Ok);
        var threads = JsonDocument.Parse(output).RootElement.GetProperty("training.threads");
        threads.GetProperty("value").GetInt32().ShouldBe(2);
        threads.GetProperty("source").GetString().ShouldBe("flag --set");
    }

    [Fact]
    public async Task Every_verb_has_help_with_examples_that_start_with_its_name()
    {
        var (code, output, _) = await RunAsync("--help");
        code.ShouldBe(ExitCode.Ok);
        foreach (var verb in new[] { "serve", "import", "train", "evaluate", "migrate" })
        {
            output.ShouldContain($"  {verb}", Case.Sensitive);
            (await RunAsync(verb, "--help")).Output.ShouldContain($"Examples:\n  kindred {verb}");
        }
    }

    [Fact]
    public async Task Migrate_plans_without_touching_and_applies_once()
    {
        var (_, planned, _) = await RunAsync("migrate", "--plan");
        planned.ShouldContain("training/0001_training missing");
        (await RunAsync("migrate")).Output.ShouldContain("training/0001_training applied now");
        (await RunAsync("migrate")).Output.ShouldBeEmpty();
        (await RunAsync("migrate", "--plan")).Output.ShouldContain("training/0001_training applied");
    }

    [Fact]
    public async Task Evaluate_on_a_split_breaks_ties_by_id_and_writes_a_line_for_every_user()
    {
        var train = Enumerable.Range(1, 12).SelectMany(item => new[] { $"u1,{item},5,0", $"u2,{item},5,0" }.Where(row => item > 10 || row.StartsWith("u1", StringComparison.Ordinal)));
        await File.WriteAllLinesAsync(Path.Combine(_folder.FullName, "p1_train.csv"), ["user,item,rating,timestamp", .. train]);
        await File.WriteAllLinesAsync(Path.Combine(_folder.FullName, "p1_test.csv"), ["user,item,rating,timestamp", "u2,2,5,0", "u2,99,5,0"]);
        var recs = Path.Combine(_folder.FullName, "recs.csv");

        var (code, output, error) = await RunAsync("evaluate", "--split", _folder.FullName, "--recommender", "popularity", "--recs", recs, "--json");

        code.ShouldBe(ExitCode.Ok, error);
        (await File.ReadAllLinesAsync(recs)).ShouldBe(["u1", "u2,1,2,3,4,5,6,7,8,9,10"]);
        var metrics = JsonDocument.Parse(output).RootElement.GetProperty("metrics");
        metrics.GetProperty("recall@10").GetDouble().ShouldBe(0.5);
        metrics.GetProperty("mrr@10").GetDouble().ShouldBe(0.5);
    }

    [Fact]
    public async Task Evaluate_agrees_with_the_shared_split()
    {
        var split = SharedSplit();
        if (!Directory.Exists(split))
        {
            Assert.Skip("The shared splits are not beside the checkout.");
        }

        var (code, output, error) = await RunAsync("evaluate", "--split", split, "--recommender", "itemknn", "--json");
        code.ShouldBe(ExitCode.Ok, error);
        JsonDocument.Parse(output).RootElement.GetProperty("metrics").GetProperty("ndcg@10").GetDouble().ShouldBeGreaterThan(0.223);
    }

    [Fact]
    public async Task Options_of_the_wrong_form_are_a_usage_error() =>
        (await RunAsync("evaluate", "--split", _folder.FullName, "--recommender", "popularity", "--options", "{\"x\":1}")).Code.ShouldBeOneOf(ExitCode.Usage, ExitCode.NotFound);

    private static string SharedSplit()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Kindred.slnx")))
            {
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data", "splits", "ml-latest-small"));
            }
        }

        return "";
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        string[] all = arguments.Contains("--help") ? arguments : [.. arguments, "--data", Path.Combine(_folder.FullName, "data")];
        var code = await CommandLine.RunAsync(all, parsed => new Terminal(
            output, error, parsed.GetValue(CommonOptions.Json), parsed.GetValue(CommonOptions.Quiet), interactive: false, color: false));
        return (code, output.ToString(), error.ToString());
    }
}
