using System.Collections.Concurrent;
using Dapper;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Service.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Service.Tests.Messaging;

/// <summary>What outbox, bus and inbox keep, whatever carries the messages and wherever they are written down.</summary>
public abstract class MessagingContract : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-messages-").FullName;
    private readonly MessagingSettings _settings = new()
    {
        RetryAfter = [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)],
        AwayRetry = TimeSpan.FromMilliseconds(100),
        Poll = TimeSpan.FromMilliseconds(200),
        SettleWithin = TimeSpan.FromSeconds(20),
    };

    private string _connection = "";
    private ServiceProvider? _process;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await ConnectionStringAsync();
        await using var first = Compose();
        await first.GetRequiredService<Migrator>().ApplyAsync(Cancellation);
        await Get<Database>(first).WriteAsync(transaction => transaction.Connection!.ExecuteAsync("create table done(message text not null, body text not null)", transaction: transaction), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_message_reaches_every_queue_of_its_topic_in_order_and_leaves_the_outbox()
    {
        var (first, second) = (new Recorder("first", "things"), new Recorder("second", "things"));
        await StartAsync(first, second, new Recorder("other", "elsewhere"));
        for (var k = 0; k < 300; k++)
        {
            await SendAsync("things", $"{k}");
        }

        await UntilAsync(async () => await CountAsync("outbox") == 0);
        first.Bodies.ShouldBe(Enumerable.Range(0, 300).Select(k => $"\"{k}\""));
        second.Bodies.ShouldBe(first.Bodies);
    }

    [Fact]
    public async Task Who_waits_for_a_message_sees_its_effects()
    {
        var recorder = new Recorder("q", "things");
        await StartAsync(recorder);
        for (var k = 0; k < 50; k++)
        {
            await Get<Outbox>().SettledAsync(await SendAsync("things", $"{k}"), Cancellation);
            recorder.Bodies.Count.ShouldBe(k + 1);
        }

        await Get<Outbox>().SettledAsync(await SendAsync("nobody.listens", "x"), Cancellation);
    }

    [Fact]
    public async Task A_rolled_back_cause_sends_nothing()
    {
        var recorder = new Recorder("q", "things");
        await StartAsync(recorder);
        await Should.ThrowAsync<InvalidOperationException>(() => Get<Database>().WriteAsync<int>(
            async transaction =>
            {
                await Get<Outbox>().AddAsync("things", "never", transaction, Cancellation);
                throw new InvalidOperationException("killed here");
            },
            Cancellation));
        await Get<Outbox>().SettledAsync(await SendAsync("things", "after"), Cancellation);
        recorder.Bodies.ShouldBe(["\"after\""]);
    }

    [Fact]
    public async Task What_fails_by_itself_is_parked_with_its_reason_and_holds_nobody_up()
    {
        var recorder = new Recorder("q", "things") { Refuse = body => body.Contains("bad", StringComparison.Ordinal) ? new FormatException("cannot read this") : null };
        await StartAsync(recorder, new Recorder("fine", "things"));
        var bad = await SendAsync("things", "bad");
        await SendAsync("things", "good");
        await UntilAsync(async () => await CountAsync("parked_messages") == 1 && await CountAsync("outbox") == 0);

        recorder.Bodies.ShouldBe(["\"good\""]);
        var parked = (await Get<ParkedMessages>().ListAsync(null, 10, Cancellation)).ShouldHaveSingleItem();
        parked.ShouldSatisfyAllConditions(
            one => one.Queue.ShouldBe("q"),
            one => one.Id.ShouldBe(bad.ToString()),
            one => one.Body.ShouldBe("\"bad\""),
            one => one.Tries.ShouldBe(3),
            one => one.Reason.ShouldBe("FormatException: cannot read this"));

        // Mended, it is sent again to the queue that parked it, and to no other.
        recorder.Refuse = null;
        (await Get<ParkedMessages>().ReplayAsync(null, "another", Cancellation)).ShouldBe(0);
        (await Get<ParkedMessages>().ReplayAsync(bad, null, Cancellation)).ShouldBe(1);
        await UntilAsync(async () => await CountAsync("outbox") == 0);
        recorder.Bodies.ShouldBe(["\"good\"", "\"bad\""]);
        _recorders.Single(one => one.Queue == "fine").Bodies.ShouldBe(["\"bad\"", "\"good\""]);
        (await CountAsync("parked_messages")).ShouldBe(0);
    }

    [Fact]
    public async Task A_place_that_is_away_is_waited_for_and_nothing_is_parked()
    {
        var tries = 0;
        var recorder = new Recorder("q", "things") { Refuse = _ => Interlocked.Increment(ref tries) < 6 ? new HttpRequestException("connection refused") : null };
        await StartAsync(recorder);
        await SendAsync("things", "1");
        await SendAsync("things", "2");
        await UntilAsync(async () => await CountAsync("outbox") == 0);
        recorder.Bodies.ToArray().ShouldBe(["\"1\"", "\"2\""], "in order still");
        (await CountAsync("parked_messages")).ShouldBe(0);
    }

    [Fact]
    public async Task A_process_that_stops_in_mid_work_loses_nothing_and_the_inbox_counts_once()
    {
        var stuck = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await StartAsync(new Recorder("q", "things")
        {
            Work = async (messages, inbox, cancellation) =>
            {
                await inbox.OnceAsync("q", messages, (fresh, transaction) => InsertAsync(fresh, transaction), cancellation);
                entered.TrySetResult();
                await stuck.Task.WaitAsync(cancellation);
            },
        });
        await SendAsync("things", "x");
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        await StopAsync();

        await StartAsync(new Recorder("q", "things") { Work = (messages, inbox, cancellation) => inbox.OnceAsync("q", messages, (fresh, transaction) => InsertAsync(fresh, transaction), cancellation) });
        await SendAsync("things", "y");
        await UntilAsync(async () => await CountAsync("outbox") == 0);
        (await CountAsync("done")).ShouldBe(2, "x was delivered twice and done once");
    }

    [Fact]
    public async Task Parked_messages_can_be_deleted()
    {
        await StartAsync(new Recorder("q", "things") { Refuse = _ => new FormatException("no") });
        var id = await SendAsync("things", "bad");
        await UntilAsync(async () => await CountAsync("parked_messages") == 1);
        (await Get<ParkedMessages>().FindAsync(id, Cancellation)).ShouldHaveSingleItem().Topic.ShouldBe("things");
        (await Get<ParkedMessages>().DeleteAsync(id, "q", Cancellation)).ShouldBe(1);
        (await Get<ParkedMessages>().DeleteAsync(id, "q", Cancellation)).ShouldBe(0);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_before_anything_is_stored()
    {
        await StartAsync();
        await Should.ThrowAsync<ArgumentException>(() => SendAsync("things", new string('x', Message.MaxBytes)));
        (await CountAsync("outbox")).ShouldBe(0);
    }

    private protected abstract Task<string> ConnectionStringAsync();

    private static Task<int> InsertAsync(IReadOnlyList<Message> messages, System.Data.Common.DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("insert into done(message, body) values (@Id, @Body)", messages.Select(message => new { Id = message.Id.ToString(), message.Body }), transaction);

    private static T Get<T>(IServiceProvider process)
        where T : notnull => process.GetRequiredService<T>();

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var k = 0; !await holds(); k++)
        {
            k.ShouldBeLessThan(1000, "what was waited for did not come");
            await Task.Delay(20, Cancellation);
        }
    }

    private readonly List<Recorder> _recorders = [];

    private T Get<T>()
        where T : notnull => Get<T>(_process!);

    private Task<Guid> SendAsync(string topic, string body) => Get<Database>().WriteAsync(transaction => Get<Outbox>().AddAsync(topic, body, transaction, Cancellation), Cancellation);

    private async Task<long> CountAsync(string table)
    {
        await using var connection = await Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>($"select count(*) from {table}");
    }

    private async Task StartAsync(params Recorder[] recorders)
    {
        _recorders.AddRange(recorders);
        _process = Compose(recorders);
        foreach (var hosted in _process.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Cancellation);
        }
    }

    private async Task StopAsync()
    {
        if (_process is not null)
        {
            foreach (var hosted in _process.GetServices<IHostedService>())
            {
                await hosted.StopAsync(CancellationToken.None);
            }

            await _process.DisposeAsync();
            _process = null;
        }
    }

    private ServiceProvider Compose(params Recorder[] recorders)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddStorage(new PlatformSettings { DataFolder = _folder }, new DatabaseSettings { ConnectionString = _connection }, new Dictionary<string, CollectionSettings>(StringComparer.Ordinal));
        services.AddMessaging(_settings);
        foreach (var recorder in recorders)
        {
            services.AddSingleton<IMessageHandler>(provider =>
            {
                recorder.Inbox = provider.GetRequiredService<Inbox>();
                return recorder;
            });
        }

        return services.BuildServiceProvider();
    }

    private sealed class Recorder(string queue, string topic) : IMessageHandler
    {
        public string Queue => queue;

        public string Topic => topic;

        public Inbox Inbox { get; set; } = null!;

        public Func<string, Exception?>? Refuse { get; set; }

        public Func<IReadOnlyList<Message>, Inbox, CancellationToken, Task>? Work { get; init; }

        public ConcurrentQueue<string> Bodies { get; } = new();

        public async Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
        {
            if (messages.Select(message => Refuse?.Invoke(message.Body)).FirstOrDefault(refused => refused is not null) is { } refusal)
            {
                throw refusal;
            }

            if (Work is not null)
            {
                await Work(messages, Inbox, cancellation);
            }

            foreach (var message in messages)
            {
                Bodies.Enqueue(message.Body);
            }
        }
    }
}

public sealed class SqliteMessagingTests : MessagingContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresMessagingTests(PostgresCluster cluster) : MessagingContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
