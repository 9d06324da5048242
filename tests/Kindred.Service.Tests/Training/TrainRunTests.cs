using Kindred.Algorithms.Models;
using Kindred.Training;
using Kindred.Training.Runs;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Training;

public sealed class TrainRunTests
{
    [Fact]
    public async Task A_recommender_that_beats_popularity_goes_live()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();

        var run = await world.RunAsync();

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        var report = TrainingJson.ReadReport(run.Report).ShouldNotBeNull();
        report.Split.ShouldBe("last_of_user", "fewer than a hundred users are active on both sides of one cut");
        report.Winner.ShouldBe("itemknn");
        report.Candidates.Select(candidate => candidate.Recommender).ShouldBe(["popularity", "itemknn"]);
        report.Candidates[1].OverPopularity.ShouldNotBeNull().Low.ShouldBeGreaterThan(0);
        var segments = report.Candidates[1].Segments.ShouldNotBeNull();
        segments.Select(segment => segment.Segment).ShouldBe(["all", "cold", "medium", "heavy"]);
        segments[0].Ndcg.ShouldBe(report.Candidates[1].Metrics["ndcg@10"], 1e-9);
        segments[0].Coverage.ShouldBeGreaterThan(report.Candidates[0].Segments.ShouldNotBeNull()[0].Coverage);
        var head = (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull();
        head.Version.ShouldBe(1);
        var bundle = Path.Combine(world.Platform.ModelsFolder, head.Bundle);
        (await File.ReadAllTextAsync(bundle)).ShouldContain("\"personal\": \"itemknn.model\"");
        Kindred.Algorithms.Files.ModelFile.Load(Path.Combine(Path.GetDirectoryName(bundle)!, "itemknn.model")).Items.ShouldBe(40);
    }

    [Fact]
    public async Task A_hybrid_trains_on_categories_and_places_products_that_nobody_bought()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        for (var item = 0; item < 44; item++)
        {
            world.AddItem(item, deleted: item == 43, item % 2 == 0 ? "even" : "odd");
        }

        var run = await world.RunAsync("warp");

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        TrainingJson.ReadReport(run.Report).ShouldNotBeNull().Winner.ShouldBe("warp");
        var head = (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull();
        var folder = Path.GetDirectoryName(Path.Combine(world.Platform.ModelsFolder, head.Bundle))!;
        var model = Kindred.Algorithms.Files.ModelFile.Load(Path.Combine(folder, "warp.model"));
        model.Items.ShouldBe(43, "the last with a category; a deleted one has none");
        Kindred.Algorithms.Files.ModelFile.Load(Path.Combine(folder, "popularity.model")).Items.ShouldBe(43, "a bundle's models know the same items");
        var scores = new float[43];
        model.Score(model.Fold(new History([2, 6, 10, 14], [1, 1, 1, 1])), scores);
        scores[40].ShouldBeGreaterThan(scores[41]);
        scores[42].ShouldBeGreaterThan(scores[41]);
        model.Score(model.Fold(new History([3, 7, 11, 15], [1, 1, 1, 1])), scores);
        scores[41].ShouldBeGreaterThan(scores[40]);
    }

    [Fact]
    public async Task What_is_bought_together_is_learned_from_whole_baskets_and_not_led_by_what_everybody_buys()
    {
        // Bread and butter (0, 1) lie in every third basket together and milk (2) in nearly every one; whoever buys 3 buys 4 with it, again and again.
        await using var world = await TrainingWorld.CreateAsync();
        var random = new Random(3);
        for (var basket = 0; basket < 600; basket++)
        {
            var (user, at) = (basket % 40, basket * 7_200_000_000L);
            foreach (var item in (int[])[.. random.NextDouble() < 0.9 ? [2] : Array.Empty<int>(), .. basket % 3 == 0 ? [0, 1] : Array.Empty<int>(), .. basket % 7 == 0 ? [3, 4] : Array.Empty<int>(), 5 + random.Next(30)])
            {
                world.Add(user, item, world.Shop, "purchase", at);
            }
        }

        (await world.RunAsync("popularity", "copurchase", "covisit", "itemknn")).State.ShouldBe(RunState.Succeeded);
        var head = (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull();
        var folder = Path.GetDirectoryName(Path.Combine(world.Platform.ModelsFolder, head.Bundle))!;
        Best("covisit", 3).ShouldBe(4);
        Best("covisit", 0).ShouldBe(1);
        Best("copurchase", 3).ShouldBe(2, "counts are led by milk");

        int Best(string recommender, int item)
        {
            var model = Kindred.Algorithms.Files.ModelFile.Load(Path.Combine(folder, recommender + ".model"));
            var scores = new float[model.Items];
            model.Similar(item, scores).ShouldBeTrue();
            scores[item] = float.MinValue;
            return Array.IndexOf(scores, scores.Max());
        }
    }

    [Fact]
    public async Task Without_a_hybrid_the_catalogue_changes_nothing()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        world.AddItem(60, deleted: false, "even");

        (await world.RunAsync("itemknn")).Items.ShouldBe(40);
    }

    [Fact]
    public async Task Where_nothing_beats_popularity_the_first_bundle_is_popularity_and_says_so()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithFashion();

        var run = await world.RunAsync();

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        var report = TrainingJson.ReadReport(run.Report).ShouldNotBeNull();
        report.Winner.ShouldBe("popularity");
        report.Reason.ShouldContain("not better than popularity");
    }

    [Fact]
    public async Task A_run_that_does_not_beat_popularity_leaves_a_personal_model_live_and_keeps_its_figures()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste();
        await world.RunAsync();
        world.Clear();
        world.FillWithFashion();

        var run = await world.RunAsync();

        run.State.ShouldBe(RunState.Refused);
        TrainingJson.ReadReport(run.Report).ShouldNotBeNull().Candidates.Count.ShouldBe(2);
        (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldNotBeNull().Run.ShouldBe("1");
        Directory.Exists(Path.Combine(world.Platform.ModelsFolder, "run-000002")).ShouldBeFalse();
    }

    [Fact]
    public async Task Too_few_positives_give_popularity_without_a_comparison()
    {
        await using var world = await TrainingWorld.CreateAsync();
        for (var user = 0; user < 5; user++)
        {
            world.Add(user, user % 2, world.Shop, "purchase", user);
        }

        var run = await world.RunAsync();

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        var report = TrainingJson.ReadReport(run.Report).ShouldNotBeNull();
        report.Winner.ShouldBe("popularity");
        report.Candidates.ShouldBeEmpty();
        report.Notes.ShouldHaveSingleItem().ShouldContain("too few");
    }

    [Fact]
    public async Task Without_a_positive_event_nothing_is_published()
    {
        await using var world = await TrainingWorld.CreateAsync();

        var run = await world.RunAsync();

        run.State.ShouldBe(RunState.Refused);
        (await world.Store.ReadAsync(world.Shop.Number, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_newest_generations_of_bundles_stay()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste(users: 60);
        for (var k = 0; k < 5; k++)
        {
            (await world.RunAsync()).State.ShouldBe(RunState.Succeeded);
        }

        Directory.GetDirectories(world.Platform.ModelsFolder).Select(Path.GetFileName).Order().ShouldBe(["run-000003", "run-000004", "run-000005"]);
    }

    [Fact]
    public async Task The_same_events_and_seed_give_the_same_bytes()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste(users: 60);
        await world.RunAsync();
        await world.RunAsync();

        byte[] Read(int run) => File.ReadAllBytes(Path.Combine(world.Platform.ModelsFolder, $"run-{run:D6}", "itemknn.model"));
        Read(2).ShouldBe(Read(1));
    }

    [Fact]
    public async Task A_cancelled_run_ends_as_cancelled_and_frees_its_collection()
    {
        await using var world = await TrainingWorld.CreateAsync();
        world.FillWithTaste(users: 20);
        var run = (await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", world.Settings.LeaseTime, default)).ShouldNotBeNull();
        using var cancelled = new CancellationTokenSource();

        var ended = await world.TrainRun.ExecuteAsync(run.Id, "test", (_, _) => cancelled.Cancel(), cancelled.Token);

        ended.ShouldNotBeNull().State.ShouldBe(RunState.Cancelled);
        (await world.Store.RequestAsync(world.Shop.Number, RunTrigger.Hand, "{}", world.Settings.LeaseTime, default)).ShouldNotBeNull();
    }
}
