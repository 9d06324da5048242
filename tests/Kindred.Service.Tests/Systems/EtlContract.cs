using System.Text.Json;
using Dapper;
using Kindred.Contracts;
using Kindred.Import.Content;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using Kindred.Tests.Content;
using Npgsql;

namespace Kindred.Service.Tests.Systems;

/// <summary>A content database, filled by our own generator, into the catalogue: on every database as the target, PostgreSQL always as the source.</summary>
public abstract class EtlContract(PostgresCluster cluster) : ProgramContract
{
    private const int Films = 5000;

    private string _source = "";

    private protected override async Task<ProgramWorld> StartAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        _source = await cluster.CreateDatabaseAsync();
        return await ProgramWorld.StartAsync(await ConnectionStringAsync());
    }

    [Fact]
    public async Task C29_all_films_arrive_and_a_second_run_changes_nothing()
    {
        await ContentDatabase.FillAsync(_source, Films, seed: 7, Cancellation);
        var first = await RunAsync(compare: false);
        first.Films.ShouldBe(new EtlCounts(Films, Films, 0));
        first.Genres.Read.ShouldBe(18);
        first.Persons.Read.ShouldBe(Films * 2 / 5);
        first.Rejected.ShouldBe(0);
        await SameAsSourceAsync();
        var version = await VersionAsync();
        var again = await RunAsync();
        again.Films.ShouldBe(new EtlCounts(Films, 0, 0), "comparing reads all and writes nothing");
        again.Changed.ShouldBeFalse();
        (await RunAsync(compare: false)).Films.Read.ShouldBe(0, "nothing is newer than the position");
        (await VersionAsync()).ShouldBe(version, "what did not change is not written");

        // It is the catalogue's for every reader.
        (await World.GetAsync("/api/v1/films/?page_size=3")).Body.GetArrayLength().ShouldBe(3);
        (await World.GetAsync("/api/v1/films/search/?query=lighthouse 17")).Status.ShouldBe(200);
        (await World.GetAsync("/filmes")).Body.GetArrayLength().ShouldBe(Films);
        var item = (await World.GetAsync($"/api/v1/collections/films/items/{ContentDatabase.Id(0, 5)}")).Body;
        item.GetProperty("attributes").GetProperty("type").GetString().ShouldBeOneOf("movie", "tv_show");
    }

    [Fact]
    public async Task C29_changes_reach_the_catalogue_also_of_a_person_or_genre_only()
    {
        await ContentDatabase.FillAsync(_source, 2500, seed: 8, Cancellation);
        await RunAsync(compare: false);
        await ChangeAsync($"update content.film_work set title = 'Совсем новый поезд', rating = null, description = null, modified = now() where id = '{ContentDatabase.Id(0, 3)}'");
        await ChangeAsync($"update content.genre set name = 'Драма', modified = now() where name = 'Drama'");
        await ChangeAsync($"update content.person set full_name = 'Renamed Somebody', modified = now() where id = (select person_id from content.person_film_work where film_work_id = '{ContentDatabase.Id(0, 11)}' limit 1)");
        await ChangeAsync($"insert into content.film_work values ('{Guid.NewGuid()}', 'Brand new', 'x', '2026-01-02', 5.5, 'movie', now(), now())");
        var changed = await RunAsync(compare: false);
        changed.Films.Changed.ShouldBeGreaterThan(150, "every film of the genre");
        (changed.Genres.Changed, changed.Persons.Changed).ShouldBe((1, 1));
        await SameAsSourceAsync();
        (await World.GetAsync("/api/v1/films/search/?query=новому поезду")).Body[0].GetProperty("title").GetString().ShouldBe("Совсем новый поезд");
        (await World.GetAsync("/api/v1/persons/search/?query=renamed")).Body.GetArrayLength().ShouldBe(1);
        (await World.GetAsync("/api/v1/films/?genre=драма")).Status.ShouldBe(200);
        (await World.GetAsync("/api/v1/films/?genre=Drama")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task C29_what_no_time_tells_is_found_by_comparing()
    {
        await ContentDatabase.FillAsync(_source, 2500, seed: 9, Cancellation);
        await RunAsync(compare: false);
        await ChangeAsync(
            $"""
             delete from content.film_work where id in ('{ContentDatabase.Id(0, 1)}', '{ContentDatabase.Id(0, 2)}');
             delete from content.person_film_work where film_work_id = '{ContentDatabase.Id(0, 4)}';
             delete from content.genre_film_work where genre_id = (select id from content.genre where name = 'War');
             delete from content.genre where name = 'War';
             delete from content.person_film_work where person_id = '{ContentDatabase.Id(2, 5)}';
             delete from content.person where id = '{ContentDatabase.Id(2, 5)}';
             update content.film_work set title = 'Committed late', modified = '2020-01-01' where id = '{ContentDatabase.Id(0, 6)}';
             update content.film_work set title = 'Without a time', modified = null where id = '{ContentDatabase.Id(0, 7)}';
             """);
        (await RunAsync(compare: false)).Changed.ShouldBeFalse();
        var compared = await RunAsync();
        (compared.Films.Deleted, compared.Genres.Deleted, compared.Persons.Deleted).ShouldBe((2, 1, 1));
        await SameAsSourceAsync();
        (await World.GetAsync($"/api/v1/collections/films/items/{ContentDatabase.Id(0, 1)}")).Status.ShouldBe(404, "its item is gone too");
        (await World.GetAsync("/api/v1/films/?genre=War")).Status.ShouldBe(404);

        // Deleted films may come back.
        await ChangeAsync($"insert into content.film_work values ('{ContentDatabase.Id(0, 1)}', 'Back again', null, null, null, null, null, now())");
        (await RunAsync(compare: false)).Films.Changed.ShouldBe(1);
        await SameAsSourceAsync();
    }

    [Fact]
    public async Task C29_a_run_that_ends_anywhere_is_gone_on_with_and_nothing_is_done_twice()
    {
        await ContentDatabase.FillAsync(_source, 2500, seed: 10, Cancellation);
        var import = new BreakingImport(World.Get<IContentImport>());
        var etl = new Etl(import, TimeProvider.System);
        var breaks = 0;
        for (var done = false; !done;)
        {
            import.WritesLeft = 1;
            try
            {
                await etl.RunAsync(_source, compare: false, allowEmpty: false, null, null, Cancellation);
                done = true;
            }
            catch (IOException)
            {
                breaks++;
            }
        }

        breaks.ShouldBe(4, "three batches of films, one of genres and one of people; each break is after a batch");
        (await VersionAsync()).ShouldBe(2500, "every film was written once");
        await SameAsSourceAsync();

        // Names that change send their films again, and a break amid them loses none.
        await ChangeAsync("update content.genre set name = name || '!', modified = now()");
        import.Films.Clear();
        for (var done = false; !done;)
        {
            import.WritesLeft = 1;
            try
            {
                await etl.RunAsync(_source, compare: false, allowEmpty: false, null, null, Cancellation);
                done = true;
            }
            catch (IOException)
            {
            }
        }

        import.Films.ShouldBeUnique("no film was read twice");
        await SameAsSourceAsync();
    }

    [Fact]
    public async Task C29_rows_at_fault_are_listed_and_stop_nothing()
    {
        await ContentDatabase.FillAsync(_source, 100, seed: 11, Cancellation);
        await RunAsync();
        await ChangeAsync(
            $"""
             update content.film_work set title = null, modified = now() where id = '{ContentDatabase.Id(0, 1)}';
             update content.film_work set title = repeat('x', 501), modified = now() where id = '{ContentDatabase.Id(0, 2)}';
             update content.film_work set rating = 'NaN', modified = now() where id = '{ContentDatabase.Id(0, 3)}';
             update content.film_work set rating = 'Infinity', modified = now() where id = '{ContentDatabase.Id(0, 4)}';
             update content.film_work set creation_date = 'infinity', modified = now() where id = '{ContentDatabase.Id(0, 5)}';
             update content.film_work set creation_date = '0044-03-15 BC', modified = now() where id = '{ContentDatabase.Id(0, 6)}';
             update content.film_work set title = '=1+1', created = 'infinity', modified = now() where id = '{ContentDatabase.Id(0, 7)}';
             update content.film_work set description = repeat('y', 20001), modified = now() where id = '{ContentDatabase.Id(0, 8)}';
             update content.person set full_name = null, modified = now() where id = '{ContentDatabase.Id(2, 1)}';
             insert into content.film_work values ('{ContentDatabase.Id(0, 900)}', '  ', null, null, null, null, now(), now());
             insert into content.person_film_work(person_id, film_work_id, role) values ('{ContentDatabase.Id(2, 1)}', '{ContentDatabase.Id(0, 9)}', 'actor'), ('{ContentDatabase.Id(2, 2)}', '{ContentDatabase.Id(0, 9)}', 'caterer');
             insert into content.person_film_work(person_id, film_work_id, role) values ('{ContentDatabase.Id(2, 3)}', '{ContentDatabase.Id(0, 10)}', null), ('{ContentDatabase.Id(2, 777777)}', '{ContentDatabase.Id(0, 10)}', 'actor');
             """);
        var file = Path.Combine(Directory.CreateTempSubdirectory("kindred-etl-").FullName, "content.rejected.csv");
        var summary = await World.Get<Etl>().RunAsync(_source, compare: true, allowEmpty: false, file, null, Cancellation);
        summary.Rejected.ShouldBe(9, "each once, also when all are compared");
        summary.Films.Changed.ShouldBeGreaterThanOrEqualTo(1, "the good one, and films that lose somebody without a name");
        summary.Films.Deleted.ShouldBe(0, "what was there of a row at fault stays");
        summary.RejectedFile.ShouldBe(file);
        var lines = await File.ReadAllLinesAsync(file, Cancellation);
        lines.Length.ShouldBe(10);
        lines[0].ShouldBe("line,column,value,reason");
        foreach (var (word, k) in new[] { ("film_work.title", 1), ("film_work.rating", 3), ("film_work.rating", 4), ("film_work.creation_date", 5), ("film_work.creation_date", 6), ("film_work.description", 8) })
        {
            lines.ShouldContain(line => line.Contains(word, StringComparison.Ordinal) && line.Contains(ContentDatabase.Id(0, k).ToString(), StringComparison.Ordinal));
        }

        (await World.GetAsync($"/api/v1/collections/films/items/{ContentDatabase.Id(0, 7)}")).Body.GetProperty("title").GetString().ShouldBe("=1+1");
        (await World.GetAsync($"/api/v1/collections/films/items/{ContentDatabase.Id(0, 1)}")).Status.ShouldBe(200);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task C29_hidden_films_stay_hidden_and_films_of_other_ways_stay()
    {
        await ContentDatabase.FillAsync(_source, 50, seed: 12, Cancellation);
        await RunAsync();
        (await World.PostAsync("/filmes", new { titulo = "Nosso", atores = "Ana Sobral" })).Status.ShouldBe(201);
        var id = ContentDatabase.Id(0, 3);
        var items = World.Get<IItemImport>();
        var collection = World.Get<CollectionRegistry>().Find("films")!;
        await items.WriteAsync(collection.Number, [new ImportedItem(id.ToString(), "Hidden now", [], new Dictionary<string, JsonElement>(StringComparer.Ordinal), null, Hidden: true)], Cancellation);
        await ChangeAsync($"update content.film_work set rating = 9.9, modified = now() where id = '{id}'");
        await RunAsync();
        var item = (await World.GetAsync($"/api/v1/collections/films/items/{id}")).Body;
        item.GetProperty("hidden").GetBoolean().ShouldBeTrue();
        item.GetProperty("attributes").GetProperty("imdb_rating").GetDouble().ShouldBe(9.9);
        (await World.GetAsync("/filmes")).Body.EnumerateArray().Count(film => film.GetProperty("titulo").GetString() == "Nosso").ShouldBe(1);

        // Another database with other films leaves the first one's alone.
        var other = await cluster.CreateDatabaseAsync();
        await ContentDatabase.FillAsync(other, 60, seed: 13, Cancellation);
        await ContentDatabase.ExecuteAsync(other, "delete from content.film_work where id in (select id from content.film_work order by id limit 55)", Cancellation);
        await World.Get<Etl>().RunAsync(other, compare: true, allowEmpty: false, null, null, Cancellation);
        (await RunAsync()).Films.Deleted.ShouldBe(0);
    }

    [Fact]
    public async Task C29_an_empty_source_deletes_nothing_unless_that_is_allowed()
    {
        await ContentDatabase.FillAsync(_source, 30, seed: 14, Cancellation);
        await RunAsync();
        await ChangeAsync("delete from content.film_work");
        var refused = await Should.ThrowAsync<ContentException>(() => RunAsync());
        refused.Trouble.ShouldBe(ContentTrouble.Refused);
        (await World.GetAsync("/filmes")).Body.GetArrayLength().ShouldBe(30);
        (await World.Get<Etl>().RunAsync(_source, compare: true, allowEmpty: true, null, null, Cancellation)).Films.Deleted.ShouldBe(30);
        (await World.GetAsync("/filmes")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task C29_a_source_that_is_none_is_told_apart_and_its_password_never()
    {
        var empty = await Should.ThrowAsync<ContentException>(() => RunAsync());
        empty.Trouble.ShouldBe(ContentTrouble.Refused);
        empty.Message.ShouldContain("table content.film_work, table content.genre");
        await ContentDatabase.FillAsync(_source, 10, seed: 15, Cancellation);
        await ChangeAsync("alter table content.film_work drop column modified; alter table content.person_film_work drop column role");
        (await Should.ThrowAsync<ContentException>(() => RunAsync())).Message.ShouldContain("Missing: column content.film_work.modified, column content.person_film_work.role.");

        var parts = new NpgsqlConnectionStringBuilder(_source) { Password = "sesame" };
        foreach (var (change, trouble) in new (Action<NpgsqlConnectionStringBuilder>, ContentTrouble)[]
        {
            (there => there.Port = 1, ContentTrouble.Away), (there => there.Database = "nowhere", ContentTrouble.Away), (there => there.Username = "nobody", ContentTrouble.NotAllowed),
        })
        {
            var other = new NpgsqlConnectionStringBuilder(parts.ConnectionString);
            change(other);
            var told = await Should.ThrowAsync<ContentException>(() => World.Get<Etl>().RunAsync(other.ConnectionString, compare: true, allowEmpty: false, null, null, Cancellation));
            told.Trouble.ShouldBe(trouble, told.Message);
            told.Message.ShouldNotContain("sesame");
        }
    }

    [Fact]
    public async Task C29_of_two_readers_of_one_source_one_stops()
    {
        await ContentDatabase.FillAsync(_source, 2500, seed: 16, Cancellation);
        var import = new BreakingImport(World.Get<IContentImport>())
        {
            WritesLeft = int.MaxValue,
            Between = async () => await World.Get<Etl>().RunAsync(_source, compare: false, allowEmpty: false, null, null, Cancellation),
        };
        var told = await Should.ThrowAsync<ContentException>(() => new Etl(import, TimeProvider.System).RunAsync(_source, compare: false, allowEmpty: false, null, null, Cancellation));
        told.Message.ShouldStartWith("Another kindred reads");
        (await VersionAsync()).ShouldBe(2500);
        await SameAsSourceAsync();
    }

    [Fact]
    public async Task C29_a_server_follows_its_source_by_itself()
    {
        await ContentDatabase.FillAsync(_source, 40, seed: 17, Cancellation);
        await using var world = await ProgramWorld.StartAsync(
            await ConnectionStringAsync(), settings => settings with { Etl = new EtlSettings { Source = _source, Every = TimeSpan.FromMilliseconds(50), CompareEvery = TimeSpan.FromMilliseconds(50) } });
        await UntilAsync(world, 40);
        await ChangeAsync($"insert into content.film_work values ('{Guid.NewGuid()}', 'Brand new', null, null, null, null, null, now())");
        await UntilAsync(world, 41);
        await ChangeAsync("delete from content.film_work where title = 'Brand new'");
        await UntilAsync(world, 40);

        static async Task UntilAsync(ProgramWorld world, int films)
        {
            for (var k = 0; k < 600; k++)
            {
                var reply = await world.GetAsync("/filmes");
                if (reply.Status == 200 && reply.Body.GetArrayLength() == films)
                {
                    return;
                }

                await Task.Delay(50, Cancellation);
            }

            throw new TimeoutException($"There were never {films} films.");
        }
    }

    /// <summary>A connection string of an empty database for the catalogue; empty for SQLite.</summary>
    private Task<EtlSummary> RunAsync(bool compare = true) => World.Get<Etl>().RunAsync(_source, compare, allowEmpty: false, null, null, Cancellation);

    private Task ChangeAsync(string sql) => ContentDatabase.ExecuteAsync(_source, sql, Cancellation);

    private async Task<long> VersionAsync()
    {
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>("select item_version from collections where name = 'films'");
    }

    // Every film of the source, with all it says, is a film here, and every film here one of the source.
    private async Task SameAsSourceAsync()
    {
        await using var source = NpgsqlDataSource.Create(_source);
        await using var there = await source.OpenConnectionAsync(Cancellation);
        var wanted = (await there.QueryAsync<(string Id, string Title, string? Description, double? Rating, string Genres, string People)>(
            """
            select f.id::text, f.title, f.description, f.rating,
              coalesce((select string_agg(g.id || '=' || g.name, ',' order by g.id::text) from content.genre_film_work l join content.genre g on g.id = l.genre_id where l.film_work_id = f.id), ''),
              coalesce((select string_agg(distinct l.role || ':' || p.id || '=' || p.full_name, ',') from content.person_film_work l join content.person p on p.id = l.person_id where l.film_work_id = f.id), '')
            from content.film_work f order by f.id
            """)).Select(row => row with { People = Sorted(row.People) }).ToArray();
        await using var here = await World.Get<Database>().OpenAsync(Cancellation);
        var genres = (await here.QueryAsync<(long Number, string Text)>("select l.number, g.id || '=' || g.name from film_genres l join genres g on g.collection = l.collection and g.id = l.genre"))
            .ToLookup(row => row.Number, row => row.Text);
        var people = (await here.QueryAsync<(long Number, string Text)>(
            "select l.number, l.role || ':' || p.id || '=' || p.full_name from film_people l join persons p on p.collection = l.collection and p.id = l.person")).ToLookup(row => row.Number, row => row.Text);
        var films = (await here.QueryAsync<(long Number, string Id, string Title, string? Description, double? Rating)>("select number, id, title, description, rating from films order by id"))
            .Select(row => (row.Id, row.Title, row.Description, row.Rating, Sorted(string.Join(',', genres[row.Number])), Sorted(string.Join(',', people[row.Number])))).ToArray();
        films.Length.ShouldBe(wanted.Length);
        for (var k = 0; k < films.Length; k++)
        {
            films[k].ShouldBe(wanted[k]);
        }

        // The items say the same.
        var items = (await here.QueryAsync<(string Id, string? Title, string Categories)>(
            "select n.id, i.title, i.categories from item_numbers n join items i on i.collection = n.collection and i.number = n.number where i.title is not null order by n.id")).ToArray();
        items.Select(item => (item.Id, item.Title)).ShouldBe(wanted.Select(film => (film.Id, (string?)film.Title)));
        items.Select(item => string.Join(',', JsonSerializer.Deserialize<string[]>(item.Categories)!.Order(StringComparer.Ordinal)))
            .ShouldBe(wanted.Select(film => string.Join(',', film.Genres.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(genre => genre[37..]).Order(StringComparer.Ordinal))));

        // And so does the search.
        (await here.ExecuteScalarAsync<long>("select count(*) from film_search")).ShouldBe(wanted.Length);

        static string Sorted(string list) => string.Join(',', list.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    // Breaks when as many batches as allowed are stored; the one after is not.
    private sealed class BreakingImport(IContentImport inner) : IContentImport
    {
        public int WritesLeft { get; set; }

        public List<Guid> Films { get; } = [];

        public Func<Task>? Between { get; set; }

        public Task<string?> ReadPositionAsync(string source, CancellationToken cancellation) => inner.ReadPositionAsync(source, cancellation);

        public Task<long> CountFilmsAsync(string source, CancellationToken cancellation) => inner.CountFilmsAsync(source, cancellation);

        public async Task<ContentWritten?> WriteAsync(ContentBatch batch, CancellationToken cancellation)
        {
            if (WritesLeft-- == 0)
            {
                throw new IOException("The test breaks here.");
            }

            var written = await inner.WriteAsync(batch, cancellation);
            Films.AddRange(batch.Films.Select(film => film.Id));
            if (Between is { } between)
            {
                Between = null;
                await between();
            }

            return written;
        }
    }
}

public sealed class SqliteEtlTests(PostgresCluster cluster) : EtlContract(cluster)
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresEtlTests(PostgresCluster cluster) : EtlContract(cluster)
{
    private readonly PostgresCluster _cluster = cluster;

    private protected override Task<string> ConnectionStringAsync() => _cluster.CreateDatabaseAsync();
}
