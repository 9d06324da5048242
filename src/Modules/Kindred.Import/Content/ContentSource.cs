using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Kindred.Contracts;
using Kindred.Import.Reading;
using Npgsql;

namespace Kindred.Import.Content;

/// <summary>A row of the content database: what it says, or why it is left out. Its id and place count in both cases.</summary>
internal readonly record struct ContentRow<T>(Guid Id, Place Place, T? Value, Fault? Fault);

/// <summary>
/// Reads the schema <c>content</c> of a PostgreSQL database: <c>film_work</c>, <c>genre</c>, <c>person</c> and the links between them. Only reads, and
/// never holds a transaction open longer than one statement.
/// </summary>
internal sealed class ContentSource : IAsyncDisposable
{
    private const int MostTitle = 500;
    private const int MostName = 255;
    private const int MostDescription = 20_000;

    private static readonly Dictionary<string, string[]> s_wanted = new(StringComparer.Ordinal)
    {
        ["film_work"] = ["id", "title", "description", "creation_date", "rating", "type", "created", "modified"],
        ["genre"] = ["id", "name", "modified"],
        ["person"] = ["id", "full_name", "modified"],
        ["genre_film_work"] = ["genre_id", "film_work_id"],
        ["person_film_work"] = ["person_id", "film_work_id", "role"],
    };

    private readonly NpgsqlDataSource _source;

    public ContentSource(string connection)
    {
        var parts = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "kindred etl", MaxPoolSize = 4 };
        _source = NpgsqlDataSource.Create(parts);
        Where = string.Create(CultureInfo.InvariantCulture, $"{parts.Host}:{parts.Port}/{parts.Database ?? parts.Username}");

        // Which database it is, not who reads it: a new password goes on where the old one was.
        Name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Where)).AsSpan(0, 8));
    }

    /// <summary>Host, port and database: for people, without secrets.</summary>
    public string Where { get; }

    /// <summary>Names the database among sources.</summary>
    public string Name { get; }

    /// <summary>What is wrong with a connection string, without repeating it; null when nothing is.</summary>
    public static string? Fault(string connection)
    {
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(connection);
            return string.IsNullOrEmpty(parts.Host) ? "a connection string of PostgreSQL names its host, such as Host=db;Database=cinema;Username=reader" : null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or KeyNotFoundException)
        {
            return "is not a connection string of PostgreSQL, such as Host=db;Database=cinema;Username=reader";
        }
    }

    /// <summary>Refuses a database that lacks tables or columns, naming each.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        Dictionary<string, HashSet<string>> there = [];
        await foreach (var reader in QueryAsync("select table_name, column_name from information_schema.columns where table_schema = 'content'", [], cancellation))
        {
            there.TryAdd(reader.GetString(0), new(StringComparer.Ordinal));
            there[reader.GetString(0)].Add(reader.GetString(1));
        }

        var missing = s_wanted.SelectMany(table => !there.TryGetValue(table.Key, out var columns)
            ? [$"table content.{table.Key}"]
            : table.Value.Where(column => !columns.Contains(column)).Select(column => $"column content.{table.Key}.{column}")).ToArray();
        if (missing.Length > 0)
        {
            throw new ContentException(ContentTrouble.Refused, $"{Where} is no content database, or its reader may not see all of it. Missing: {string.Join(", ", missing)}.");
        }
    }

    public async Task<long> CountAsync(Place? after, CancellationToken cancellation)
    {
        var (condition, values) = After("", after);
        await foreach (var reader in QueryAsync($"select count(*) from content.film_work where {condition}", values, cancellation))
        {
            return reader.GetInt64(0);
        }

        return 0;
    }

    /// <summary>Films by <c>(modified, id)</c> after a place, or by id.</summary>
    public IAsyncEnumerable<IReadOnlyList<ContentRow<ContentFilm>>> FilmsAsync(Place? after, bool byId, int batch, CancellationToken cancellation)
    {
        var (condition, values) = byId ? ("true", []) : After("", after);
        return BatchesAsync($"{Films} where {condition} order by {(byId ? "id" : "modified, id")}", values, batch, cancellation);
    }

    /// <summary>The films of these ids.</summary>
    public async Task<IReadOnlyList<ContentRow<ContentFilm>>> FilmsAsync(Guid[] ids, CancellationToken cancellation)
    {
        await foreach (var films in BatchesAsync($"{Films} where id = any($1) order by id", [ids], ids.Length, cancellation))
        {
            return films;
        }

        return [];
    }

    /// <summary>Ids of films that genres or people are of, ascending, after one.</summary>
    public async Task<Guid[]> FilmsOfAsync(bool people, Guid[] of, Guid? after, int limit, CancellationToken cancellation)
    {
        var (table, column) = people ? ("person_film_work", "person_id") : ("genre_film_work", "genre_id");
        List<Guid> ids = [];
        await foreach (var reader in QueryAsync(
            $"select distinct film_work_id from content.{table} where {column} = any($1) and ($2::uuid is null or film_work_id > $2) order by film_work_id limit $3", [of, (object?)after ?? DBNull.Value, limit], cancellation))
        {
            ids.Add(reader.GetGuid(0));
        }

        return [.. ids];
    }

    /// <summary>Genres or people by <c>(modified, id)</c> after a place, or by id.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ContentRow<ContentName>>> NamesAsync(bool people, Place? after, bool byId, int batch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (table, column) = people ? ("person", "full_name") : ("genre", "name");
        var (condition, values) = byId ? ("true", []) : After("", after);
        List<ContentRow<ContentName>> rows = new(batch);
        await foreach (var reader in QueryAsync($"select id, {column}::text, {Modified} from content.{table} where {condition} order by {(byId ? "id" : "modified, id")}", values, cancellation))
        {
            var id = reader.GetGuid(0);
            var name = Text(reader, 1);
            var fault = Bad($"{table}.{column}", id, name, MostName);
            rows.Add(new(id, new Place(reader.GetInt64(2), id), fault is null ? new ContentName(id, name!) : default, fault));
            if (rows.Count == batch)
            {
                yield return rows;
                rows = new(batch);
            }
        }

        if (rows.Count > 0)
        {
            yield return rows;
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    // A row without a time is found by comparing all.
    private const string Modified = "coalesce((extract(epoch from modified) * 1000000)::bigint, 0)";

    private const string Films =
        $"""
         select id, title::text, description::text, creation_date::text, rating::double precision, type::text,
           case when isfinite(created) then (extract(epoch from created) * 1000000)::bigint end, {Modified}
         from content.film_work
         """;

    private static (string Condition, object[] Values) After(string prefix, Place? after) => after is { } place
        ? ($"({prefix}modified, {prefix}id) > (timestamptz 'epoch' + $1 * interval '1 microsecond', $2)", [place.Modified, place.Id])
        : ("modified is not null", []);

    private async IAsyncEnumerable<IReadOnlyList<ContentRow<ContentFilm>>> BatchesAsync(string sql, object[] values, int batch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<RawFilm> raw = new(batch);
        await foreach (var reader in QueryAsync(sql, values, cancellation))
        {
            raw.Add(Raw(reader));
            if (raw.Count == batch)
            {
                yield return await LinkAsync(raw, cancellation);
                raw.Clear();
            }
        }

        if (raw.Count > 0)
        {
            yield return await LinkAsync(raw, cancellation);
        }
    }

    // Rows are buffered by the driver: nothing here waits.
    private static RawFilm Raw(DbDataReader reader) => new(
        reader.GetGuid(0), Text(reader, 1), Text(reader, 2), Text(reader, 3), reader.IsDBNull(4) ? null : reader.GetDouble(4), Text(reader, 5),
        reader.IsDBNull(6) ? null : reader.GetInt64(6), reader.GetInt64(7));

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    // Links of a batch at once, whatever indexes the source has.
    private async Task<IReadOnlyList<ContentRow<ContentFilm>>> LinkAsync(List<RawFilm> films, CancellationToken cancellation)
    {
        Guid[] ids = [.. films.Select(film => film.Id)];
        Dictionary<Guid, List<(string Role, ContentName Name)>> links = new(ids.Length);
        await foreach (var reader in QueryAsync(
            """
            select film, role, id, name from (
            select l.film_work_id as film, '' as role, g.id, g.name::text as name from content.genre_film_work l join content.genre g on g.id = l.genre_id where l.film_work_id = any($1)
            union select l.film_work_id, l.role::text, p.id, p.full_name::text from content.person_film_work l join content.person p on p.id = l.person_id where l.film_work_id = any($1)) links
            order by name collate "C", id
            """,
            [ids],
            cancellation))
        {
            // Whoever has no name that can be shown is listed by their own row.
            if (Text(reader, 1) is { } role && Text(reader, 3) is { } name && Bad("", reader.GetGuid(2), name, MostName) is null)
            {
                if (!links.TryGetValue(reader.GetGuid(0), out var list))
                {
                    links[reader.GetGuid(0)] = list = [];
                }

                list.Add((role, new ContentName(reader.GetGuid(2), name)));
            }
        }

        return [.. films.Select(film => Row(film, links.GetValueOrDefault(film.Id) ?? []))];
    }

    private static ContentRow<ContentFilm> Row(RawFilm film, List<(string Role, ContentName Name)> links)
    {
        DateOnly? date = DateOnly.TryParseExact(film.CreationDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? parsed : null;
        var fault = Bad("film_work.title", film.Id, film.Title, MostTitle)
            ?? (film.Description is { Length: > MostDescription } ? Fault("film_work.description", film.Id, "", $"has {film.Description.Length} characters; at most {MostDescription} are taken") : null)
            ?? (film.Rating is { } rating && !double.IsFinite(rating) ? Fault("film_work.rating", film.Id, rating.ToString(CultureInfo.InvariantCulture), "is not a number") : null)
            ?? (film.CreationDate is { } day && date is null ? Fault("film_work.creation_date", film.Id, day, "is not a day between the years 1 and 9999") : null)
            ?? (film.Type is { Length: > MostName } type ? Fault("film_work.type", film.Id, type, $"has more than {MostName} characters") : null);
        var place = new Place(film.Modified, film.Id);
        return fault is not null ? new(film.Id, place, null, fault) : new(
            film.Id,
            place,
            new ContentFilm(
                film.Id, film.Title!, film.Description, date, film.Rating, film.Type, film.Created is { } created ? DateTimeOffset.UnixEpoch.AddMicroseconds(created) : null,
                Of(""), Of("director"), Of("actor"), Of("writer")),
            null);

        ContentName[] Of(string role) => [.. links.Where(link => link.Role == role).Select(link => link.Name)];
    }

    private static Fault? Bad(string column, Guid id, string? text, int most) =>
        text is null ? Fault(column, id, "", "is null")
        : string.IsNullOrWhiteSpace(text) ? Fault(column, id, text, "is empty")
        : text.Length > most ? Fault(column, id, text, $"has {text.Length} characters; at most {most} are taken")
        : null;

    private static Fault Fault(string column, Guid id, string value, string reason) => Reading.Fault.Of(column, value, $"{reason} (id {id})");

    // Whatever goes wrong at the source is told as that, in words without its connection string.
    private async IAsyncEnumerable<DbDataReader> QueryAsync(string sql, object[] values, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await AskAsync(() => _source.OpenConnectionAsync(cancellation).AsTask());
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await AskAsync(() => command.ExecuteReaderAsync(cancellation));
        while (await AskAsync(() => reader.ReadAsync(cancellation)))
        {
            yield return reader;
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new ContentException(ContentTrouble.NotAllowed, $"{Where} does not let us read: {refused.MessageText}.", refused);
        }
        catch (PostgresException refused) when (!refused.IsTransient && !refused.SqlState.StartsWith("57", StringComparison.Ordinal) && refused.SqlState != PostgresErrorCodes.InvalidCatalogName)
        {
            throw new ContentException(ContentTrouble.Refused, $"{Where} cannot be read: {refused.MessageText}.", refused);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            throw new ContentException(ContentTrouble.Away, $"{Where} is away: {(away as PostgresException)?.MessageText ?? away.InnerException?.Message ?? away.Message}", away);
        }
    }

    private sealed record RawFilm(Guid Id, string? Title, string? Description, string? CreationDate, double? Rating, string? Type, long? Created, long Modified);
}
