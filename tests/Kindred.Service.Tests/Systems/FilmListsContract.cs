using System.Globalization;
using System.Net.Http;
using Dapper;
using Kindred.Accounts;
using Kindred.Algorithms.Models.Popularity;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Service.Tests.Systems;

/// <summary>What is recommended from ratings of films, over HTTP, system by system and on every database.</summary>
public abstract partial class FilmListsContract : ProgramContract
{
    private static readonly string[] s_five = ["Film 1", "Film 2", "Film 3", "Film 4", "Film 5"];
    private readonly OffsetClock _clock = new();
    private readonly System.Collections.Concurrent.ConcurrentQueue<RecommendationsMade> _told = new();
    private string _admin = "";

    private protected override async Task<ProgramWorld> StartAsync() => await ProgramWorld.StartAsync(await ConnectionStringAsync(), clock: _clock, services: services => services.AddSingleton<IMessageHandler>(new Listener(CinemaTopics.Recommendations, message => _told.Enqueue(message.Read<RecommendationsMade>()))));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _admin = (await World.Get<ApiKeys>().CreateAsync("admin", [Scopes.Admin], [], expiresAt: null, Cancellation)).Secret;
    }

    [Fact]
    public async Task C18_the_worked_example_by_the_nearest_users_and_what_they_rated_highly()
    {
        await FillExampleAsync();

        // cosines: ben .7183, dora .3816, cleo .2364; film 3: 9.8545, film 6: 3.4343, film 5: 2.1272.
        var reply = await World.GetAsync($"/recom/v1/user/{User(1)}");
        reply.Status.ShouldBe(200, reply.Text);
        reply.Text.ShouldBe($$"""{"user_id":"{{User(1)}}","recommendations":[{"movie_id":"{{Film(3)}}"},{"movie_id":"{{Film(6)}}"},{"movie_id":"{{Film(5)}}"}]}""");
        (await World.GetAsync($"/recom/v1/user/{User(1).ToString().ToUpperInvariant()}")).Text.ShouldBe(reply.Text);
    }

    [Fact]
    public async Task C18_a_stranger_gets_an_empty_list_and_no_uuid_is_422()
    {
        await FillExampleAsync();
        (await World.GetAsync($"/recom/v1/user/{User(99)}")).Text.ShouldBe($$"""{"user_id":"{{User(99)}}","recommendations":[]}""");
        (await World.GetAsync($"/recom/v1/user/{User(5)}")).Body.GetProperty("recommendations").GetArrayLength().ShouldBe(0, "shares no film with anybody");
        foreach (var id in new[] { "anna", "17", "3d825f60-9fff-4dfe-b294" })
        {
            (await World.GetAsync("/recom/v1/user/" + id)).Status.ShouldBe(422, id);
        }
    }

    [Fact]
    public async Task C18_only_five_neighbours_speak_and_at_most_ten_films_come()
    {
        for (var k = 1; k <= 6; k++)
        {
            // The nearer, the less else they rated; each recommends three films of their own.
            await RateAsync(k + 1, 1, 10);
            for (var j = 0; j < 3; j++)
            {
                await RateAsync(k + 1, (10 * k) + j, 7);
            }

            for (var j = 0; j < k; j++)
            {
                await RateAsync(k + 1, 900 + (10 * k) + j, 6);
            }
        }

        await RateAsync(1, 1, 10);
        var films = await FilmsAsync($"/recom/v1/user/{User(1)}");
        films.ShouldBe([.. new[] { 10, 11, 12, 20, 21, 22, 30, 31, 32, 40 }.Select(Film)], "of equal scores the smaller id");
        await World.GetAsync($"/recom/v1/user/{User(1)}?model=userknn");
        foreach (var film in films)
        {
            await RateAsync(1, int.Parse(film.ToString()[^12..], CultureInfo.InvariantCulture), 1);
        }

        var rest = await FilmsAsync($"/recom/v1/user/{User(1)}");
        rest.ShouldNotContain(Film(60), "the sixth is no neighbour of five");
        rest.ShouldNotBeEmpty();
        rest.ShouldNotContain(film => films.Contains(film), "what is rated is not recommended, however low");
    }

    [Fact]
    public async Task C18_a_changed_and_a_deleted_rating_of_a_neighbour_count_at_once()
    {
        await FillExampleAsync();
        var likes = (await World.GetAsync($"/social/v1/likes/?user_id={User(4)}", _admin)).Body.EnumerateArray().ToDictionary(like => like.GetProperty("movie_id").GetGuid(), like => like.GetProperty("id").GetString());
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await World.SendAsync(HttpMethod.Put, $"/social/v1/likes/{likes[Film(6)]}?rating=6", null, _admin)).Status.ShouldBe(200);
        (await FilmsAsync($"/recom/v1/user/{User(1)}")).ShouldBe([Film(3), Film(5)]);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var ben = (await World.GetAsync($"/social/v1/likes/?user_id={User(2)}", _admin)).Body.EnumerateArray().First(like => like.GetProperty("movie_id").GetGuid() == Film(3)).GetProperty("id").GetString();
        (await World.SendAsync(HttpMethod.Delete, $"/social/v1/likes/{ben}", null, _admin)).Status.ShouldBe(200);
        (await World.SendAsync(HttpMethod.Delete, $"/social/v1/likes/{likes[Film(3)]}", null, _admin)).Status.ShouldBe(200);
        (await FilmsAsync($"/recom/v1/user/{User(1)}")).ShouldBe([Film(5)]);
    }

    [Fact]
    public async Task C19_films_like_those_all_rate_highly_in_their_order()
    {
        (await World.GetAsync("/recom/v1/general")).Text.ShouldBe("""{"recommendations":[]}""");
        await FillExampleAsync();
        _clock.Advance(TimeSpan.FromSeconds(61));

        // Averages of 7 and more, best first: 7, 5, 6, 3, 2, 1; like 5: 1; like 6: 2, 3; like 3: 4, 2, 6, 1; like 1: 2, 4, 3, 5.
        (await FilmsAsync("/recom/v1/general")).ShouldBe([Film(1), Film(2), Film(3), Film(4), Film(6), Film(5)]);
    }

    [Fact]
    public async Task C20_a_list_stands_for_its_time_and_a_person_s_falls_with_their_next_rating()
    {
        await FillExampleAsync();
        var (of, general) = ($"/recom/v1/user/{User(1)}", "/recom/v1/general");
        var (mine, all) = ((await World.GetAsync(of)).Text, (await World.GetAsync(general)).Text);
        await RateAsync(2, 8, 10);
        (await World.GetAsync(of)).Text.ShouldBe(mine, "somebody else's rating");
        (await World.GetAsync(general)).Text.ShouldBe(all);
        (await World.SendAsync(HttpMethod.Get, of, null, null, ("Cache-Control", "no-cache"))).Text.ShouldContain(Film(8).ToString());
        await RateAsync(1, 3, 10);
        (await World.GetAsync(of)).Text.ShouldNotContain(Film(3).ToString());
        await RateAsync(2, 9, 10);
        (await World.GetAsync(of)).Text.ShouldNotContain(Film(9).ToString());
        _clock.Advance(TimeSpan.FromSeconds(31));
        (await World.GetAsync(of)).Text.ShouldContain(Film(9).ToString());
        (await World.GetAsync(general)).Text.ShouldBe(all);
        _clock.Advance(TimeSpan.FromSeconds(30));
        (await World.GetAsync(general)).Text.ShouldNotBe(all);
    }

    [Fact]
    public async Task C21_a_new_list_is_told_once_with_titles_and_an_empty_or_kept_one_is_not()
    {
        await FillExampleAsync();
        await World.GetAsync($"/recom/v1/user/{User(99)}");
        await World.GetAsync($"/recom/v1/user/{User(5)}");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => World.GetAsync($"/recom/v1/user/{User(1)}")));
        await World.GetAsync("/recom/v1/general");
        await World.GetAsync("/recom/v1/general");
        await UntilAsync(() => _told.Count >= 2);
        await Task.Delay(200, Cancellation);
        _told.Count.ShouldBe(2);
        var mine = _told.Single(told => told.UserId is not null);
        mine.UserId.ShouldBe(User(1));
        mine.Recommendations.Select(film => (film.MovieId, film.Title)).ShouldBe([(Film(3).ToString(), "Film 3"), (Film(6).ToString(), "Film 6"), (Film(5).ToString(), "Film 5")]);
        _told.Single(told => told.UserId is null).Recommendations.Count.ShouldBe(6);
    }

    [Fact]
    public async Task C21_a_list_is_answered_though_nobody_can_be_told()
    {
        await FillExampleAsync();
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        await connection.ExecuteAsync("alter table outbox rename to outbox_away");
        (await FilmsAsync($"/recom/v1/user/{User(1)}")).Length.ShouldBe(3);
        await connection.ExecuteAsync("alter table outbox_away rename to outbox");
    }

    [Fact]
    public async Task Lists_of_the_cinema_are_open_where_the_collection_says_so_and_else_one_s_own()
    {
        await using var production = await ProgramWorld.StartAsync(await ConnectionStringAsync(), settings => settings with { Environment = "production" });
        (await production.GetAsync($"/recom/v1/user/{User(1)}")).Status.ShouldBe(401);
        (await production.GetAsync("/rec_nonauth")).Status.ShouldBe(401);
        var anna = await production.PersonAsync("anna@example.org");
        var ben = await production.PersonAsync("ben@example.org");
        foreach (var (who, film, rating) in new[] { (ben, 1, 9), (ben, 2, 9), (anna, 1, 9) })
        {
            (await production.PostAsync("/social/v1/likes/", new { movie_id = Film(film), user_id = who.Id, rating }, who.Token)).Status.ShouldBe(200);
        }

        (await production.GetAsync($"/recom/v1/user/{anna.Id}", anna.Token)).Text.ShouldContain(Film(2).ToString());
        (await production.GetAsync($"/recom/v1/user/{anna.Id}", ben.Token)).Text.ShouldBe($$"""{"user_id":"{{anna.Id}}","recommendations":[]}""");
        (await production.GetAsync("/rec_nonauth", ben.Token)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task B_05_a_person_s_five_titles_leave_out_what_they_have_rated()
    {
        await FillClubAsync();
        var anna = await World.PersonAsync("anna@example.org");
        (string, string) cookie = ("Cookie", "bonds=" + anna.Token);
        (await TitlesAsync("/rec_auth", cookie)).ShouldBe(s_five, "of somebody new nothing is known");
        (await World.SendAsync(HttpMethod.Post, "/ratings", new { film_id = Film(2), rating = 5 }, null, cookie)).Status.ShouldBe(201);
        (await TitlesAsync("/rec_auth", cookie)).ShouldBe(["Film 1", "Film 3", "Film 4", "Film 5", "Film 6"]);
        (await TitlesAsync("/rec_auth?model=bayes", cookie)).ShouldBe(["Film 1", "Film 3", "Film 4", "Film 5", "Film 6"]);
        (await TitlesAsync("/rec_auth?model=userknn", cookie))[0].ShouldBe("Film 3", "the neighbour's best");
        (await TitlesAsync("/rec_auth?model=clusters", cookie)).ShouldNotContain("Film 2");
        foreach (var model in new[] { "warp", "hybrid" })
        {
            (await World.SendAsync(HttpMethod.Get, "/rec_auth?model=" + model, null, null, cookie)).Status.ShouldBe(503, "not trained yet");
        }

        (await World.SendAsync(HttpMethod.Get, "/rec_auth?model=magic", null, null, cookie)).Status.ShouldBe(422);
        var nobody = await World.GetAsync("/rec_auth");
        nobody.Status.ShouldBe(401);
        nobody["detail"].ShouldBe("Unauthorized");
    }

    [Fact]
    public async Task B_05_the_hybrid_answers_once_it_is_trained_by_the_preset()
    {
        // Two tastes, 24 films each; everybody has rated 22 of their own and two of the others.
        for (var film = 1; film <= 48; film++)
        {
            await PutFilmAsync(Film(film).ToString(), $"Film {film}", film % 2 == 1 ? "Film-Noir" : "Sci-Fi");
        }

        List<ImportedEvent> ratings = [];
        for (var user = 0; user < 60; user++)
        {
            for (var k = 0; k < 24; k++)
            {
                var film = (2 * ((k + user) % 24)) + ((user + (k >= 22 ? 1 : 0)) % 2) + 1;
                ratings.Add(new ImportedEvent($"r{user}/{k}", User(user).ToString(), Film(film).ToString(), "rating", k >= 22 ? 2 : 9, 1_700_000_000_000_000 + ((k * 60) + user) * 1_000_000L));
            }
        }

        (await World.Get<IEventImport>().WriteAsync(World.Get<Platform.Collections.CollectionRegistry>().Find("films")!.Number, ratings, Cancellation)).Accepted.ShouldBe(ratings.Count);
        var run = (await World.Get<Kindred.Training.TrainingEntry>().TrainAsync("films", "hand", [], seed: null, memory: null, "film-club", told: null, Cancellation)).ShouldNotBeNull();
        run.State.ShouldBe("succeeded", run.Error);
        var anna = await World.PersonAsync("anna@example.org");
        (string, string) cookie = ("Cookie", "bonds=" + anna.Token);
        foreach (var film in new[] { 1, 3, 5 })
        {
            await RateStarsAsync(anna.Token, film, 5);
        }

        await World.Get<Recommendations.LocalRecommendations>().RefreshAsync("films", Cancellation);
        foreach (var model in new[] { "hybrid", "warp", "auto", "userknn" })
        {
            var titles = await TitlesAsync("/rec_auth?model=" + model, cookie);
            titles.Length.ShouldBe(5);
            titles.ShouldAllBe(title => int.Parse(title!.Split(' ')[1], CultureInfo.InvariantCulture) % 2 == 1, model);
            titles.ShouldNotContain(title => title == "Film 1" || title == "Film 3" || title == "Film 5");
        }

        (await World.SendAsync(HttpMethod.Post, "/rec_genre_auth?genre=sci-fi&model=warp", null, null, cookie)).Body.EnumerateArray()
            .Select(title => int.Parse(title.GetString()!.Split(' ')[1], CultureInfo.InvariantCulture) % 2).ShouldBe([0, 0, 0, 0, 0]);
    }

    [Fact]
    public async Task B_06_a_genre_is_written_in_any_case_and_a_wrong_one_names_all_seventeen()
    {
        await FillClubAsync();
        var anna = await World.PersonAsync("anna@example.org");
        (string, string) cookie = ("Cookie", "bonds=" + anna.Token);
        foreach (var genre in new[] { "sci-fi", "Sci-Fi", "SCI-FI" })
        {
            var reply = await World.SendAsync(HttpMethod.Post, "/rec_genre_auth?genre=" + genre, null, null, cookie);
            reply.Status.ShouldBe(200, reply.Text);
            reply.Text.ShouldBe("""["Film 2","Film 4","Film 6","Film 8","Film 10"]""");
        }

        var wrong = await World.SendAsync(HttpMethod.Post, "/rec_genre_auth?genre=children", null, null, cookie);
        wrong.Status.ShouldBe(404);
        wrong["detail"].ShouldBe("wrong genre, choose from: ['Action', 'Adventure', 'Animation', 'Comedy', 'Crime', 'Documentary', 'Drama', 'Fantasy', 'Film-Noir', 'Horror', 'Musical', 'Mystery', 'Romance', 'Sci-Fi', 'Thriller', 'War', 'Western']");
        (await World.SendAsync(HttpMethod.Post, "/rec_genre_auth", null, null, cookie)).Status.ShouldBe(422);
        (await World.SendAsync(HttpMethod.Post, "/rec_genre_auth?genre=drama")).Status.ShouldBe(401);
        await RateStarsAsync(anna.Token, 4, 5);
        (await World.SendAsync(HttpMethod.Post, "/rec_genre_auth?genre=sci-fi", null, null, cookie)).Text.ShouldNotContain("Film 4");
    }

    [Fact]
    public async Task B_07_B_08_everybody_gets_the_five_best_by_the_rule_of_all_and_of_a_genre()
    {
        (await World.GetAsync("/rec_nonauth")).Text.ShouldBe("[]", "no films yet");
        await FillClubAsync();
        _clock.Advance(TimeSpan.FromSeconds(31));
        (await TitlesAsync("/rec_nonauth")).ShouldBe(s_five);
        (await World.PostAsync("/rec_genre_nonauth?genre=film-noir")).Text.ShouldBe("""["Film 1","Film 3","Film 5","Film 7","Film 9"]""");
        (await World.PostAsync("/rec_genre_nonauth?genre=western")).Text.ShouldBe("[]");
        (await World.PostAsync("/rec_genre_nonauth?genre=imax")).Status.ShouldBe(404);
        (await World.PostAsync("/rec_genre_nonauth")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task B_09_only_films_with_more_ratings_than_most_have_are_ranked_before_the_others()
    {
        // Film 1 has three ratings of 6, the others one each from 10 down: m = int(1.2) = 1.
        await FillClubAsync();
        (await TitlesAsync("/rec_nonauth"))[0].ShouldBe("Film 1");
    }

    [Fact]
    public async Task B_10_a_kept_answer_has_a_tag_and_falls_with_the_next_rating()
    {
        await FillClubAsync();
        var (anna, ben) = (await World.PersonAsync("anna@example.org"), await World.PersonAsync("ben@example.org"));
        (string, string) cookie = ("Cookie", "bonds=" + anna.Token);
        foreach (var path in new[] { "/rec_auth", "/rec_nonauth" })
        {
            var first = await World.SendAsync(HttpMethod.Get, path, null, null, cookie);
            first.Headers.CacheControl!.MaxAge!.Value.TotalSeconds.ShouldBeInRange(25, 30);
            var tag = first.Headers.ETag!;
            tag.IsWeak.ShouldBeTrue();
            var again = await World.SendAsync(HttpMethod.Get, path, null, null, cookie, ("If-None-Match", tag.ToString()));
            again.Status.ShouldBe(304);
            again.Text.ShouldBeEmpty();
            (await World.SendAsync(HttpMethod.Get, path, null, null, cookie, ("If-None-Match", "W/\"other\""))).Status.ShouldBe(200);
        }

        await RateStarsAsync(ben.Token, 2, 0.5);
        (await World.SendAsync(HttpMethod.Get, "/rec_nonauth")).Text.ShouldContain("Film 2", Case.Sensitive, "kept");
        foreach (var control in new[] { "no-cache", "no-store" })
        {
            (await World.SendAsync(HttpMethod.Get, "/rec_nonauth", null, null, ("Cache-Control", control))).Text.ShouldBe("""["Film 1","Film 3","Film 4","Film 5","Film 6"]""", "5.5 in the mean of two is the sixth");
        }

        (await TitlesAsync("/rec_auth", cookie)).ShouldContain("Film 3");
        await RateStarsAsync(anna.Token, 3, 5);
        (await TitlesAsync("/rec_auth", cookie)).ShouldNotContain("Film 3");
        (await TitlesAsync("/rec_auth", ("Cookie", "bonds=" + ben.Token))).ShouldContain("Film 3", "each their own");
    }

    private static Guid User(int number) => Guid.Parse($"aaaaaaaa-0000-0000-0000-{number:000000000000}");

    private static Guid Film(int number) => Guid.Parse($"ffffffff-0000-0000-0000-{number:000000000000}");

    private async Task RateAsync(int user, int film, int rating) =>
        (await World.PostAsync("/social/v1/likes/", new { movie_id = Film(film), user_id = User(user), rating }, _admin)).Status.ShouldBe(200);

    private async Task RateStarsAsync(string token, int film, double stars) =>
        (await World.SendAsync(HttpMethod.Post, "/ratings", new { film_id = Film(film), rating = stars }, null, ("Cookie", "bonds=" + token))).Status.ShouldBeInRange(200, 201);

    private async Task<Guid[]> FilmsAsync(string path) => [.. (await World.GetAsync(path)).Body.GetProperty("recommendations").EnumerateArray().Select(film => film.GetProperty("movie_id").GetGuid())];

    private async Task<string?[]> TitlesAsync(string path, params (string Name, string Value)[] headers)
    {
        var reply = await World.SendAsync(HttpMethod.Get, path, null, null, headers);
        reply.Status.ShouldBe(200, reply.Text);
        return [.. reply.Body.EnumerateArray().Select(title => title.GetString())];
    }

    private async Task<int[]> IdsAsync(string path)
    {
        var reply = await World.GetAsync(path);
        reply.Status.ShouldBe(200, reply.Text);
        return [.. reply.Body.EnumerateArray().Select(film => film.GetProperty("id").GetInt32())];
    }

    private async Task PutFilmAsync(string id, string title, params string[] genres) => (await World.SendAsync(
        HttpMethod.Put, "/api/v1/collections/films/items/" + id, new { title, categories = genres, attributes = new { directors = new[] { "Ana Lima" }, actors = new[] { "Rui Costa", "Eva Reis" } } }, _admin)).Status.ShouldBeInRange(200, 201);

    // Anna 1, Ben 2, Cleo 3, Dora 4, Eve 5.
    private async Task FillExampleAsync()
    {
        for (var film = 1; film <= 9; film++)
        {
            await PutFilmAsync(Film(film).ToString(), $"Film {film}", "Drama");
        }

        foreach (var (user, film, rating) in new[] { (1, 1, 9), (1, 2, 8), (2, 1, 9), (2, 2, 8), (2, 3, 10), (2, 4, 6), (3, 1, 3), (3, 5, 9), (4, 2, 8), (4, 3, 7), (4, 6, 9), (5, 7, 10) })
        {
            await RateAsync(user, film, rating);
        }
    }

    // Film 1 rated 6 by three; film 2 to 10 rated 10 down to 2 by one of them. Odd ones are Film-Noir, even ones Sci-Fi.
    private async Task FillClubAsync()
    {
        for (var film = 1; film <= 10; film++)
        {
            await PutFilmAsync(Film(film).ToString(), $"Film {film}", film % 2 == 1 ? "Film-Noir" : "Sci-Fi");
            await RateAsync(1, film, film == 1 ? 6 : 12 - film);
        }

        await RateAsync(2, 1, 6);
        await RateAsync(3, 1, 6);
    }

    // The contract's five users and six films.
    private async Task FillVectorAsync()
    {
        int[][] ratings = [[5, 4, 1, 0, 2, 3], [1, 0, 5, 4, 3, 2], [3, 3, 3, 3, 3, 3], [0, 5, 0, 5, 0, 5], [4, 1, 2, 5, 1, 0]];
        for (var film = 1; film <= 6; film++)
        {
            await PutFilmAsync($"filme-{film}", $"Filme {film}", "Drama", "War");
        }

        for (var user = 1; user <= 5; user++)
        {
            (await World.PostAsync("/usuarios", new { nome = $"U{user}", email = $"u{user}@example.org" })).Body.GetProperty("id").GetInt32().ShouldBe(user);
            for (var film = 1; film <= 6; film++)
            {
                (await World.PostAsync("/avaliacoes", new { usuario_id = user, filme_id = film, avaliacao = ratings[user - 1][film - 1] })).Status.ShouldBe(201);
            }
        }
    }
}

/// <summary>The numbers of the film club's rule.</summary>
public sealed class BayesianRuleTests
{
    [Theory]
    [InlineData(300, 4.80, 3.952)]
    [InlineData(3000, 4.45, 4.3307)]
    [InlineData(120_000, 4.41, 4.4068)]
    public void B_09_the_contract_s_check_values(int count, double mean, double score) =>
        BayesianMean.Score(count, mean, 273, 3.020178504).ShouldBe(score, 0.00006);
}

public sealed class SqliteFilmListsTests : FilmListsContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresFilmListsTests(PostgresCluster cluster) : FilmListsContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
