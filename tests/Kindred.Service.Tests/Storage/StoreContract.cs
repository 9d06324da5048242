using System.Text.Json;
using Dapper;
using Kindred.Catalog;
using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Feedback;
using Kindred.Feedback.Events;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Service.Tests.Storage;

/// <summary>What every store keeps on every database. Inherited once a database.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-store-").FullName;
    private readonly RecordedEvents _told = new();
    private ServiceProvider _services = null!;

    private protected CollectionRegistry Collections => Get<CollectionRegistry>();

    private protected Collection Shop => Collections.Find("shop")!;

    private protected EventLog Log => Get<EventLog>();

    private protected FeedbackStore Feedback => Get<FeedbackStore>();

    private protected CatalogStore Catalog => Get<CatalogStore>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _services = Compose(await ConnectionStringAsync());
        await Get<Migrator>().ApplyAsync(Cancellation);
        await Collections.LoadAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_event_is_counted_once_for_ever_and_other_content_changes_nothing()
    {
        (await RecordAsync(Event("e1", "anna", "tea"))).ShouldBe([RecordOutcome.Accepted]);
        (await RecordAsync(Event("e1", "anna", "tea"))).ShouldBe([RecordOutcome.Duplicate]);
        (await RecordAsync(Event("e1", "anna", "cake"))).ShouldBe([RecordOutcome.Conflict]);
        (await RecordAsync(Event("e1", "anna", "tea", value: 2))).ShouldBe([RecordOutcome.Conflict]);
        (await RecordAsync(Event("e1", "anna", "tea", context: "{}"))).ShouldBe([RecordOutcome.Conflict]);

        var stored = await Feedback.ReadEventsAsync(Shop, 0, 10, Cancellation);
        stored.ShouldHaveSingleItem().Item.ShouldBe("tea");
        (await Get<Numbers>().FindItemAsync(Shop.Number, "cake", Cancellation)).ShouldBeNull("a refused event numbers nothing");
        (await Feedback.LastSequenceAsync(Shop.Number, Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task Duplicates_and_conflicts_within_one_request_are_told_apart()
    {
        var outcomes = await RecordAsync(Event("a", "u", "x"), Event("a", "u", "x"), Event("a", "u", "y"), Event("b", "u", "x"));
        outcomes.ShouldBe([RecordOutcome.Accepted, RecordOutcome.Duplicate, RecordOutcome.Conflict, RecordOutcome.Accepted]);
        (await Feedback.ReadEventsAsync(Shop, 0, 10, Cancellation)).Select(e => e.Sequence).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Many_callers_share_commits_and_the_sequence_has_no_gaps()
    {
        // Every event is sent by two callers at once, as after a lost answer.
        var sent = Enumerable.Range(0, 200).SelectMany(n => new[] { n, n }).Select(n => RecordAsync(Event($"e{n}", $"u{n % 7}", $"i{n % 11}"))).ToArray();
        var outcomes = (await Task.WhenAll(sent)).Select(one => one[0]).ToArray();

        outcomes.Count(outcome => outcome == RecordOutcome.Accepted).ShouldBe(200);
        outcomes.Count(outcome => outcome == RecordOutcome.Duplicate).ShouldBe(200);
        var records = await ReadLogAsync();
        records.Select(record => record.Sequence).ShouldBe(Enumerable.Range(1, 200).Select(n => (long)n));
        _told.Events.Select(record => record.Sequence).ShouldBe(records.Select(record => record.Sequence), "readers hear of every event once, in order");
    }

    [Fact]
    public async Task A_full_queue_turns_callers_away_and_keeps_what_it_took()
    {
        var batch = Enumerable.Range(0, 900).Select(n => Event($"q{n}", "u", "i")).ToArray();
        var more = Enumerable.Range(0, 900).Select(n => Event($"r{n}", "u", "i")).ToArray();
        var first = Log.RecordAsync(Shop, batch, Cancellation);
        var second = await Log.RecordAsync(Shop, more, Cancellation);
        (await first).ShouldNotBeNull().ShouldAllBe(outcome => outcome == RecordOutcome.Accepted);
        if (second is null)
        {
            (await Log.RecordAsync(Shop, more, Cancellation)).ShouldNotBeNull("room comes back");
        }

        (await Log.RecordAsync(Shop, [.. batch, .. more], Cancellation)).ShouldNotBeNull("an empty queue takes a request of any size, or it could never be sent");
        (await ReadLogAsync()).Count.ShouldBe(1800);
    }

    [Fact]
    public async Task A_history_is_read_newest_first_and_a_snapshot_does_not_see_later_events()
    {
        await RecordAsync(Event("1", "anna", "a", at: 10), Event("2", "anna", "b", at: 30), Event("3", "anna", "c", at: 20), Event("4", "ben", "a", at: 40), Event("5", "anna", "d", at: 30));
        var anna = (await Get<Numbers>().FindUserAsync(Shop.Number, "anna", Cancellation))!.Value;
        (await Feedback.ReadUserAsync(Shop.Number, anna, 3, Cancellation)).Select(e => e.Sequence).ShouldBe([5, 2, 3]);
        (await Feedback.ReadUserItemsAsync(Shop.Number, anna, Cancellation)).Count.ShouldBe(4);
        var page = await Feedback.ReadUserEventsAsync(Shop, anna, (30, 5), 2, Cancellation);
        page.Select(e => e.Id).ShouldBe(["2", "3"]);

        var seen = 0;
        await foreach (var _ in Feedback.ReadAsync(Shop.Number, 0, Cancellation))
        {
            if (seen++ == 0)
            {
                await RecordAsync(Event("late", "anna", "a"));
            }
        }

        seen.ShouldBe(5);
    }

    [Theory]
    [InlineData("'; drop table events; --")]
    [InlineData("a/b?c#d%2F")]
    [InlineData("👩‍👩‍👧‍👦")]
    [InlineData("مرحبا")]
    [InlineData(" leading and trailing ")]
    [InlineData("line\nbreak")]
    [InlineData("null")]
    [InlineData("\uFFFF")]
    public async Task Any_text_is_an_id_and_comes_back_as_it_was(string id)
    {
        (await RecordAsync(Event(id, id, id, context: "{\"a\": \"" + "b" + "\"}"))).ShouldBe([RecordOutcome.Accepted]);
        var stored = (await Feedback.ReadEventsAsync(Shop, 0, 10, Cancellation)).ShouldHaveSingleItem();
        (stored.Id, stored.User, stored.Item).ShouldBe((id, id, id));
        (await RecordAsync(Event(id, id, id, context: "{\"a\": \"b\"}"))).ShouldBe([RecordOutcome.Duplicate]);
    }

    [Fact]
    public async Task Ids_that_look_alike_stay_apart()
    {
        string[] ids = ["é", "e\u0301", "É", "İ", "ı", "i", "I", "ß", "ss", "a\u200Bb", "ab", new string('x', 256), new string('x', 255)];
        await RecordAsync([.. ids.Select((id, n) => Event($"n{n}", id, id))]);
        (await Feedback.ListUsersAsync(Shop, "", 100, Cancellation)).Select(user => user.Id).ShouldBe(ids.Order(StringComparer.Ordinal), "kept apart and in the order of their bytes");
        var numbers = await Task.WhenAll(ids.Select(id => Get<Numbers>().FindItemAsync(Shop.Number, id, Cancellation).AsTask()));
        numbers.Distinct().Count().ShouldBe(ids.Length);
    }

    [Fact]
    public async Task Forgetting_a_user_removes_every_trace_and_tells_the_readers()
    {
        await RecordAsync(Event("1", "anna", "a"), Event("2", "ben", "a"));
        await Feedback.PutUsersAsync(Shop, [("anna", """{"city":"Porto"}""")], Cancellation);
        var anna = (await Get<Numbers>().FindUserAsync(Shop.Number, "anna", Cancellation))!.Value;

        (await Feedback.ForgetUserAsync(Shop, "anna", Cancellation)).ShouldBeTrue();
        (await Feedback.ForgetUserAsync(Shop, "anna", Cancellation)).ShouldBeFalse();
        _told.Forgotten.ShouldBe([anna]);
        (await Feedback.FindUserAsync(Shop, "anna", Cancellation)).ShouldBeNull();
        (await Feedback.ReadEventsAsync(Shop, 0, 10, Cancellation)).ShouldHaveSingleItem().User.ShouldBe("ben");

        // Who comes back under the same id is somebody new.
        await RecordAsync(Event("3", "anna", "a"));
        (await Get<Numbers>().FindUserAsync(Shop.Number, "anna", Cancellation)).ShouldNotBe(anna);
    }

    [Fact]
    public async Task Items_are_put_changed_deleted_revived_and_every_step_has_a_version()
    {
        await Catalog.PutAsync(Shop, [Item("tea", "Green tea"), Item("cake", "Carrot cake"), Item("tea", "Black tea")], Cancellation);
        (await Catalog.FindAsync(Shop, "tea", Cancellation)).ShouldNotBeNull().Title.ShouldBe("Black tea", "the last entry of a batch wins");
        var changed = await Catalog.ChangeAsync(Shop, "tea", item => item with { Hidden = true }, Cancellation);
        changed.ShouldNotBeNull().Hidden.ShouldBeTrue();
        (await Catalog.DeleteAsync(Shop, "tea", Cancellation)).ShouldBeTrue();
        (await Catalog.DeleteAsync(Shop, "tea", Cancellation)).ShouldBeFalse();
        (await Catalog.FindAsync(Shop, "tea", Cancellation)).ShouldBeNull();
        (await Catalog.ListAsync(Shop, "", null, null, 10, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe("cake");

        var number = changed.Number;
        await Catalog.PutAsync(Shop, [Item("tea", "Tea again")], Cancellation);
        (await Catalog.FindAsync(Shop, "tea", Cancellation)).ShouldNotBeNull().Number.ShouldBe(number);
        var changes = await Catalog.ReadChangesAsync(Shop.Number, 0, 100, Cancellation);
        changes.Select(item => item.Version).ShouldBe(changes.Select(item => item.Version).Order());
        changes.Select(item => item.Id).ShouldBe(["cake", "tea"], "each item once, at its newest version");
    }

    [Fact]
    public async Task Items_known_from_events_only_are_numbered_and_bare()
    {
        await Catalog.PutAsync(Shop, [Item("tea", "Tea")], Cancellation);
        await RecordAsync(Event("1", "anna", "mystery"));
        List<ItemRecord> all = [];
        await foreach (var item in Catalog.ReadAllAsync(Shop.Number, Cancellation))
        {
            all.Add(item);
        }

        all.Select(item => (item.Number, item.Id, item.Title)).ShouldBe([(0, "tea", "Tea"), (1, "mystery", null)]);
        all[1].Version.ShouldBe(0);
        (await Catalog.FindAsync(Shop, "mystery", Cancellation)).ShouldBeNull("the catalogue does not hold it");
        (await Catalog.ReadRangeAsync(Shop.Number, 1, 2, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe("mystery");
    }

    [Fact]
    public async Task A_search_takes_wildcards_literally_and_pages_by_id()
    {
        await Catalog.PutAsync(Shop, [Item("a", "100% wool"), Item("b", "100 wool"), Item("c", "wool_100"), Item("d", "Wool", "yarn")], Cancellation);
        (await Catalog.ListAsync(Shop, "", "100%", null, 10, Cancellation)).Select(item => item.Id).ShouldBe(["a"]);
        (await Catalog.ListAsync(Shop, "", "l_1", null, 10, Cancellation)).Select(item => item.Id).ShouldBe(["c"]);
        (await Catalog.ListAsync(Shop, "", "WOOL", null, 10, Cancellation)).Count.ShouldBe(4);
        (await Catalog.ListAsync(Shop, "a", null, null, 2, Cancellation)).Select(item => item.Id).ShouldBe(["b", "c"]);
        (await Catalog.ListAsync(Shop, "", null, "yarn", 10, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe("d");
    }

    [Fact]
    public async Task A_rolled_back_transaction_leaves_no_number_behind()
    {
        var numbers = Get<Numbers>();
        await Should.ThrowAsync<InvalidOperationException>(() => Get<Database>().WriteAsync<int>(
            async transaction =>
            {
                await numbers.GetOrAddItemsAsync(transaction, Shop.Number, ["ghost"], Cancellation);
                throw new InvalidOperationException("killed here");
            },
            Cancellation));
        (await numbers.FindItemAsync(Shop.Number, "ghost", Cancellation)).ShouldBeNull();
        await RecordAsync(Event("1", "u", "real"));
        (await numbers.FindItemAsync(Shop.Number, "real", Cancellation)).ShouldBe(0, "numbers stay dense");
    }

    [Fact]
    public async Task Two_servers_on_one_database_never_give_a_number_or_a_sequence_twice()
    {
        await using var other = Compose(await ReopenAsync());
        await other.GetRequiredService<CollectionRegistry>().LoadAsync(Cancellation);
        var otherLog = other.GetRequiredService<EventLog>();
        var both = Enumerable.Range(0, 50).SelectMany(n => new[]
        {
            RecordAsync(Event($"a{n}", $"u{n}", $"i{n}"), Event($"same{n}", "shared", "shared")),
            RecordAsync(otherLog, Event($"b{n}", $"u{n}", $"i{n}"), Event($"same{n}", "shared", "shared")),
        });
        var outcomes = (await Task.WhenAll(both)).SelectMany(one => one).ToArray();

        outcomes.Count(outcome => outcome == RecordOutcome.Accepted).ShouldBe(150);
        outcomes.Count(outcome => outcome == RecordOutcome.Duplicate).ShouldBe(50);
        var records = await ReadLogAsync();
        records.Select(record => record.Sequence).ShouldBe(Enumerable.Range(1, 150).Select(n => (long)n));
        records.Select(record => record.Item).Distinct().Count().ShouldBe(51);
        records.Max(record => record.Item).ShouldBe(50, "numbers stay dense");
    }

    [Fact]
    public async Task Migrations_are_applied_once_and_an_altered_or_newer_schema_is_refused()
    {
        (await Get<Migrator>().ApplyAsync(Cancellation)).ShouldBeEmpty("they were applied at the start");
        (await Get<Migrator>().PlanAsync(Cancellation)).ShouldAllBe(migration => migration.Applied);

        await ExecuteAsync("insert into schema_migrations(module, number, name, sha256, applied_at) values ('feedback', 9999, 'from_the_future', 'x', 'now')");
        (await Should.ThrowAsync<MigrationException>(() => Get<Migrator>().ApplyAsync(Cancellation))).Message.ShouldContain("newer");
        await ExecuteAsync("delete from schema_migrations where number = 9999");

        await ExecuteAsync("update schema_migrations set sha256 = 'aaaaaaaaaaaaaaaaaaaa' where module = 'feedback'");
        (await Should.ThrowAsync<MigrationException>(() => Get<Migrator>().PlanAsync(Cancellation))).Message.ShouldContain("altered");
    }

    private protected T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A connection string for a fresh database; empty for SQLite in the test's folder.</summary>
    private protected abstract Task<string> ConnectionStringAsync();

    /// <summary>The same database once more.</summary>
    private protected abstract Task<string> ReopenAsync();

    private static NewEvent Event(string id, string user, string item, float? value = null, long at = 1_000_000, string? context = null) =>
        new(id, user, item, new EventType(1, "purchase", new EventTypeSettings()), value, at, context);

    private static NewItem Item(string id, string title, params string[] categories) =>
        new(id, title, categories, new Dictionary<string, JsonElement>(StringComparer.Ordinal), null, Hidden: false);

    private Task<RecordOutcome[]> RecordAsync(params NewEvent[] events) => RecordAsync(Log, events);

    private async Task<RecordOutcome[]> RecordAsync(EventLog log, params NewEvent[] events) => (await log.RecordAsync(Shop, events, Cancellation)).ShouldNotBeNull();

    private async Task<List<EventRecord>> ReadLogAsync()
    {
        List<EventRecord> records = [];
        await foreach (var record in Feedback.ReadAsync(Shop.Number, 0, Cancellation))
        {
            records.Add(record);
        }

        return records;
    }

    private Task<int> ExecuteAsync(string sql) => Get<Database>().WriteAsync(transaction => transaction.Connection!.ExecuteAsync(sql, transaction: transaction), Cancellation);

    private ServiceProvider Compose(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddStorage(
            new PlatformSettings { DataFolder = _folder },
            new DatabaseSettings { ConnectionString = connectionString },
            new Dictionary<string, CollectionSettings>(StringComparer.Ordinal)
            {
                ["shop"] = new() { EventTypes = new(StringComparer.Ordinal) { ["purchase"] = new() } },
                ["films"] = new() { EventTypes = new(StringComparer.Ordinal) { ["rating"] = new() } },
            });
        services.AddCatalog();
        services.AddLogging().AddMessaging(new MessagingSettings());
        services.AddFeedback(new FeedbackOptions { QueueLimit = 1000 });
        services.AddSingleton<IEventsRecorded>(_told);
        return services.BuildServiceProvider();
    }

    private sealed class RecordedEvents : IEventsRecorded
    {
        public List<EventRecord> Events { get; } = [];

        public List<int> Forgotten { get; } = [];

        public void OnRecorded(int collection, ReadOnlySpan<EventRecord> events)
        {
            lock (Events)
            {
                Events.AddRange(events);
            }
        }

        public void OnEventsRemoved(int collection, int user)
        {
            // Nothing here removes events.
        }

        public void OnUserForgotten(int collection, int user) => Forgotten.Add(user);
    }
}
