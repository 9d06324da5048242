using System.Data.Common;
using System.Text.Json;
using Dapper;
using Kindred.Notifications.Mail;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Notices;

/// <summary>How a person wants to be told.</summary>
internal sealed record PreferenceRow
{
    public long Person { get; init; }

    public string? Language { get; init; }

    public long Recommendations { get; init; }

    public long? QuietFrom { get; init; }

    public long? QuietUntil { get; init; }

    public string? TimeZone { get; init; }

    public long? LastDigestAt { get; init; }

    /// <summary>True in the hours in which newsletters wait; the hours of a zone there is none of are UTC's.</summary>
    public bool IsQuiet(DateTimeOffset now)
    {
        if (QuietFrom is not { } from || QuietUntil is not { } until || from == until)
        {
            return false;
        }

        var hour = (TimeZone is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? TimeZoneInfo.ConvertTime(now, zone) : now.ToUniversalTime()).Hour;
        return from < until ? hour >= from && hour < until : hour >= from || hour < until;
    }
}

/// <summary>A digest that waits.</summary>
internal sealed record DigestRow
{
    public long Person { get; init; }

    public string Films { get; init; } = "[]";

    public IReadOnlyList<string> Titles => JsonSerializer.Deserialize<string[]>(Films) ?? [];
}

/// <summary>All SQL about preferences and digests.</summary>
internal sealed class MailPreferences(Database database, TimeProvider clock)
{
    /// <summary>Under this number stand the films for everybody; no account has it.</summary>
    public const long Everybody = 0;

    private const string Columns =
        "p.person as Person, p.language as Language, p.recommendations as Recommendations, p.quiet_from as QuietFrom, p.quiet_until as QuietUntil, p.time_zone as TimeZone, p.last_digest_at as LastDigestAt";

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<PreferenceRow> FindAsync(long person, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<PreferenceRow>(new CommandDefinition(
            $"select {Columns} from mail_preferences p where p.person = @person", new { person }, cancellationToken: cancellation)) ?? new PreferenceRow { Person = person };
    }

    /// <summary>The preferences of everybody who asked for newsletters, after a number, by number.</summary>
    public async Task<IReadOnlyList<PreferenceRow>> ListReadersAsync(long after, int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<PreferenceRow>(new CommandDefinition(
            $"select {Columns} from mail_preferences p where p.recommendations = 1 and p.person > @after order by p.person limit @most", new { after, most }, cancellationToken: cancellation))).AsList();
    }

    public Task SetAsync(PreferenceRow row, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            await ExecuteAsync(
                transaction,
                """
                insert into mail_preferences(person, language, recommendations, quiet_from, quiet_until, time_zone)
                values (@Person, @Language, @Recommendations, cast(@QuietFrom as bigint), cast(@QuietUntil as bigint), @TimeZone)
                on conflict(person) do update set language = excluded.language, recommendations = excluded.recommendations, quiet_from = excluded.quiet_from,
                  quiet_until = excluded.quiet_until, time_zone = excluded.time_zone
                """,
                row,
                cancellation);
            if (row.Recommendations == 0)
            {
                await ExecuteAsync(transaction, "delete from digests where person = @Person", row, cancellation);
            }
        },
        cancellation);

    /// <summary>Ends newsletters for a person; the same however often.</summary>
    public Task StopAsync(long person, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            await ExecuteAsync(transaction, "update mail_preferences set recommendations = 0 where person = @person", new { person }, cancellation);
            await ExecuteAsync(transaction, "delete from digests where person = @person", new { person }, cancellation);
        },
        cancellation);

    /// <summary>True where the person asked for newsletters.</summary>
    public static async Task<bool> WantsAsync(DbTransaction transaction, long person, CancellationToken cancellation) =>
        await transaction.Connection!.ExecuteScalarAsync<long?>(new CommandDefinition(
            "select recommendations from mail_preferences where person = @person", new { person }, transaction, cancellationToken: cancellation)) == 1;

    /// <summary>Keeps the newest films for a person, or for <see cref="Everybody"/>.</summary>
    public Task KeepAsync(DbTransaction transaction, long person, IReadOnlyList<string> titles, CancellationToken cancellation) =>
        ExecuteAsync(
            transaction,
            "insert into digests(person, films, made_at) values (@person, @films, @Now) on conflict(person) do update set films = excluded.films, made_at = excluded.made_at",
            new { person, films = JsonSerializer.Serialize(titles), Now },
            cancellation);

    /// <summary>Films kept for a person since a moment, or null.</summary>
    public async Task<DigestRow?> KeptAsync(long person, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<DigestRow>(new CommandDefinition(
            "select person as Person, films as Films from digests where person = @person and made_at > @since", new { person, since = since.ToUnixTimeMilliseconds() }, cancellationToken: cancellation));
    }

    /// <summary>Takes a person's digest for sending, where there is one and the last is a week old; at most one process gets it.</summary>
    public static async Task<DigestRow?> TakeAsync(DbTransaction transaction, long person, DateTimeOffset now, TimeSpan pause, CancellationToken cancellation)
    {
        var before = (now - pause).ToUnixTimeMilliseconds();
        var mine = await ExecuteAsync(
            transaction,
            "update mail_preferences set last_digest_at = @at where person = @person and recommendations = 1 and (last_digest_at is null or last_digest_at <= @before) and exists (select 1 from digests d where d.person = @person)",
            new { person, at = now.ToUnixTimeMilliseconds(), before },
            cancellation);
        return mine == 0 ? null : await transaction.Connection!.QuerySingleOrDefaultAsync<DigestRow>(new CommandDefinition(
            "delete from digests where person = @person returning person as Person, films as Films", new { person }, transaction, cancellationToken: cancellation));
    }

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation));
}
