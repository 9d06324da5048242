using System.Net.Http;
using System.Text.Json;
using Dapper;
using Kindred.Accounts;
using Kindred.Catalog.Films;
using Kindred.Contracts;
using Kindred.Import.Demo;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;

namespace Kindred.Service.Tests.Systems;

/// <summary>The catalogue of films over HTTP, behaviour by behaviour, on every database.</summary>
public abstract class FilmsContract : ProgramContract
{
    private readonly OffsetClock _clock = new();
    private string? _admin;

    private protected override async Task<ProgramWorld> StartAsync() => await ProgramWorld.StartAsync(await ConnectionStringAsync(), clock: _clock);

    [Fact]
    public async Task Films_of_the_native_api_are_read_with_their_people_and_what_cannot_be_shown_is_left_out()
    {
        await PutAsync("a", new { title = "Поезд", categories = new[] { "Drama", "War" }, attributes = new { directors = new[] { "Анна Ветрова", "Ada Marsh" }, actors = new[] { "Ruth Vance" } } });
        await PutAsync("b", new { title = "Fog", attributes = new { director = "Noel Brandt", actors = "Ivy Dray" } });
        await PutAsync("hidden", new { title = "Nobody sees it", hidden = true });
        await PutAsync("untitled", new { categories = new[] { "Drama" } });
        await PutAsync("gone", new { title = "Gone" });
        (await World.SendAsync(HttpMethod.Delete, "/api/v1/collections/films/items/gone", null, _admin)).Status.ShouldBe(204);

        var numbers = World.Get<Numbers>();
        var collection = World.Get<CollectionRegistry>().Find("films")!.Number;
        List<int> asked = [123_456];
        foreach (var id in new[] { "a", "b", "hidden", "untitled", "gone", "a" })
        {
            asked.Add((await numbers.FindItemAsync(collection, id, Cancellation))!.Value);
        }

        var films = await World.Get<IFilmReader>().FindAsync(asked, Cancellation);
        films.Keys.Order().ShouldBe([asked[1], asked[2]]);
        var a = films[asked[1]];
        (a.Number, a.Id, a.Title).ShouldBe((asked[1], "a", "Поезд"));
        a.Genres.ShouldBe(["Drama", "War"]);
        a.Directors.ShouldBe(["Анна Ветрова", "Ada Marsh"]);
        a.Actors.ShouldBe(["Ruth Vance"]);
        films[asked[2]].Directors.ShouldBe(["Noel Brandt"]);
        films[asked[2]].Actors.ShouldBe(["Ivy Dray"]);
        (await World.Get<IFilmReader>().FindAsync([], Cancellation)).ShouldBeEmpty();
        (await World.Get<IFilmReader>().FindAsync([.. Enumerable.Range(0, 40_000)], Cancellation)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task C30_films_are_listed_best_first_by_page_and_by_genre()
    {
        await FillAsync();
        var all = await World.GetAsync("/api/v1/films/");
        all.Status.ShouldBe(200);
        Titles(all).ShouldBe(["The Last Train", "Тихий мост", "Последний поезд", "Cartas de Porto Sereno", "Running at Dunmere", "Unrated"]);
        all.Body[0].GetRawText().ShouldBe("""{"id":"f1","title":"The Last Train","imdb_rating":9.1}""");
        all.Body[5].GetProperty("imdb_rating").ValueKind.ShouldBe(JsonValueKind.Null);
        Titles(await World.GetAsync("/api/v1/films?page_size=2&page_number=2&sort=imdb_rating")).ShouldBe(["Последний поезд", "Cartas de Porto Sereno"]);
        Titles(await World.GetAsync("/api/v1/films/?genre=drama")).ShouldBe(["The Last Train", "Последний поезд"]);
        var drama = (await World.GetAsync("/api/v1/genres/")).Body.EnumerateArray().Single(genre => genre.GetProperty("name").GetString() == "Drama").GetProperty("id").GetString();
        Titles(await World.GetAsync("/api/v1/films/?genre=" + drama)).ShouldBe(["The Last Train", "Последний поезд"]);
        foreach (var (query, status) in new[]
        {
            ("genre=Western", 404), ("page_number=9", 404), ("page_number=2147483647&page_size=500", 404), ("page_number=0", 422), ("page_number=-1", 422), ("page_size=0", 422), ("page_size=501", 422),
            ("page_size=many", 422), ("page_number=99999999999", 422), ("sort=title", 422),
        })
        {
            var reply = await World.GetAsync("/api/v1/films/?" + query);
            reply.Status.ShouldBe(status, query);
            reply["detail"].ShouldBe(status == 404 ? "films not found" : reply["detail"]);
        }
    }

    [Fact]
    public async Task C30_search_finds_other_forms_beginnings_and_misspelt_words_in_three_languages()
    {
        await FillAsync();
        foreach (var (query, best) in new[]
        {
            ("последнего поезда", "Последний поезд"), ("ПОЕЗДОМ", "Последний поезд"), ("после", "Последний поезд"), ("тихого моста", "Тихий мост"), ("мосты", "Тихий мост"),
            ("trains", "The Last Train"), ("the last tr", "The Last Train"), ("train last", "The Last Train"), ("runs dunmere", "Running at Dunmere"), ("run", "Running at Dunmere"),
            ("carta porto", "Cartas de Porto Sereno"), ("São Joao", "Cartas de Porto Sereno"), ("ветрова", "Последний поезд"), ("Анны Ветровой", "Последний поезд"), ("vance", "The Last Train"),
            ("dunmree", "Running at Dunmere"), ("поселдний", "Последний поезд"), ("sereeno", "Cartas de Porto Sereno"), ("Ветроав", "Последний поезд"), ("lighthouse keeper", "Unrated"),
            ("train zzzzqqq", "The Last Train"),
        })
        {
            var reply = await World.GetAsync("/api/v1/films/search/?query=" + Uri.EscapeDataString(query));
            reply.Status.ShouldBe(200, query + reply.Text);
            Titles(reply)[0].ShouldBe(best, query);
        }

        // A title counts more than a person, a person more than a description; what is asked word for word comes first.
        Titles(await World.GetAsync("/api/v1/films/search?query=train")).ShouldBe(["The Last Train", "Unrated"]);
        Titles(await World.GetAsync("/api/v1/films/search?query=train&page_size=1&page_number=2")).ShouldBe(["Unrated"]);
        (await World.GetAsync("/api/v1/films/search?query=train&page_size=1&page_number=3")).Status.ShouldBe(404);
        await PutAsync("f9", new { title = "Train", attributes = new { imdb_rating = 1.0 } });
        Titles(await World.GetAsync("/api/v1/films/search?query=train"))[0].ShouldBe("Train");
        var none = await World.GetAsync("/api/v1/films/search/?query=qwxzkj");
        none.Status.ShouldBe(404);
        none["detail"].ShouldBe("films not found");
    }

    [Fact]
    public async Task C30_search_takes_any_question_and_never_fails()
    {
        await FillAsync();
        foreach (var query in new[]
        {
            "", " ", "\"", "\"\"", "'", "''", "*", "**", "a*", "\"train\"*", "train OR", "OR", "AND NOT", "NEAR(a b)", "NEAR/3", "title:train", "{title}:x", "^train", "-train", "+", "(", ")", "((((", "train)",
            "a AND (b", "\\", "%", "_", "%%%", ":*", "!", "&", "|", "<->", "a & | b", "!!train", "'a':*", "train\0bridge", "\0", "\u200b", "\ud83d\ude80", "\ufffd", "; drop table films; --", "\r\n\t",
            new string('a', 7_000), string.Concat(Enumerable.Repeat("ab ", 1_400)), new string('*', 2_300), new string('"', 2_300), string.Concat(Enumerable.Repeat("поезд ", 200)),
            "1e400", "NaN", "0x10", "12.5", "a-b-c", "http://x.y/z?q=1", "ааааааааааааааааааааааааа",
        })
        {
            foreach (var path in new[] { "/api/v1/films/search/", "/api/v1/persons/search/" })
            {
                (await World.GetAsync($"{path}?query={Uri.EscapeDataString(query)}")).Status.ShouldBeOneOf([200, 404], query.Length > 50 ? query[..50] : query);
            }
        }

        // Longer than an address may be.
        foreach (var query in new[] { new string('a', 10_000), string.Concat(Enumerable.Repeat("ab ", 33_333)), new string('"', 100_000) })
        {
            (await World.Get<FilmQueries>().SearchAsync(World.Get<CollectionRegistry>().Find("films")!.Number, query, new Slice(50, 1), Cancellation)).ShouldBeEmpty();
        }

        // Broken UTF-8 and broken escapes, as they come over the wire.
        foreach (var raw in new[] { "%FF%FE", "%ED%A0%80", "%", "%0", "%zz", "%00%00", "a%00b" })
        {
            (await World.GetAsync("/api/v1/films/search/?query=" + raw)).Status.ShouldBeLessThan(500, raw);
        }

        (await World.GetAsync("/api/v1/films/search/")).Status.ShouldBe(422);
        (await World.GetAsync("/api/v1/persons/search/?query=a&page_size=0")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task C30_a_film_is_read_with_its_genres_and_people_by_bearer_only()
    {
        await FillAsync();
        (await World.GetAsync("/api/v1/films/f1")).Status.ShouldBe(401, "also where reads are public");
        var film = await World.GetAsync("/api/v1/films/f1", _admin);
        film.Status.ShouldBe(200);
        film.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "title", "imdb_rating", "description", "genre", "actors", "writers", "directors"]);
        film["description"].ShouldBe("A night on the line.");
        film.Body.GetProperty("genre").EnumerateArray().Select(genre => genre.GetProperty("name").GetString()).ShouldBe(["Thriller", "Drama"]);
        film.Body.GetProperty("actors").EnumerateArray().Select(person => person.GetProperty("full_name").GetString()).ShouldBe(["Ruth Vance", "Ada Marsh"]);
        film.Body.GetProperty("directors")[0].EnumerateObject().Select(member => member.Name).ShouldBe(["id", "full_name"]);
        film.Body.GetProperty("directors")[0].GetProperty("id").GetString().ShouldBe(film.Body.GetProperty("actors")[1].GetProperty("id").GetString(), "one person, two roles");
        film.Body.GetProperty("writers").GetArrayLength().ShouldBe(0);
        foreach (var id in new[] { "nobody", Guid.Empty.ToString(), "a%2Fb", new string('x', 3000) })
        {
            var missing = await World.GetAsync("/api/v1/films/" + id, _admin);
            missing.Status.ShouldBe(404, id);
            missing["detail"].ShouldBe("films not found");
        }
    }

    [Fact]
    public async Task C30_genres_and_persons_are_read_and_nothing_is_404_in_words()
    {
        foreach (var (path, words) in new[]
        {
            ("/api/v1/films/", "films not found"), ("/api/v1/films/search/?query=x", "films not found"), ("/api/v1/genres/", "genres not found"), ($"/api/v1/genres/{Guid.Empty}", "genres not found"),
            ("/api/v1/persons/search/?query=x", "persons not found"), ($"/api/v1/persons/{Guid.Empty}", "persons not found"), ($"/api/v1/persons/{Guid.Empty}/film", "movies not found"),
        })
        {
            var reply = await World.GetAsync(path);
            reply.Status.ShouldBe(404, path);
            reply["detail"].ShouldBe(words);
        }

        await FillAsync();
        var genres = (await World.GetAsync("/api/v1/genres/")).Body;
        genres.EnumerateArray().Select(genre => genre.GetProperty("name").GetString()).ShouldBe(["Drama", "Romance", "Thriller", "War"]);
        (await World.GetAsync("/api/v1/genres/" + genres[0].GetProperty("id").GetString()!.ToUpperInvariant())).Text.ShouldBe(genres[0].GetRawText());

        var found = (await World.GetAsync("/api/v1/persons/search/?query=mar")).Body.EnumerateArray().ShouldHaveSingleItem();
        found.GetProperty("full_name").GetString().ShouldBe("Ada Marsh");
        found.GetProperty("films").GetRawText().ShouldBe("""[{"id":"f1","roles":["actor","director"]},{"id":"f4","roles":["writer"]}]""");
        var id = found.GetProperty("id").GetString()!;
        Guid.TryParse(id, out _).ShouldBeTrue();
        (await World.GetAsync("/api/v1/persons/" + id.ToUpperInvariant())).Text.ShouldBe(found.GetRawText());
        Titles(await World.GetAsync($"/api/v1/persons/{id}/film")).ShouldBe(["The Last Train", "Running at Dunmere"]);
        foreach (var query in new[] { "Анны Ветровой", "ветрова анна", "ветрво", "анна вет" })
        {
            (await World.GetAsync("/api/v1/persons/search/?query=" + query)).Body[0].GetProperty("full_name").GetString().ShouldBe("Анна Ветрова", query);
        }
    }

    [Fact]
    public async Task C30_a_change_of_an_item_reaches_lists_people_genres_and_search()
    {
        await FillAsync();
        await PutAsync("f1", new { title = "The First Boat", categories = new[] { "Comedy" }, attributes = new { imdb_rating = 2.5, actors = new[] { "Oscar Linden" } } });
        Titles(await World.GetAsync("/api/v1/films/")).ShouldBe(["Тихий мост", "Последний поезд", "Cartas de Porto Sereno", "Running at Dunmere", "The First Boat", "Unrated"]);
        Titles(await World.GetAsync("/api/v1/films/search?query=boat")).ShouldBe(["The First Boat"]);
        Titles(await World.GetAsync("/api/v1/films/search?query=last")).ShouldBe(["Последний поезд"], "the director's name is Lastov");
        (await World.GetAsync("/api/v1/genres/")).Body.EnumerateArray().Select(genre => genre.GetProperty("name").GetString()).ShouldBe(["Comedy", "Drama", "Romance", "War"]);
        (await World.GetAsync("/api/v1/persons/search/?query=vance")).Status.ShouldBe(404, "named by that film only");
        (await World.GetAsync("/api/v1/persons/search/?query=marsh")).Body[0].GetProperty("films").GetArrayLength().ShouldBe(1);
        (await World.GetAsync("/api/v1/films/f1", _admin))["description"].ShouldBe("A night on the line.", "an item says nothing of it");

        // Hidden is out of sight, and comes back as it was.
        var patch = new { hidden = true };
        (await World.SendAsync(HttpMethod.Patch, "/api/v1/collections/films/items/f2", patch, _admin)).Status.ShouldBe(200);
        (await World.GetAsync("/api/v1/films/f2", _admin)).Status.ShouldBe(404);
        (await World.GetAsync("/api/v1/films/search?query=поезд")).Status.ShouldBe(404);
        (await World.SendAsync(HttpMethod.Patch, "/api/v1/collections/films/items/f2", new { hidden = false }, _admin)).Status.ShouldBe(200);
        Titles(await World.GetAsync("/api/v1/films/search?query=поезд")).ShouldBe(["Последний поезд"]);

        foreach (var gone in new[] { "f1", "f2", "f3", "f4", "f5", "f6" })
        {
            (await World.SendAsync(HttpMethod.Delete, "/api/v1/collections/films/items/" + gone, null, _admin)).Status.ShouldBe(204);
        }

        foreach (var path in new[] { "/api/v1/films/", "/api/v1/genres/", "/api/v1/persons/search/?query=ветрова", "/api/v1/films/search?query=boat" })
        {
            (await World.GetAsync(path)).Status.ShouldBe(404, path);
        }

        // Another collection's items are no films.
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/shop/items/tea", new { title = "Train tea" }, _admin)).Status.ShouldBeInRange(200, 201);
        (await World.GetAsync("/api/v1/films/search?query=tea")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task C30_an_answer_is_kept_for_60_seconds_and_falls_at_once_with_a_change()
    {
        await FillAsync();
        Titles(await World.GetAsync("/api/v1/films/?page_size=1")).ShouldBe(["The Last Train"]);

        // Another process changes it: this one may answer what it has for a minute.
        await World.Get<Database>().WriteAsync(transaction => transaction.Connection!.ExecuteAsync("update films set title = 'Changed elsewhere' where id = 'f1'", transaction: transaction), Cancellation);
        Titles(await World.GetAsync("/api/v1/films/?page_size=1")).ShouldBe(["The Last Train"]);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Titles(await World.GetAsync("/api/v1/films/?page_size=1")).ShouldBe(["The Last Train"]);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Titles(await World.GetAsync("/api/v1/films/?page_size=1")).ShouldBe(["Changed elsewhere"]);
        await PutAsync("f9", new { title = "Better", attributes = new { imdb_rating = 9.9 } });
        Titles(await World.GetAsync("/api/v1/films/?page_size=1")).ShouldBe(["Better"]);
    }

    [Fact]
    public async Task C30_items_from_before_there_were_films_become_films()
    {
        await FillAsync();
        var before = (await World.GetAsync("/api/v1/films/")).Text;
        await World.Get<Database>().WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "delete from films; delete from film_genres; delete from film_people; delete from genres; delete from persons; delete from film_search; delete from film_state", transaction: transaction),
            Cancellation);
        var store = World.Get<Kindred.Catalog.CatalogStore>();
        var collection = World.Get<CollectionRegistry>().Find("films")!;
        (await store.CatchUpAsync(collection, Cancellation)).ShouldBe(6);
        (await store.CatchUpAsync(collection, Cancellation)).ShouldBe(0);
        await PutAsync("f6", new { title = "Unrated" });
        (await World.GetAsync("/api/v1/films/")).Text.ShouldBe(before);
        (await store.CatchUpAsync(collection, Cancellation)).ShouldBe(0, "what is written since is followed");
    }

    [Fact]
    public async Task C30_in_production_lists_need_a_key_or_a_person()
    {
        await using var world = await ProgramWorld.StartAsync(await ConnectionStringAsync(), settings => settings with { Environment = "production" });
        foreach (var path in new[] { "/api/v1/films/", "/api/v1/films/search/?query=x", "/api/v1/genres/", "/api/v1/persons/search/?query=x", "/filmes", "/api/v1/films/x" })
        {
            (await world.GetAsync(path)).Status.ShouldBe(401, path);
        }

        (await world.PostAsync("/filmes", new { titulo = "x" })).Status.ShouldBe(401);
        (await world.GetAsync("/filmes", await AdminKeyAsync(world))).Status.ShouldBe(204);
    }

    [Fact]
    public async Task E1_films_are_listed_by_number_and_an_empty_list_is_204_without_a_body()
    {
        var empty = await World.GetAsync("/filmes");
        (empty.Status, empty.Text).ShouldBe((204, ""));
        await FillAsync();
        foreach (var path in new[] { "/filmes", "/filmes/" })
        {
            var all = (await World.GetAsync(path)).Body;
            all.EnumerateArray().Select(film => film.GetProperty("id").GetInt32()).ShouldBe([1, 2, 3, 4, 5, 6]);
            all[0].GetRawText().ShouldBe("""{"id":1,"titulo":"The Last Train","genero":"Thriller, Drama","diretor":"Ada Marsh","atores":"Ruth Vance, Ada Marsh"}""");
        }

        await World.Get<IItemImport>().WriteAsync(
            World.Get<CollectionRegistry>().Find("films")!.Number,
            [.. Enumerable.Range(0, 2500).Select(k => new ImportedItem($"x{k}", $"X {k}", [], new Dictionary<string, JsonElement>(StringComparer.Ordinal), null, Hidden: k % 2 == 1))],
            Cancellation);
        (await World.GetAsync("/filmes")).Body.EnumerateArray().Select(film => film.GetProperty("titulo").GetString()).Skip(6)
            .ShouldBe(Enumerable.Range(0, 1250).Select(k => $"X {2 * k}"), "in pieces, without the hidden ones");
    }

    [Fact]
    public async Task E3_E7_a_film_is_added_and_has_a_whole_number()
    {
        var added = await World.PostAsync("/filmes", new { titulo = " Noites de Vila Clara ", genero = "Romance, Drama , Romance", diretor = "Ana Sobral", atores = "Rui Lacerda, Inês Arruda" });
        added.Status.ShouldBe(201, added.Text);
        added.Text.ShouldBe("""{"id":1,"titulo":"Noites de Vila Clara","genero":"Romance, Drama","diretor":"Ana Sobral","atores":"Rui Lacerda, Inês Arruda"}""");
        (await World.PostAsync("/filmes", """{"titulo":"Só"}""")).Body.GetProperty("id").GetInt32().ShouldBe(2);
        (await World.GetAsync("/filmes")).Body[0].GetRawText().ShouldBe(added.Text);
        Titles(await World.GetAsync("/api/v1/films/search/?query=noite clara arruda")).ShouldBe(["Noites de Vila Clara"]);
        foreach (var (body, word) in new[]
        {
            ("""{"titulo":""}""", "titulo"), ("{}", "titulo"), ("""{"titulo":7}""", "titulo"), ("[]", ""), ("not json", ""), ("""{"titulo":"x","ano":1}""", "ano"),
            ("{\"titulo\":\"" + new string('x', 501) + "\"}", "titulo"), ("{\"titulo\":\"a\\u0000b\"}", "titulo"),
            ("{\"titulo\":\"x\",\"genero\":\"" + string.Join(',', Enumerable.Range(0, 51)) + "\"}", "genero"), ("{\"titulo\":\"x\",\"diretor\":\"a\\u0000b\"}", "diretor"),
        })
        {
            var refused = await World.PostAsync("/filmes", body);
            refused.Status.ShouldBe(400, body + refused.Text);
            refused["error"].ShouldNotBeNullOrEmpty();
            refused.Text.ShouldContain(word);
        }

        (await World.GetAsync("/filmes")).Body.GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task C30_E6_the_demo_s_cinema_is_a_catalogue_in_three_languages()
    {
        var world = new DemoWorld(new DemoOptions { Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), People = 20, Ratings = 100, Products = 10, Customers = 10, PurchaseLines = 20 });
        await World.Get<DemoStore>().FillAsync(world, Cancellation);
        var all = (await World.GetAsync("/filmes")).Body.EnumerateArray().ToArray();
        all.Length.ShouldBe(1200);
        foreach (var member in new[] { "titulo", "genero", "diretor", "atores" })
        {
            all.ShouldAllBe(film => film.GetProperty(member).GetString()!.Length > 0, member);
        }

        foreach (var (language, query) in new[] { ("English", "directed by"), ("Russian", "режиссёр"), ("Portuguese", "direcao") })
        {
            var item = world.Films.First(film => film.Attributes["language"].GetString() == language);
            Titles(await World.GetAsync("/api/v1/films/search/?query=" + Uri.EscapeDataString(item.Title!)))[0].ShouldBe(item.Title);
            (await World.GetAsync($"/api/v1/films/search/?query={Uri.EscapeDataString(query)}&page_size=500")).Body.GetArrayLength().ShouldBe(Math.Min(500, world.Films.Count(film => film.Attributes["language"].GetString() == language)), language);
            _admin ??= await AdminKeyAsync(World);
            var film = (await World.GetAsync("/api/v1/films/" + item.Id, _admin)).Body;
            film.GetProperty("imdb_rating").GetDouble().ShouldBeInRange(1, 10);
            foreach (var people in new[] { "directors", "actors", "writers", "genre" })
            {
                film.GetProperty(people).GetArrayLength().ShouldBeGreaterThan(0, people);
            }
        }
    }

    // Six films in three languages; f6 says "train" in its description only.
    private async Task FillAsync()
    {
        await PutAsync("f1", new
        {
            title = "The Last Train",
            categories = new[] { "Thriller", "Drama" },
            attributes = new { imdb_rating = 9.1, description = "A night on the line.", directors = new[] { "Ada Marsh" }, actors = new[] { "Ruth Vance", "Ada Marsh" } },
        });
        await PutAsync("f2", new { title = "Последний поезд", categories = new[] { "Drama", "War" }, attributes = new { imdb_rating = 8, director = "Анна Ветрова", writers = new[] { "Igor Lastov" } } });
        await PutAsync("f3", new { title = "Тихий мост", attributes = new { imdb_rating = 8.5 } });
        await PutAsync("f4", new { title = "Running at Dunmere", attributes = new { imdb_rating = 5, writers = new[] { "Ada Marsh" } } });
        await PutAsync("f5", new { title = "Cartas de Porto Sereno", categories = new[] { "Romance" }, attributes = new { imdb_rating = 7.25, actors = new[] { "João de São Lourival" } } });
        await PutAsync("f6", new { title = "Unrated", attributes = new { description = "The lighthouse keepers and their train." } });
    }

    private async Task PutAsync(string id, object item)
    {
        _admin ??= await AdminKeyAsync(World);
        (await World.SendAsync(HttpMethod.Put, "/api/v1/collections/films/items/" + id, item, _admin)).Status.ShouldBeInRange(200, 201);
    }

    private static string?[] Titles(Reply reply) => reply.Status == 200
        ? [.. reply.Body.EnumerateArray().Select(film => film.GetProperty("title").GetString())]
        : throw new ShouldAssertException($"{reply.Status}: {reply.Text}");

    private static async Task<string> AdminKeyAsync(ProgramWorld world) =>
        (await world.Get<ApiKeys>().CreateAsync("admin", [Scopes.Admin], [], expiresAt: null, Cancellation)).Secret;
}

public sealed class SqliteFilmsTests : FilmsContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresFilmsTests(PostgresCluster cluster) : FilmsContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
