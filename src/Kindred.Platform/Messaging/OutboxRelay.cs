using System.Data.Common;
using Dapper;
using Kindred.Platform.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Platform.Messaging;

/// <summary>
/// Hands the outbox to the bus, topic by topic in order of their places, and forgets what the bus has taken over. Rows under way carry a lease by the
/// database's clock, so that of several processes one delivers them, and another does when that one dies.
/// </summary>
internal sealed partial class OutboxRelay(Outbox outbox, Inbox inbox, IMessageBus bus, Database database, MessagingSettings settings, TimeProvider clock, ILogger<OutboxRelay> log) : BackgroundService
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_renew = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_sweep = TimeSpan.FromHours(1);
    private readonly string _owner = Guid.NewGuid().ToString("N");

    private string Now => database.Dialect == Dialect.Sqlite ? "cast((julianday('now') - 2440587.5) * 86400000 as integer)" : "(extract(epoch from clock_timestamp()) * 1000)::bigint";

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var topic in bus.Topics)
        {
            outbox.Listen(topic);
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // One process owns a SQLite file; what it had under way when it was killed is free again.
        if (database.Dialect == Dialect.Sqlite)
        {
            await UntilDoneAsync(() => RunAsync("update outbox set owner = null, leased_until = 0 where leased_until > 0", null, stoppingToken), stoppingToken);
        }

        await Task.WhenAll([.. bus.Topics.Select(topic => RelayAsync(topic, stoppingToken)), KeepAsync(stoppingToken)]);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await UntilDoneAsync(() => RunAsync("update outbox set owner = null, leased_until = 0 where owner = @_owner", new { _owner }, cancellationToken), cancellationToken);
    }

    private async Task RelayAsync(string topic, CancellationToken stopping)
    {
        List<(long Place, Task Work)> underWay = [];
        Task? news = null;
        try
        {
            while (true)
            {
                List<Row> rows = [];
                if (underWay.Count < settings.Window)
                {
                    await UntilDoneAsync(async () => rows = await ClaimAsync(topic, settings.Window - underWay.Count, stopping), stopping);
                    underWay.AddRange(rows.Select(row => (row.Place, PublishAsync(row, stopping))));
                }

                if (rows.Count == 0)
                {
                    news ??= outbox.WaitAsync(topic, settings.Poll, stopping);
                    await Task.WhenAny([news, .. underWay.Select(one => one.Work)]);
                    if (news.IsCompleted)
                    {
                        await news;
                        news = null;
                    }
                }

                await ForgetAsync(underWay, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was under way comes again.
        }
    }

    private async Task PublishAsync(Row row, CancellationToken stopping)
    {
        var message = new Message(Guid.Parse(row.Id), row.Topic, row.Body, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), row.Queue);
        await UntilDoneAsync(() => bus.PublishAsync(message, stopping), stopping);
        outbox.Settle(message.Id);
    }

    private async Task ForgetAsync(List<(long Place, Task Work)> underWay, CancellationToken stopping)
    {
        // Messages of a batch end within moments of each other: one delete for all of them.
        for (int before = 0, done; (done = underWay.Count(one => one.Work.IsCompleted)) > before; before = done)
        {
            await Task.Yield();
        }

        var ended = underWay.Where(one => one.Work.IsCompleted).ToList();
        if (ended.Count > 0)
        {
            underWay.RemoveAll(ended.Contains);
            await Task.WhenAll(ended.Select(one => one.Work));
            var places = "[" + string.Join(',', ended.Select(one => one.Place)) + "]";
            var values = database.Dialect == Dialect.Sqlite ? "select value from json_each(@places)" : "select value::bigint from json_array_elements_text(@places::json)";
            await UntilDoneAsync(() => RunAsync($"delete from outbox where place in ({values})", new { places }, stopping), stopping);
        }
    }

    private Task<List<Row>> ClaimAsync(string topic, int most, CancellationToken stopping) => database.WriteAsync(
        async transaction =>
        {
            var free = $"select place from outbox where topic = @topic and leased_until < {Now} order by place limit @most" + (database.Dialect == Dialect.Postgres ? " for update skip locked" : "");
            var rows = (await transaction.Connection!.QueryAsync<Row>(new CommandDefinition(
                $"update outbox set owner = @_owner, leased_until = {Now} + @lease where place in ({free}) returning place as Place, id as Id, topic as Topic, queue as Queue, body as Body, created_at as CreatedAt",
                new { topic, most, _owner, lease = (long)s_lease.TotalMilliseconds },
                transaction,
                cancellationToken: stopping))).AsList();
            rows.Sort((a, b) => a.Place.CompareTo(b.Place));
            return rows;
        },
        stopping);

    // Renews the leases of what takes long, and sweeps the inbox.
    private async Task KeepAsync(CancellationToken stopping)
    {
        try
        {
            using PeriodicTimer timer = new(s_renew, clock);
            for (var swept = clock.GetTimestamp(); await timer.WaitForNextTickAsync(stopping);)
            {
                await UntilDoneAsync(
                    () => RunAsync($"update outbox set leased_until = {Now} + @lease where owner = @_owner", new { _owner, lease = (long)s_lease.TotalMilliseconds }, stopping), stopping);
                if (clock.GetElapsedTime(swept) > s_sweep)
                {
                    swept = clock.GetTimestamp();
                    await UntilDoneAsync(() => inbox.SweepAsync(stopping), stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private Task<int> RunAsync(string sql, object? parameters, CancellationToken cancellation) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation)), cancellation);

    private async Task UntilDoneAsync(Func<Task> work, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception away) when ((away is DbException broken && Database.IsUnavailable(broken)) || away is IOException)
            {
                Waits(log, away);
                await Task.Delay(settings.Poll, clock, stopping);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Messages wait: the database or the broker does not answer")]
    private static partial void Waits(ILogger log, Exception exception);

    private sealed record Row
    {
        public long Place { get; init; }

        public string Id { get; init; } = "";

        public string Topic { get; init; } = "";

        public string? Queue { get; init; }

        public string Body { get; init; } = "";

        public long CreatedAt { get; init; }
    }
}
