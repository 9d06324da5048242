using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Notices;

/// <summary>Words of a notice's row.</summary>
internal static class NoticeWords
{
    public const string Email = "email", Push = "push";

    public const string Queued = "queued", Waiting = "waiting", Sent = "sent", Failed = "failed", Expired = "expired";

    public const string UserRegistered = "user_registered", PopularMovies = "popular_movies", EpisodeRelease = "episode_release", Generic = "generic";
}

/// <summary>A notice as it is stored.</summary>
internal sealed record NoticeRow
{
    public string Id { get; init; } = "";

    public long Person { get; init; }

    public string UserId { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Body { get; init; } = "";

    /// <summary>Titles as a JSON array; null for kinds without.</summary>
    public string? Films { get; init; }

    public string Recipient { get; init; } = "";

    public string Method { get; init; } = "";

    public string Status { get; init; } = "";

    public long ExpiresAt { get; init; }
}

/// <summary>All SQL about notices.</summary>
internal sealed class NoticeStore(Database database, TimeProvider clock)
{
    private const string Columns =
        "id as Id, person as Person, user_id as UserId, kind as Kind, body as Body, films as Films, recipient as Recipient, method as Method, status as Status, expires_at as ExpiresAt";

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Adds a notice; false where one of the same occasion is there.</summary>
    public async Task<bool> AddAsync(DbTransaction transaction, NoticeRow row, string? occasion, CancellationToken cancellation) => await transaction.Connection!.ExecuteAsync(new CommandDefinition(
        """
        insert into notices(id, person, user_id, kind, body, films, recipient, method, status, occasion, created_at, expires_at)
        values (@Id, @Person, @UserId, @Kind, @Body, @Films, @Recipient, @Method, @Status, @occasion, @now, @ExpiresAt) on conflict(occasion) do nothing
        """,
        new { row.Id, row.Person, row.UserId, row.Kind, row.Body, row.Films, row.Recipient, row.Method, row.Status, occasion, now = Now, row.ExpiresAt },
        transaction,
        cancellationToken: cancellation)) == 1;

    public Task SetAsync(Guid id, string status, string? reason, CancellationToken cancellation) => database.WriteAsync(transaction => SetAsync(transaction, id.ToString(), status, reason, cancellation), cancellation);

    public static Task<NoticeRow?> FindAsync(DbTransaction transaction, Guid id, CancellationToken cancellation) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<NoticeRow>(new CommandDefinition($"select {Columns} from notices where id = @id", new { id = id.ToString() }, transaction, cancellationToken: cancellation));

    public Task SetAsync(DbTransaction transaction, string id, string status, string? reason, CancellationToken cancellation) => transaction.Connection!.ExecuteAsync(new CommandDefinition(
        "update notices set status = @status, reason = @reason, sent_at = case when @status = 'sent' then cast(@Now as bigint) else sent_at end where id = @id",
        new { id, status, reason, Now },
        transaction,
        cancellationToken: cancellation));

    /// <summary>What was sent to a person, newest first.</summary>
    public async Task<IReadOnlyList<NoticeRow>> ListSentAsync(long person, int offset, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<NoticeRow>(new CommandDefinition(
            $"select {Columns} from notices where person = @person and status = 'sent' order by created_at desc, id desc limit @limit offset @offset", new { person, offset, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Ids of what waits for quiet hours to end.</summary>
    public async Task<IReadOnlyList<string>> ListWaitingAsync(int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<string>(new CommandDefinition("select id from notices where status = 'waiting' order by created_at limit @most", new { most }, cancellationToken: cancellation))).AsList();
    }
}
