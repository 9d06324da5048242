using System.Collections.Concurrent;
using Dapper;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Service.Tests.Accounts;
using Kindred.Service.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kindred.Service.Tests.Scheduling;

/// <summary>What is done by the calendar, however many processes look at it, on every database.</summary>
public abstract class SchedulesContract : IAsyncLifetime
{
    private static readonly DateTimeOffset s_due = new(2026, 3, 1, 3, 30, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-schedules-").FullName;
    private readonly List<ServiceProvider> _processes = [];
    private string _connection = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connection = await ConnectionStringAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var process in _processes)
        {
            await StopAsync(process);
            await process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Of_two_processes_one_does_the_job_each_time()
    {
        var (first, second) = (new Job("ticks", "* * * * * ?"), new Job("ticks", "* * * * * ?"));
        await StartAsync(new OffsetClock(), first);
        await StartAsync(new OffsetClock(), second);
        await UntilAsync(() => first.Runs.Count + second.Runs.Count >= 4);
        await StopAllAsync();
        var all = first.Runs.Concat(second.Runs).Order().ToArray();
        all.ShouldBeUnique();
        all.ShouldAllBe(due => due.Millisecond == 0);
        (await CountAsync("select count(*) from schedule_runs where finished_at is not null and failure is null")).ShouldBe(all.Length);
    }

    [Fact]
    public async Task A_time_passed_while_no_process_was_there_is_made_good_once_within_a_day()
    {
        // Started for the first time, a job has missed nothing.
        var clock = new OffsetClock();
        var job = new Job("nightly", "0 30 3 * * ?");
        var process = await StartAsync(clock, job);
        await Task.Delay(200, Cancellation);
        job.Runs.ShouldBeEmpty();
        await StopAsync(process);

        var hourly = new Job("hourly", "0 0 * * * ?");
        var claims = Get<ScheduleClaims>();
        (await claims.TakeAsync("hourly", clock.GetUtcNow().AddHours(-7.5), "x", Cancellation)).ShouldBeTrue();
        await claims.FinishAsync("hourly", clock.GetUtcNow().AddHours(-7.5), failure: null, Cancellation);
        (await claims.TakeAsync("weekly", clock.GetUtcNow().AddDays(-30), "x", Cancellation)).ShouldBeTrue();
        await claims.FinishAsync("weekly", clock.GetUtcNow().AddDays(-30), failure: null, Cancellation);
        var past = clock.GetUtcNow().AddDays(-2);
        var weekly = new Job("weekly", $"0 0 0 ? * {past.DayOfWeek.ToString()[..3].ToUpperInvariant()}");
        await StartAsync(clock, hourly, weekly);
        await UntilAsync(() => hourly.Runs.Count == 1);
        await Task.Delay(200, Cancellation);
        hourly.Runs.ShouldHaveSingleItem().ShouldBeInRange(clock.GetUtcNow().AddHours(-1), clock.GetUtcNow());
        weekly.Runs.ShouldBeEmpty("what was due two days ago is not worth doing");
    }

    [Fact]
    public async Task A_failure_is_kept_and_the_next_time_comes()
    {
        var job = new Job("ticks", "* * * * * ?") { Failure = new InvalidOperationException("no films") };
        await StartAsync(new OffsetClock(), job);
        await UntilAsync(() => job.Runs.Count >= 2);
        await StopAllAsync();
        var run = (await Get<Schedules>().NewestRunsAsync(Cancellation))["ticks"];
        run.Failure.ShouldBe("InvalidOperationException: no films");
        run.FinishedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_run_that_died_with_its_process_is_done_by_another()
    {
        var job = new Job("nightly", "0 30 3 * * ?");
        var clock = new OffsetClock();
        await using var prepared = await ComposeAsync(clock);
        var claims = prepared.GetRequiredService<ScheduleClaims>();
        (await claims.TakeAsync("nightly", s_due, "dead", Cancellation)).ShouldBeTrue();
        (await claims.TakeAsync("nightly", s_due, "alive", Cancellation)).ShouldBeFalse();
        (await claims.TakeOverAsync("nightly", "alive", Cancellation)).ShouldBeNull("its lease has not ended");

        await claims.GiveBackAsync("nightly", s_due, Cancellation);
        await StartAsync(clock, job);
        await UntilAsync(() => job.Runs.Contains(s_due));
        await StopAllAsync();
        job.Runs.Count(due => due == s_due).ShouldBe(1);
        (await claims.TakeOverAsync("nightly", "late", Cancellation)).ShouldBeNull("it is done");
    }

    [Fact]
    public async Task A_process_that_stops_gives_the_run_back()
    {
        var stuck = new Job("ticks", "* * * * * ?") { Endless = true };
        var process = await StartAsync(new OffsetClock(), stuck);
        await UntilAsync(() => stuck.Runs.Count == 1);
        await StopAsync(process);
        stuck.Runs.TryPeek(out var due).ShouldBeTrue();
        var other = new Job("ticks", "* * * * * ?");
        await StartAsync(new OffsetClock(), other);
        await UntilAsync(() => other.Runs.Contains(due));
    }

    [Fact]
    public async Task What_every_process_does_for_itself_is_not_claimed()
    {
        var (first, second) = (new Job("ticks", "* * * * * ?") { EveryProcess = true }, new Job("ticks", "* * * * * ?") { EveryProcess = true });
        await StartAsync(new OffsetClock(), first);
        await StartAsync(new OffsetClock(), second);
        await UntilAsync(() => first.Runs.Count > 2 && second.Runs.Count > 2);
        await StopAllAsync();
        first.Runs.Intersect(second.Runs).Count().ShouldBeGreaterThan(0);
        first.Runs.ShouldBeUnique();
        (await CountAsync("select count(*) from schedule_runs")).ShouldBe(0);
    }

    [Fact]
    public void Settings_replace_a_jobs_own_schedule_and_wrong_ones_are_named()
    {
        var job = new Job("digests", "0 0 0 L * ?");
        var own = new Schedule(job);
        own.Next(s_due).ShouldBe(new DateTimeOffset(2026, 3, 31, 0, 0, 0, TimeSpan.Zero));
        var moscow = new Schedule(job, new ScheduleSettings { TimeZone = "Europe/Moscow" });
        moscow.Next(s_due).ShouldBe(new DateTimeOffset(2026, 3, 30, 21, 0, 0, TimeSpan.Zero));
        new Schedule(job, new ScheduleSettings { Cron = "" }).Next(s_due).ShouldBeNull();

        // Clocks go forward: 02:30 does not exist that day, and the night is not left out.
        var berlin = new Schedule(job, new ScheduleSettings { Cron = "0 30 2 * * ?", TimeZone = "Europe/Berlin" });
        berlin.Next(new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero)).ShouldNotBeNull().ShouldBeLessThan(new DateTimeOffset(2026, 3, 30, 0, 30, 0, TimeSpan.Zero));
        Should.Throw<FormatException>(() => new Schedule(job, new ScheduleSettings { Cron = "every day" })).Message.ShouldContain("schedules.digests.cron");
        Should.Throw<FormatException>(() => new Schedule(job, new ScheduleSettings { TimeZone = "Mars/Base" })).Message.ShouldContain("schedules.digests.time_zone");
    }

    private protected abstract Task<string> ConnectionStringAsync();

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var k = 0; !holds(); k++)
        {
            k.ShouldBeLessThan(600, "what was waited for did not come");
            await Task.Delay(50, Cancellation);
        }
    }

    private static async Task StopAsync(ServiceProvider process)
    {
        foreach (var hosted in process.GetServices<IHostedService>())
        {
            await hosted.StopAsync(CancellationToken.None);
        }
    }

    private async Task StopAllAsync()
    {
        foreach (var process in _processes)
        {
            await StopAsync(process);
        }
    }

    private T Get<T>()
        where T : notnull => _processes[^1].GetRequiredService<T>();

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = await Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private async Task<ServiceProvider> StartAsync(TimeProvider clock, params Job[] jobs)
    {
        var process = await ComposeAsync(clock, jobs);
        _processes.Add(process);
        foreach (var hosted in process.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Cancellation);
        }

        return process;
    }

    private async Task<ServiceProvider> ComposeAsync(TimeProvider clock, params Job[] jobs)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock);
        services.AddLogging();
        services.AddStorage(new PlatformSettings { DataFolder = _folder }, new DatabaseSettings { ConnectionString = _connection }, new Dictionary<string, CollectionSettings>(StringComparer.Ordinal));
        services.AddSchedules(new Dictionary<string, ScheduleSettings>(StringComparer.Ordinal));
        foreach (var job in jobs)
        {
            services.AddSingleton<IScheduledJob>(job);
        }

        var process = services.BuildServiceProvider();
        await process.GetRequiredService<Migrator>().ApplyAsync(Cancellation);
        return process;
    }

    private sealed class Job(string name, string cron) : IScheduledJob
    {
        public string Name => name;

        public string Cron => cron;

        public Exception? Failure { get; init; }

        public bool EveryProcess { get; init; }

        public bool Endless { get; init; }

        public ConcurrentQueue<DateTimeOffset> Runs { get; } = new();

        public async Task RunAsync(DateTimeOffset due, CancellationToken cancellation)
        {
            Runs.Enqueue(due);
            if (Endless)
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}

public sealed class SqliteSchedulesTests : SchedulesContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresSchedulesTests(PostgresCluster cluster) : SchedulesContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
