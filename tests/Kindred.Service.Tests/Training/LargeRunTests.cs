using Kindred.Platform.Collections;
using Kindred.Training;
using Kindred.Training.Runs;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

/// <summary>Runs within a promised memory: files in the place of tables, and nothing else is different.</summary>
public sealed class LargeRunTests
{
    private const long Memory = 1L << 30;

    [Theory]
    [InlineData("last_of_user", 120, false)]
    [InlineData("temporal", 300, false)]
    [InlineData("random", 120, true)]
    public async Task A_shop_gets_the_split_the_figures_and_the_models_of_a_run_in_memory(string kind, int users, bool timeless)
    {
        await using var world = await TrainingWorld.CreateAsync();
        FillShop(world, users, timeless);

        await ShouldAgree(world, world.Shop, kind);
    }

    [Fact]
    public async Task Ratings_read_alike_too()
    {
        await using var world = await TrainingWorld.CreateAsync();
        var random = new Random(3);
        for (var n = 0; n < 15; n++)
        {
            for (var user = 0; user < 600; user++)
            {
                // Views before and after ratings, films rated anew, some badly, several events of one time.
                var item = (random.Next(20) * 2) + (user % 2);
                var at = 1_000_000L * ((n * 600) + (user / 4 * 4));
                world.Add(user, item, world.Films, random.Next(3) == 0 ? "view" : "rating", at, random.Next(5) == 0 ? random.Next(1, 5) : random.Next(5, 11));
            }
        }

        await ShouldAgree(world, world.Films, "temporal");
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_before_training_with_the_size_that_would()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        world.Add(30_000_000, 1, world.Shop, "purchase", 5);

        var run = await world.RunAsync(world.Shop, Memory, "als");

        run.State.ShouldBe(RunState.Failed);
        run.Error.ShouldNotBeNull().ShouldContain("1024MiB are not enough");
        run.Error.ShouldContain("This work needs ");
        (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldBeNull();
        Directory.Exists(world.Platform.ModelsFolder).ShouldBeTrue();
        Directory.GetDirectories(world.Platform.ModelsFolder).ShouldBeEmpty("files of the work are gone");
    }

    [Fact]
    public async Task Another_live_recommender_stays()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        (await world.RunAsync("itemknn")).State.ShouldBe(RunState.Succeeded);

        var run = await world.RunAsync(world.Shop, Memory);

        run.State.ShouldBe(RunState.Refused, run.Error);
        TrainingJson.ReadReport(run.Report).ShouldNotBeNull().Reason.ShouldContain("The live itemknn stays");
    }

    [Fact]
    public async Task Little_data_gives_popularity_and_none_gives_nothing()
    {
        await using var world = await TrainingWorld.CreateAsync();
        (await world.RunAsync(world.Shop, Memory)).Error.ShouldBe("There are no positive events yet.");

        world.Add(0, 0, world.Shop, "purchase", 1);
        var run = await world.RunAsync(world.Shop, Memory);

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        TrainingJson.ReadReport(run.Report).ShouldNotBeNull().Reason.ShouldStartWith("Popularity only");
    }

    [Fact]
    public async Task What_is_left_out_is_said()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();

        var run = await world.RunAsync(world.Shop, Memory);

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        TrainingJson.ReadReport(run.Report).ShouldNotBeNull().Notes.ShouldBe(["Within a promised memory only popularity and als are trained; left out: itemknn."]);
    }

    private static void FillShop(TrainingWorld world, int users, bool timeless)
    {
        var random = new Random(7);
        for (var n = 0; n < 14; n++)
        {
            for (var user = 0; user < users; user++)
            {
                var at = timeless ? 5 : 1_000_000L * ((n * users) + user);
                world.Add(user, (random.Next(25) * 2) + (user % 2), world.Shop, random.Next(4) == 0 ? "view" : "purchase", at);
            }
        }
    }

    // The same events in two worlds of their own would do as well; the second run of one world defends the first, which is the same model.
    private static async Task ShouldAgree(TrainingWorld world, Collection collection, string kind)
    {
        var small = await world.RunAsync(collection, memory: null, "als");
        small.State.ShouldBe(RunState.Succeeded, small.Error);
        var large = await world.RunAsync(collection, Memory, "als");
        large.State.ShouldBe(RunState.Succeeded, large.Error);

        (large.Items, large.Users, large.Events, large.LastSequence).ShouldBe((small.Items, small.Users, small.Events, small.LastSequence));
        var (expected, report) = (TrainingJson.ReadReport(small.Report).ShouldNotBeNull(), TrainingJson.ReadReport(large.Report).ShouldNotBeNull());
        expected.Split.ShouldBe(kind);
        (report.Split, report.Cutoff, report.TestUsers, report.Winner, report.Reason).ShouldBe((kind, expected.Cutoff, expected.TestUsers, "als", expected.Reason));
        foreach (var (row, other) in report.Candidates.Zip(expected.Candidates))
        {
            row.Recommender.ShouldBe(other.Recommender);
            row.Metrics.ShouldBe(other.Metrics, ignoreOrder: true);
            row.OverPopularity.ShouldBe(other.OverPopularity);
        }

        foreach (var model in (string[])["als", "popularity"])
        {
            Bytes(large, model).ShouldBe(Bytes(small, model), model);
        }

        byte[] Bytes(Run run, string model) => File.ReadAllBytes(Path.Combine(world.Platform.ModelsFolder, $"run-{run.Id:D6}", $"{model}.model"));
    }
}
