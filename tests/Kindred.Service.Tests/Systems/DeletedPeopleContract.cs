using System.Net.Http;
using Dapper;
using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Feedback.Users;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;

namespace Kindred.Service.Tests.Systems;

/// <summary>An account that is deleted leaves nothing of its user in any collection, on every database.</summary>
public abstract class DeletedPeopleContract : ProgramContract
{
    private string _admin = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _admin = (await World.Get<ApiKeys>().CreateAsync("admin", [Scopes.Admin], [], expiresAt: null, Cancellation)).Secret;
    }

    [Fact]
    public async Task D5_an_account_deleted_takes_its_user_out_of_every_collection()
    {
        var (anna, access) = await RegisterAsync("anna@example.org");
        var (ben, benAccess) = await RegisterAsync("ben@example.org");
        var product = await ProductAsync(benAccess);
        foreach (var (user, token, other) in new[] { (anna, access, "rope"), (ben, benAccess, "mate") })
        {
            (await World.PostAsync("/purchases", new { user_id = user, products = new[] { "tea", other } }, token)).Status.ShouldBe(201);
            (await World.PostAsync("/api/v1/collections/films/events", new { user, item = "f1", type = "rating", value = 8 }, _admin)).Status.ShouldBe(202);
            (await World.GetAsync($"/api/v1/store/products/{product}/", token)).Status.ShouldBe(200);
        }

        foreach (var (user, token) in new[] { (anna, access), (ben, benAccess) })
        {
            (await World.PostAsync("/recommendations/generate", new { user_id = user }, token)).Status.ShouldBe(201);
        }

        await UntilAsync(async () => await CountAsync("select count(*) from events") == 8 && await CountAsync("select count(*) from recommendations") == 2);
        (await DeleteAsync("anna@example.org")).ShouldBe(204);
        await UntilAsync(async () => await CountAsync("select count(*) from user_numbers") == 2 && await CountAsync("select count(*) from outbox") == 0);

        (await CountAsync("select count(*) from events")).ShouldBe(4, "ben's stay");
        (await CountAsync("select count(*) from purchases")).ShouldBe(1);
        (await CountAsync("select count(*) from recommendations")).ShouldBe(1);
        (await World.GetAsync($"/recommendations?user_id={anna}", _admin)).Status.ShouldBe(404);
        (await World.GetAsync($"/recommendations?user_id={ben}", _admin)).Status.ShouldBe(200);
        foreach (var collection in new[] { "shop", "films" })
        {
            (await World.GetAsync($"/api/v1/collections/{collection}/users/{anna}", _admin)).Status.ShouldBe(404);
            (await World.GetAsync($"/api/v1/collections/{collection}/users/{ben}", _admin)).Status.ShouldBe(200);
        }

        (await World.PostAsync("/purchases", new { user_id = anna, products = new[] { "tea" } }, access)).Status.ShouldBe(401, "the token went with the account");
    }

    [Fact]
    public async Task D5_what_was_under_way_of_a_deleted_account_does_not_bring_its_user_back()
    {
        var user = Guid.NewGuid().ToString();
        var deleted = World.Get<IEnumerable<IMessageHandler>>().OfType<OnPersonDeleted>().Single();
        var message = new Message(Guid.NewGuid(), PeopleTopics.Deleted, $$"""{"user_id":"{{user}}","at":"2026-01-01T00:00:00Z"}""", DateTimeOffset.UnixEpoch);
        await deleted.HandleAsync([message], Cancellation);
        await deleted.HandleAsync([message, message], Cancellation);

        // The view waited in the outbox while the account went.
        var view = await World.Get<Database>().WriteAsync(
            transaction => World.Get<Outbox>().AddAsync(ProductTopics.Viewed, new ProductViewed("0198-late", "1", user, "tea", DateTimeOffset.UnixEpoch), transaction, Cancellation), Cancellation);
        await World.Get<Outbox>().SettledAsync(view, Cancellation);
        await UntilAsync(async () => await CountAsync("select count(*) from outbox") == 0);
        (await CountAsync("select count(*) from user_numbers")).ShouldBe(0);
        (await CountAsync("select count(*) from events")).ShouldBe(0);
    }

    private async Task<(string User, string Access)> RegisterAsync(string email)
    {
        var reply = await World.PostAsync("/api/v1/auth/register/", new { first_name = "A", last_name = "B", email, password = AccountsWorld.Password });
        reply.Status.ShouldBe(201, reply.Text);
        var login = await World.PostAsync("/api/v1/auth/login/", new { email, password = AccountsWorld.Password });
        return (await UserAsync(email), login["access"]!);
    }

    private async Task<string> UserAsync(string email)
    {
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        return (await connection.ExecuteScalarAsync<string>("select user_id from people where email = @email", new { email }))!;
    }

    private async Task<int> DeleteAsync(string email)
    {
        var number = await CountAsync($"select number from people where email = '{email}'");
        return (await World.SendAsync(HttpMethod.Delete, $"/api/v1/users/{number}/", null, _admin)).Status;
    }

    private async Task<string> ProductAsync(string vendor)
    {
        var reply = await World.PostAsync("/api/v1/store/products/", new { name = "Tea", description = "", price = "4.50", quantity = 3, category = "tea" }, vendor);
        reply.Status.ShouldBe(201, reply.Text);
        return reply.Body.GetProperty("id").GetRawText();
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = await World.Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}

public sealed class SqliteDeletedPeopleTests : DeletedPeopleContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresDeletedPeopleTests(PostgresCluster cluster) : DeletedPeopleContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
