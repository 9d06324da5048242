using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Hybrid;
using Kindred.Algorithms.Sparse;
using Kindred.Training;
using Kindred.Training.Runs;

namespace Kindred.Service.Tests.Training;

public sealed class FilmClubTests
{
    [Fact]
    public void B_11_the_film_club_s_settings_are_the_preset_s()
    {
        var recommender = Recommenders.Find(FilmClub.Candidate.Recommender).ShouldNotBeNull();
        recommender.Name.ShouldBe("warp");
        var options = recommender.ReadOptions(FilmClub.Candidate.Options).ShouldBeOfType<HybridOptions>();
        (options.Factors, options.LearningRate, options.Schedule, options.Epochs, FilmClub.Seed).ShouldBe((64, 0.01f, HybridSchedule.Adagrad, 100, 42));
        TrainingEntry.Presets.ShouldBe(["film-club"]);
    }

    [Fact]
    public void B_11_users_with_21_ratings_hold_out_their_last_ten_and_every_rating_is_a_positive()
    {
        // User 0 has 21 ratings, the oldest of the highest item; user 1 has 20.
        var builder = new InteractionsBuilder();
        for (var k = 0; k < 21; k++)
        {
            builder.Add(0, 20 - k, 1, time: k, rating: k == 20 ? 1 : 10);
        }

        for (var k = 0; k < 20; k++)
        {
            builder.Add(1, k, 1, time: k, rating: 10);
        }

        var (train, test, users) = FilmClub.Split(builder.Build(2, 21, withRatings: true));
        users.ShouldBe(1);
        train.ByUser.RowColumns(0).ToArray().ShouldBe([.. Enumerable.Range(10, 11)]);
        test.ByUser.RowColumns(0).ToArray().ShouldBe([.. Enumerable.Range(0, 10)], "also the worst one");
        train.ByUser.AllValues.ToArray().ShouldAllBe(value => value == 1);
        (train.ByUser.RowLength(1), test.ByUser.RowLength(1)).ShouldBe((0, 0));
    }

    [Fact]
    public async Task B_11_a_run_with_the_preset_reports_precision_and_keeps_the_hybrid_in_the_bundle()
    {
        await using var world = await TrainingWorld.CreateAsync();
        FillFilms(world);
        var options = TrainingJson.Write(new RunOptions { Preset = FilmClub.Name });
        var queued = await world.Store.RequestAsync(world.Films.Number, RunTrigger.Hand, options, world.Settings.LeaseTime, CancellationToken.None);
        var run = (await world.TrainRun.ExecuteAsync(queued.ShouldNotBeNull().Id, "test", told: null, CancellationToken.None)).ShouldNotBeNull();

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        var report = TrainingJson.ReadReport(run.Report).ShouldNotBeNull();
        var note = report.Notes.ShouldHaveSingleItem();
        note.ShouldStartWith("film-club: precision@10 0.");
        note.ShouldContain("over 60 users with at least 21 ratings");

        // 24 of 48 films are to their taste; 14 of those remain, of which ten are held out: chance among all that remains would be 0.26.
        double.Parse(note["film-club: precision@10 ".Length..][..6], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0.4);
        report.Candidates.Select(candidate => candidate.Recommender).ShouldContain("warp");
        var head = (await world.Store.ReadAsync(world.Films.Number, default)).ShouldNotBeNull();
        var folder = Path.GetDirectoryName(Path.Combine(world.Platform.ModelsFolder, head.Bundle))!;
        Kindred.Algorithms.Files.ModelFile.Load(Path.Combine(folder, "warp.model")).Recommender.ShouldBe("warp");
    }

    [Fact]
    public async Task E5_a_run_keeps_the_picture_of_its_clusters_beside_the_bundle()
    {
        await using var world = await TrainingWorld.CreateAsync();
        FillFilms(world);
        var run = await world.RunAsync(world.Films, memory: null, "itemknn");
        run.State.ShouldBe(RunState.Succeeded, run.Error);
        var head = (await world.Store.ReadAsync(world.Films.Number, default)).ShouldNotBeNull();
        var folder = Path.GetDirectoryName(Path.Combine(world.Platform.ModelsFolder, head.Bundle))!;
        (await File.ReadAllTextAsync(Path.Combine(folder, "clusters.svg"))).ShouldContain("Films in 5 clusters");
    }

    // 60 people in two groups, each rating 24 of the 48 films: 20 of their own half, and four of the other that they did not like.
    private static void FillFilms(TrainingWorld world)
    {
        var random = new Random(7);
        for (var user = 0; user < 60; user++)
        {
            var mine = Enumerable.Range(0, 24).Select(k => (2 * k) + (user % 2)).ToArray();
            var others = Enumerable.Range(0, 24).Select(k => (2 * k) + 1 - (user % 2)).ToArray();
            random.Shuffle(mine);
            random.Shuffle(others);
            for (var k = 0; k < 24; k++)
            {
                world.Add(user, k % 6 == 5 ? others[k] : mine[k], world.Films, "rating", 1_000_000L * ((k * 60) + user), k % 6 == 5 ? 2 : 7 + random.Next(4));
            }
        }
    }
}
