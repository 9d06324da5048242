using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Service.Tests.Storage;

public sealed class SqliteStoreTests : StoreContract
{
    [Fact]
    public async Task Commits_wait_for_the_disk()
    {
        await using var connection = await Get<Database>().OpenAsync(TestContext.Current.CancellationToken);
        (await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode")).ShouldBe("wal");
        (await connection.ExecuteScalarAsync<long>("PRAGMA synchronous")).ShouldBe(2, "FULL: a reported commit survives power loss");
    }

    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");

    private protected override Task<string> ReopenAsync() => Task.FromResult("");
}

public sealed class PostgresStoreTests(PostgresCluster cluster) : StoreContract
{
    private string _connection = "";

    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return _connection = await cluster.CreateDatabaseAsync();
    }

    private protected override Task<string> ReopenAsync() => Task.FromResult(_connection);
}
