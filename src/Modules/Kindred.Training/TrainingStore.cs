using System.Data.Common;
using Dapper;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Kindred.Training.Runs;

namespace Kindred.Training;

/// <summary>Runs, model heads and their moves: all of this module's SQL.</summary>
internal sealed class TrainingStore(Database database, TimeProvider clock) : IModelHeads
{
    private const string RunColumns =
        """
        id as Id, collection as Collection, trigger as Trigger, state as State, options as Options, stage as Stage, progress as Progress,
        requested_at as RequestedAt, started_at as StartedAt, finished_at as FinishedAt,
        items as Items, users as Users, events as Events, last_sequence as LastSequence, report as Report, error as Error
        """;

    private const string HeadColumns = "collection as Collection, version as Version, run as Run, bundle as Bundle, published_at as PublishedAt";

    // Leases go by the database's clock: the clocks of two servers need not agree.
    private string Now => database.Dialect == Dialect.Sqlite
        ? "(cast(strftime('%s', 'now') as integer) * 1000000)"
        : "((extract(epoch from clock_timestamp()) * 1000000)::bigint)";

    private long Clock => clock.GetUtcNow().ToMicroseconds();

    /// <summary>Queues a run; null when the collection has an active one. A run whose process fell silent is closed first.</summary>
    public async Task<Run?> RequestAsync(int collection, string trigger, string options, TimeSpan lease, CancellationToken cancellation)
    {
        await RecoverAsync(lease, cancellation);
        return await database.WriteAsync(
            transaction => transaction.Connection!.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
                $"""
                insert into runs (collection, trigger, state, options, token, stage, progress, requested_at, beat_at)
                values (@collection, @trigger, 'queued', @options, '', 'waiting', 0, @at, {Now})
                on conflict do nothing
                returning {RunColumns}
                """,
                new { collection, trigger, options, at = Clock },
                transaction,
                cancellationToken: cancellation)),
            cancellation);
    }

    /// <summary>Takes a queued run for this process; false when it is no longer queued.</summary>
    public Task<bool> ClaimAsync(long run, string token, CancellationToken cancellation) => ChangedAsync(
        $"update runs set state = 'running', token = @token, started_at = @at, beat_at = {Now}, stage = 'reading events' where id = @run and state = 'queued'",
        new { run, token, at = Clock },
        cancellation);

    /// <summary>Says the run is alive and how far it is; false when it is no longer this process's: taken for dead, or cancelled.</summary>
    public Task<bool> BeatAsync(long run, string token, string stage, double progress, CancellationToken cancellation) => ChangedAsync(
        $"update runs set stage = @stage, progress = @progress, beat_at = {Now} where id = @run and token = @token and state = 'running'",
        new { run, token, stage, progress },
        cancellation);

    /// <summary>Writes what the run reads from; false when fenced.</summary>
    public Task<bool> DescribeAsync(long run, string token, long items, long users, long events, long lastSequence, CancellationToken cancellation) => ChangedAsync(
        "update runs set items = @items, users = @users, events = @events, last_sequence = @lastSequence where id = @run and token = @token and state = 'running'",
        new { run, token, items, users, events, lastSequence },
        cancellation);

    /// <summary>Ends a run without a new head; false when it had ended already. Without a token it ends whatever process has it; a queued run is nobody's yet.</summary>
    public Task<bool> EndAsync(long run, string? token, string state, string? report, string? error, CancellationToken cancellation) => ChangedAsync(
        """
        update runs set state = @state, finished_at = @at, report = coalesce(@report, report), error = @error, progress = case when @error is null then 1 else progress end
        where id = @run and (@token is null or token = @token or state = 'queued') and state in ('queued', 'running')
        """,
        new { run, token, state, report, error, at = Clock },
        cancellation);

    /// <summary>
    /// Ends a run with success and moves the head to its bundle, both or neither. The head moves only from the version the run compared itself with.
    /// </summary>
    public Task<bool> PublishAsync(long run, string token, int collection, long fromVersion, string bundle, string report, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                var at = Clock;
                var ended = await ExecuteAsync(
                    transaction,
                    "update runs set state = 'succeeded', finished_at = @at, report = @report, stage = 'published', progress = 1 where id = @run and token = @token and state = 'running'",
                    new { run, token, at, report },
                    cancellation);
                if (ended == 0 || !await MoveAsync(transaction, collection, fromVersion, run, bundle, at, cancellation))
                {
                    throw new HeadMovedException();
                }

                return true;
            },
            cancellation).FalseWhenMoved();

    /// <summary>Moves the head back to an earlier bundle; false when it is not at the expected version any more.</summary>
    public Task<bool> RollBackAsync(int collection, long fromVersion, ModelHead to, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => MoveAsync(transaction, collection, fromVersion, long.Parse(to.Run, System.Globalization.CultureInfo.InvariantCulture), to.Bundle, Clock, cancellation),
            cancellation);

    /// <summary>Closes runs whose process has been silent for longer than a lease; returns how many.</summary>
    public Task<int> RecoverAsync(TimeSpan lease, CancellationToken cancellation) => database.WriteAsync(
        transaction => ExecuteAsync(
            transaction,
            $"""
            update runs set state = 'failed', finished_at = @at, error = 'Its process ended without a word.'
            where state = 'running' and beat_at < {Now} - @lease
            """,
            new { at = Clock, lease = (long)lease.TotalMicroseconds },
            cancellation),
        cancellation);

    public async Task<Run?> FindAsync(long run, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
            $"select {RunColumns} from runs where id = @run", new { run }, cancellationToken: cancellation));
    }

    /// <summary>The oldest queued run of any collection.</summary>
    public async Task<long?> NextQueuedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "select id from runs where state = 'queued' order by id limit 1", cancellationToken: cancellation));
    }

    /// <summary>The active run of a collection.</summary>
    public async Task<Run?> FindActiveAsync(int collection, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
            $"select {RunColumns} from runs where collection = @collection and state in ('queued', 'running')", new { collection }, cancellationToken: cancellation));
    }

    /// <summary>Runs of a collection, newest first, below a number.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(int collection, long below, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. await connection.QueryAsync<Run>(new CommandDefinition(
            $"select {RunColumns} from runs where collection = @collection and id < @below order by id desc limit @limit",
            new { collection, below, limit },
            cancellationToken: cancellation))];
    }

    public async ValueTask<ModelHead?> ReadAsync(int collection, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<HeadRow>(new CommandDefinition(
            $"select {HeadColumns} from model_heads where collection = @collection", new { collection }, cancellationToken: cancellation));
        return row?.ToHead();
    }

    /// <summary>Every move of a collection's head, newest first.</summary>
    public async Task<IReadOnlyList<ModelHead>> MovesAsync(int collection, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<HeadRow>(new CommandDefinition(
            $"select {HeadColumns} from model_moves where collection = @collection order by version desc limit @limit",
            new { collection, limit },
            cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToHead())];
    }

    // The head is made at version 1 and then only moves from the version its mover saw: two movers cannot both succeed.
    private static async Task<bool> MoveAsync(
        DbTransaction transaction, int collection, long fromVersion, long run, string bundle, long at, CancellationToken cancellation)
    {
        var values = new { collection, fromVersion, version = fromVersion + 1, run, bundle, at };
        var moved = await ExecuteAsync(
            transaction,
            fromVersion == 0
                ? "insert into model_heads (collection, version, run, bundle, published_at) values (@collection, @version, @run, @bundle, @at) on conflict do nothing"
                : "update model_heads set version = @version, run = @run, bundle = @bundle, published_at = @at where collection = @collection and version = @fromVersion",
            values,
            cancellation);
        if (moved == 0)
        {
            return false;
        }

        await ExecuteAsync(
            transaction,
            "insert into model_moves (collection, version, run, bundle, published_at) values (@collection, @version, @run, @bundle, @at)",
            values,
            cancellation);
        return true;
    }

    private Task<bool> ChangedAsync(string sql, object values, CancellationToken cancellation) =>
        database.WriteAsync(async transaction => await ExecuteAsync(transaction, sql, values, cancellation) > 0, cancellation);

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation));

    private sealed record HeadRow
    {
        public int Collection { get; init; }

        public long Version { get; init; }

        public long Run { get; init; }

        public string Bundle { get; init; } = "";

        public long PublishedAt { get; init; }

        public ModelHead ToHead() =>
            new(Collection, Version, Run.ToString(System.Globalization.CultureInfo.InvariantCulture), Bundle, PublishedAt.ToTime());
    }
}

/// <summary>Rolls a publishing transaction back: the head is not where the run found it, or the run is no longer this process's.</summary>
internal sealed class HeadMovedException : Exception;

file static class Publishing
{
    public static async Task<bool> FalseWhenMoved(this Task<bool> publishing)
    {
        try
        {
            return await publishing;
        }
        catch (HeadMovedException)
        {
            return false;
        }
    }
}
