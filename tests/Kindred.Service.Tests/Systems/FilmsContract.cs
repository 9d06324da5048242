using System.Net.Http;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Storage;

namespace Kindred.Service.Tests.Systems;

/// <summary>The catalogue of films over HTTP, behaviour by behaviour, on every database.</summary>
public abstract class FilmsContract : IAsyncLifetime
{
    private ProgramWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await ProgramWorld.StartAsync(await ConnectionStringAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    [Fact]
    public async Task Films_of_the_native_api_are_read_with_their_people_and_what_cannot_be_shown_is_left_out()
    {
        var admin = await AdminKeyAsync(_world);
        async Task PutAsync(string id, object item) => (await _world.SendAsync(HttpMethod.Put, "/api/v1/collections/films/items/" + id, item, admin)).Status.ShouldBeInRange(200, 201);
        await PutAsync("a", new { title = "Поезд", categories = new[] { "Drama", "War" }, attributes = new { directors = new[] { "Анна Ветрова", "Ada Marsh" }, actors = new[] { "Ruth Vance" } } });
        await PutAsync("b", new { title = "Fog", attributes = new { director = "Noel Brandt", actors = "Ivy Dray" } });
        await PutAsync("hidden", new { title = "Nobody sees it", hidden = true });
        await PutAsync("untitled", new { categories = new[] { "Drama" } });
        await PutAsync("gone", new { title = "Gone" });
        (await _world.SendAsync(HttpMethod.Delete, "/api/v1/collections/films/items/gone", null, admin)).Status.ShouldBe(204);

        var numbers = _world.Get<Numbers>();
        var collection = _world.Get<CollectionRegistry>().Find("films")!.Number;
        List<int> asked = [123_456];
        foreach (var id in new[] { "a", "b", "hidden", "untitled", "gone", "a" })
        {
            asked.Add((await numbers.FindItemAsync(collection, id, Cancellation))!.Value);
        }

        var films = await _world.Get<IFilmReader>().FindAsync(asked, Cancellation);
        films.Keys.Order().ShouldBe([asked[1], asked[2]]);
        var a = films[asked[1]];
        (a.Number, a.Id, a.Title).ShouldBe((asked[1], "a", "Поезд"));
        a.Genres.ShouldBe(["Drama", "War"]);
        a.Directors.ShouldBe(["Анна Ветрова", "Ada Marsh"]);
        a.Actors.ShouldBe(["Ruth Vance"]);
        films[asked[2]].Directors.ShouldBe(["Noel Brandt"]);
        films[asked[2]].Actors.ShouldBe(["Ivy Dray"]);
        (await _world.Get<IFilmReader>().FindAsync([], Cancellation)).ShouldBeEmpty();
        (await _world.Get<IFilmReader>().FindAsync([.. Enumerable.Range(0, 40_000)], Cancellation)).Count.ShouldBe(2);
    }

    private protected abstract Task<string> ConnectionStringAsync();

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
