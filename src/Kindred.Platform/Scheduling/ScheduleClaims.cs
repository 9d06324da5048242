using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Platform.Scheduling;

/// <summary>What became of a schedule's time.</summary>
/// <param name="Schedule">Name of the job.</param>
/// <param name="Due">When it was due.</param>
/// <param name="FinishedAt">When it ended; null while it runs.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record ScheduleRun(string Schedule, DateTimeOffset Due, DateTimeOffset? FinishedAt, string? Failure);

/// <summary>
/// One row for each time of a schedule, claimed by whoever inserts it. Claims are held by leases on the database's clock, so that a run is done again when
/// its process died.
/// </summary>
internal sealed class ScheduleClaims(Database database, TimeProvider clock)
{
    /// <summary>How long a claim outlives its holder.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const int FailureLength = 500;

    // Longer than any catching up, by far: a row that is still there cannot be claimed a second time.
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(90);

    private string Now => database.Dialect == Dialect.Sqlite ? "cast((julianday('now') - 2440587.5) * 86400000 as integer)" : "(extract(epoch from clock_timestamp()) * 1000)::bigint";

    /// <summary>Claims a time; false when somebody else has, or had.</summary>
    public async Task<bool> TakeAsync(string schedule, DateTimeOffset due, string owner, CancellationToken cancellation) =>
        await RunAsync(
            $"""
            insert into schedule_runs(schedule, due, owner, leased_until) values (@schedule, @due, @owner, {Now} + @lease)
            on conflict (schedule, due) do nothing
            """,
            new { schedule, due = due.ToUnixTimeMilliseconds(), owner, lease = (long)Lease.TotalMilliseconds },
            cancellation) == 1;

    /// <summary>Takes over a time whose process died before it was done; null without one.</summary>
    public Task<DateTimeOffset?> TakeOverAsync(string schedule, string owner, CancellationToken cancellation) => database.WriteAsync(
        async transaction => await transaction.Connection!.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            $"""
            update schedule_runs set owner = @owner, leased_until = {Now} + @lease
            where schedule = @schedule and finished_at is null and leased_until < {Now}
              and due = (select min(due) from schedule_runs where schedule = @schedule and finished_at is null and leased_until < {Now})
            returning due
            """,
            new { schedule, owner, lease = (long)Lease.TotalMilliseconds },
            transaction,
            cancellationToken: cancellation)) is { } due
            ? DateTimeOffset.FromUnixTimeMilliseconds(due)
            : (DateTimeOffset?)null,
        cancellation);

    /// <summary>Keeps the claims of this process for another lease.</summary>
    public Task RenewAsync(string owner, CancellationToken cancellation) =>
        RunAsync($"update schedule_runs set leased_until = {Now} + @lease where owner = @owner and finished_at is null", new { owner, lease = (long)Lease.TotalMilliseconds }, cancellation);

    /// <summary>The work is done, or has failed; also forgets what ended long ago.</summary>
    public Task FinishAsync(string schedule, DateTimeOffset due, string? failure, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "update schedule_runs set finished_at = @now, failure = @failure where schedule = @schedule and due = @due",
                new { schedule, due = due.ToUnixTimeMilliseconds(), now = now.ToUnixTimeMilliseconds(), failure = failure?.Length > FailureLength ? failure[..FailureLength] : failure },
                transaction,
                cancellationToken: cancellation));
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "delete from schedule_runs where schedule = @schedule and due < @before and finished_at is not null",
                new { schedule, before = (now - s_kept).ToUnixTimeMilliseconds() },
                transaction,
                cancellationToken: cancellation));
        },
        cancellation);

    /// <summary>Gives a time back that this process did not get to do.</summary>
    public Task GiveBackAsync(string schedule, DateTimeOffset due, CancellationToken cancellation) =>
        RunAsync("update schedule_runs set leased_until = 0 where schedule = @schedule and due = @due and finished_at is null", new { schedule, due = due.ToUnixTimeMilliseconds() }, cancellation);

    /// <summary>The newest time of each schedule that was ever claimed.</summary>
    public async Task<IReadOnlyDictionary<string, ScheduleRun>> NewestAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(string Schedule, long Due, long? FinishedAt, string? Failure)>(new CommandDefinition(
            """
            select schedule, due, finished_at, failure from schedule_runs r
            where due = (select max(due) from schedule_runs o where o.schedule = r.schedule)
            """,
            cancellationToken: cancellation));
        return rows.ToDictionary(
            row => row.Schedule,
            row => new ScheduleRun(row.Schedule, DateTimeOffset.FromUnixTimeMilliseconds(row.Due), row.FinishedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, row.Failure),
            StringComparer.Ordinal);
    }

    private Task<int> RunAsync(string sql, object values, CancellationToken cancellation) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation)), cancellation);
}
