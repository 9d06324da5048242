using System.Data.Common;
using System.Text.Json;
using Dapper;
using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;

namespace Kindred.Feedback.Ratings;

/// <summary>
/// Writes a group's ratings in the group's transaction: reads the rows they are about, decides one wish after the other, and leaves the rows, the events
/// and the messages as the last wish wants them. The collection's lock is held, so nobody decides on the same rows meanwhile.
/// </summary>
internal sealed class RatingWriter(Database database, Outbox outbox)
{
    /// <summary>Decides, takes replaced events away and says which events are to be stored; <see cref="StoreAsync"/> goes on when they have numbers.</summary>
    public async Task<RatingPlan> PlanAsync(DbTransaction transaction, Collection collection, TasteKind kind, IReadOnlyList<RatingChange> changes)
    {
        var plan = new RatingPlan(kind, collection.FindEventType(kind.EventType), await ReadAsync(transaction, collection.Number, kind, changes));
        foreach (var change in changes)
        {
            plan.Decide(change);
        }

        await DeleteEventsAsync(transaction, collection.Number, plan.ReplacedEvents);
        return plan;
    }

    /// <summary>Stores what was decided, once users and items have numbers.</summary>
    /// <param name="transaction">The group's.</param>
    /// <param name="collection">Number of the collection.</param>
    /// <param name="plan">What was decided.</param>
    /// <param name="users">Numbers of the users of <see cref="RatingPlan.Unnumbered"/> by id.</param>
    /// <param name="items">Numbers of their items.</param>
    public async Task StoreAsync(DbTransaction transaction, int collection, RatingPlan plan, IReadOnlyDictionary<string, int> users, IReadOnlyDictionary<string, int> items)
    {
        var rows = plan.Changed.Select(row => row.UserNumber >= 0 ? row : row with { UserNumber = users[row.User], ItemNumber = items[row.Item] }).ToArray();
        await UpsertAsync(transaction, collection, plan.Kind, rows);
        await outbox.AddAllAsync(ActionTopics.Actions, plan.Told, transaction, CancellationToken.None);
    }

    private async Task<List<RatingRow>> ReadAsync(DbTransaction transaction, int collection, TasteKind kind, IReadOnlyList<RatingChange> changes)
    {
        const string columns = "r.id as Id, u.id as User, i.id as Item, r.value as Value, r.at as At, r.changed_at as ChangedAt, r.\"user\" as UserNumber, r.item as ItemNumber";
        const string names =
            "join user_numbers u on u.collection = r.collection and u.number = r.\"user\" join item_numbers i on i.collection = r.collection and i.number = r.item";
        var ids = changes.Where(change => change.Id is not null).Select(change => change.Id!).Distinct(StringComparer.Ordinal).ToArray();
        var pairs = changes.Where(change => change.Id is null).Select(change => (change.User, change.Item)).Distinct().ToArray();
        List<Stored> rows = [];
        if (ids.Length > 0)
        {
            rows.AddRange(await transaction.Connection!.QueryAsync<Stored>(
                $"select {columns} from {kind.Table} r {names} where r.collection = @collection and r.id in ({Texts("@ids")})", new { collection, ids = JsonSerializer.Serialize(ids) }, transaction));
        }

        if (pairs.Length > 0)
        {
            var given = database.Dialect == Dialect.Sqlite
                ? "select json_extract(value, '$[0]') as a, json_extract(value, '$[1]') as b from json_each(@pairs)"
                : "select value->>0 as a, value->>1 as b from json_array_elements(@pairs::json)";
            rows.AddRange(await transaction.Connection!.QueryAsync<Stored>(
                $"""
                select {columns} from ({given}) given
                join user_numbers u on u.collection = @collection and u.id = given.a
                join item_numbers i on i.collection = @collection and i.id = given.b
                join {kind.Table} r on r.collection = @collection and r."user" = u.number and r.item = i.number
                """,
                new { collection, pairs = JsonSerializer.Serialize(pairs.Select(pair => new[] { pair.User, pair.Item })) },
                transaction));
        }

        return [.. rows.Select(row => new RatingRow(row.Id, row.User, row.Item, (float?)row.Value, row.At, row.ChangedAt) { UserNumber = row.UserNumber, ItemNumber = row.ItemNumber })];
    }

    private async Task DeleteEventsAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids)
    {
        if (ids.Count > 0)
        {
            await transaction.Connection!.ExecuteAsync(
                $"delete from events where collection = @collection and id in ({Texts("@ids")})", new { collection, ids = JsonSerializer.Serialize(ids) }, transaction);
        }
    }

    private async Task UpsertAsync(DbTransaction transaction, int collection, TasteKind kind, RatingRow[] rows)
    {
        if (rows.Length == 0)
        {
            return;
        }

        string[] fields = ["text", "integer", "integer", "real", "bigint", "bigint"];
        var values = string.Join(", ", fields.Select((type, k) => database.Dialect == Dialect.Sqlite ? $"json_extract(value, '$[{k}]')" : $"(value->>{k})::{type}"));
        var from = database.Dialect == Dialect.Sqlite ? "json_each(@rows) where true" : "json_array_elements(@rows::json)";
        await transaction.Connection!.ExecuteAsync(
            $"""
            insert into {kind.Table}(collection, id, "user", item, value, at, changed_at) select @collection, {values} from {from}
            on conflict (collection, "user", item) do update set id = excluded.id, value = excluded.value, at = excluded.at, changed_at = excluded.changed_at
            """,
            new { collection, rows = JsonSerializer.Serialize(rows.Select(row => new object?[] { row.Id, row.UserNumber, row.ItemNumber, row.Value, row.At, row.ChangedAt })) },
            transaction);
    }

    private string Texts(string parameter) =>
        database.Dialect == Dialect.Sqlite ? $"select value from json_each({parameter})" : $"select value from json_array_elements_text({parameter}::json)";

    private sealed record Stored
    {
        public string Id { get; init; } = "";

        public string User { get; init; } = "";

        public string Item { get; init; } = "";

        public double? Value { get; init; }

        public long At { get; init; }

        public long ChangedAt { get; init; }

        public int UserNumber { get; init; }

        public int ItemNumber { get; init; }
    }
}

/// <summary>A group's wishes decided in memory, one after the other.</summary>
internal sealed class RatingPlan
{
    private readonly Dictionary<(string User, string Item), RatingRow> _before = [];
    private readonly Dictionary<(string User, string Item), RatingRow> _now = [];
    private readonly Dictionary<string, (string User, string Item)> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<(string User, string Item)> _touched = [];
    private readonly List<ActionTaken> _told = [];
    private readonly EventType? _type;

    public RatingPlan(TasteKind kind, EventType? type, IEnumerable<RatingRow> stored)
    {
        (Kind, _type) = (kind, type);
        foreach (var row in stored)
        {
            _before[(row.User, row.Item)] = row;
            Set(row);
        }
    }

    public TasteKind Kind { get; }

    /// <summary>Rows as they are to be stored.</summary>
    public IEnumerable<RatingRow> Changed => _touched.Select(pair => _now[pair]);

    /// <summary>Rows whose users and items may have no numbers yet.</summary>
    public IEnumerable<RatingRow> Unnumbered => Changed.Where(row => row.UserNumber < 0);

    /// <summary>Events to be stored.</summary>
    public IEnumerable<NewEvent> NewEvents => _type is not { } type ? [] : Changed.Where(row => row.Value is not null)
        .Select(row => new NewEvent(Kind.EventId(row), row.User, row.Item, type, Kind.IsValued ? row.Value : null, row.At, Context: null));

    /// <summary>Ids of stored events that say what is no longer true.</summary>
    public IReadOnlyList<string> ReplacedEvents => [.. Replaced.Select(Kind.EventId)];

    /// <summary>Users of those events.</summary>
    public IEnumerable<int> UsersOfReplaced => Replaced.Select(row => row.UserNumber);

    /// <summary>One message a wish that changed something.</summary>
    public IReadOnlyList<ActionTaken> Told => _told;

    private IEnumerable<RatingRow> Replaced => _touched.Select(pair => _before.GetValueOrDefault(pair)).OfType<RatingRow>().Where(row => row.Value is not null);

    /// <summary>Does what the wish says, or notes on it why not.</summary>
    public void Decide(RatingChange change)
    {
        var row = change.Id is { } id ? _byId.TryGetValue(id, out var pair) && _now[pair].Id == id ? _now[pair] : null : _now.GetValueOrDefault((change.User, change.Item));
        change.Row = row;
        change.Replaced = row?.Value is not null;
        change.Outcome = Check(change, row);
        if (change.Outcome != RatingOutcome.Done || (change.InOrder && !IsNews(change, row)))
        {
            return;
        }

        // The wall clock may stand still or be set back between two wishes about one pair; their order must not.
        var changedAt = Math.Max(change.Now, (row?.ChangedAt ?? 0) + 1);
        var isNew = row?.Value is null;
        Set(change.Row = new RatingRow(
            isNew ? Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMicroseconds(change.Now)).ToString() : row!.Id,
            row?.User ?? change.User,
            row?.Item ?? change.Item,
            change.Verb == RatingVerb.Remove ? null : change.Value,
            change.At ?? changedAt,
            changedAt) { UserNumber = row?.UserNumber ?? -1, ItemNumber = row?.ItemNumber ?? -1 });
        _touched.Add((change.Row.User, change.Row.Item));
        // What a message brought is told already: telling it again would go round for ever where its user is forgotten in between.
        if (Kind == TasteKind.Rating && !change.InOrder)
        {
            _told.Add(change.Row.Told());
        }
    }

    private static RatingOutcome Check(RatingChange change, RatingRow? row) => change.Verb switch
    {
        RatingVerb.Add => row?.Value is null ? RatingOutcome.Done : RatingOutcome.Exists,
        RatingVerb.Put => RatingOutcome.Done,
        _ when row?.Value is null => change.InOrder ? RatingOutcome.Done : RatingOutcome.Missing,
        _ when change.Only is { } only && !string.Equals(only, row.User, StringComparison.Ordinal) => RatingOutcome.Foreign,
        RatingVerb.Change => row.Value == change.Value ? RatingOutcome.Same : RatingOutcome.Done,
        _ => RatingOutcome.Done,
    };

    // A message that repeats or comes late says nothing; taking back what was never given says nothing either.
    private static bool IsNews(RatingChange change, RatingRow? row) =>
        row is null ? change.Verb != RatingVerb.Remove : change.Now > row.ChangedAt && !(change.Verb == RatingVerb.Remove && row.Value is null);

    private void Set(RatingRow row)
    {
        _now[(row.User, row.Item)] = row;
        _byId[row.Id] = (row.User, row.Item);
    }
}
