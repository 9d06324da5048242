using System.Data.Common;
using Dapper;
using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;

namespace Kindred.Recommendations.Generation;

/// <summary>One line of a list made on demand.</summary>
internal sealed record GeneratedItem
{
    public int Rank { get; init; }

    public int Item { get; init; }

    public double Score { get; init; }

    public long GeneratedAt { get; init; }
}

/// <summary>A job that makes a list.</summary>
internal sealed record GenerationJob
{
    public string Id { get; init; } = "";

    public int UserNumber { get; init; }

    public string State { get; init; } = "";

    public string? Error { get; init; }

    public long CreatedAt { get; init; }

    public long? FinishedAt { get; init; }
}

/// <summary>What a job's message says.</summary>
internal sealed record GenerationRequested(string Job, int Collection, int User);

/// <summary>Lists made on demand and their jobs, as rows.</summary>
internal sealed class GenerationStore(Database database, Outbox outbox, TimeProvider clock) : IUserForgotten
{
    public const string Topic = "recommendations.generate";
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(7);

    /// <summary>Writes a job down and sends its message with it; returns the job's id. Jobs older than a week are forgotten.</summary>
    public Task<string> StartAsync(int collection, int user, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var id = Guid.CreateVersion7(now).ToString();
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                delete from generations where created_at < @before;
                insert into generations(id, collection, "user", state, created_at) values (@id, @collection, @user, 'queued', @now)
                """,
                new { id, collection, user, now = now.ToUnixTimeMilliseconds(), before = (now - s_kept).ToUnixTimeMilliseconds() },
                transaction,
                cancellationToken: cancellation));
            await outbox.AddAsync(Topic, new GenerationRequested(id, collection, user), transaction, cancellation);
            return id;
        },
        cancellation);

    /// <summary>A job, or null.</summary>
    public async Task<GenerationJob?> FindJobAsync(int collection, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<GenerationJob>(new CommandDefinition(
            """
            select id as Id, "user" as UserNumber, state as State, error as Error, created_at as CreatedAt, finished_at as FinishedAt
            from generations where collection = @collection and id = @id
            """,
            new { collection, id },
            cancellationToken: cancellation));
    }

    /// <summary>A user's newest list, best first; empty when none was made.</summary>
    public async Task<GeneratedItem[]> ReadAsync(int collection, int user, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. await connection.QueryAsync<GeneratedItem>(new CommandDefinition(
            "select rank as Rank, item as Item, score as Score, generated_at as GeneratedAt from recommendations where collection = @collection and \"user\" = @user order by rank",
            new { collection, user },
            cancellationToken: cancellation))];
    }

    /// <summary>Puts a list in place of the user's last one and ends the jobs that asked for it.</summary>
    public async Task StoreAsync(int collection, int user, IReadOnlyList<(int Item, float Score)> list, IReadOnlyList<string> jobs, DbTransaction transaction, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(new CommandDefinition(
            "delete from recommendations where collection = @collection and \"user\" = @user", new { collection, user }, transaction, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into recommendations(collection, \"user\", rank, item, score, generated_at) values (@collection, @user, @rank, @Item, @Score, @now)",
            list.Select((line, k) => new { collection, user, rank = k + 1, line.Item, line.Score, now }),
            transaction,
            cancellationToken: cancellation));
        await EndAsync(jobs, "done", null, transaction, cancellation);
    }

    /// <summary>The jobs failed for now; their message is tried again.</summary>
    public Task FailAsync(IReadOnlyList<string> jobs, string error, CancellationToken cancellation) =>
        database.WriteAsync(transaction => EndAsync(jobs, "failed", error, transaction, cancellation), cancellation);

    public Task OnForgottenAsync(int collection, int user, DbTransaction transaction, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            delete from recommendations where collection = @collection and "user" = @user;
            delete from generations where collection = @collection and "user" = @user
            """,
            new { collection, user },
            transaction,
            cancellationToken: cancellation));

    private Task<int> EndAsync(IReadOnlyList<string> jobs, string state, string? error, DbTransaction transaction, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "update generations set state = @state, error = @error, finished_at = @now where id = @id",
            jobs.Select(id => new { id, state, error, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }),
            transaction,
            cancellationToken: cancellation));
}
