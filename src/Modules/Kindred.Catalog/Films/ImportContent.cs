using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Kindred.Catalog.Films.Search;
using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Catalog.Films;

/// <summary>
/// Films of a content database. A batch, what it deletes and the position after it are one transaction, and the position is moved from where the reader
/// began only; so a reader that is killed, or two of them, neither lose nor repeat anything.
/// </summary>
internal sealed class ImportContent(FilmCollection films, CollectionRegistry collections, Database database, FilmTables tables, CatalogStore items, FilmPages pages) : IContentImport
{
    private const int AtOnce = 500;

    private Collection Collection => collections.Find(films.Name) ?? throw new InvalidOperationException($"There is no collection {films.Name}.");

    public async Task<string?> ReadPositionAsync(string source, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "select position from film_sources where collection = @collection and source = @source and position <> ''", new { collection = Collection.Number, source }, cancellationToken: cancellation));
    }

    public async Task<long> CountFilmsAsync(string source, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from films where collection = @collection and source = @source", new { collection = Collection.Number, source }, cancellationToken: cancellation));
    }

    public async Task<ContentWritten?> WriteAsync(ContentBatch batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var collection = Collection;
        var (written, changes) = await database.WriteAsync(transaction => WriteAsync(transaction, collection, batch, cancellation), cancellation);
        foreach (var change in changes)
        {
            items.Settle(collection, change);
        }

        if (written is { Changed: > 0 } or { Deleted: > 0 })
        {
            pages.Drop();
        }

        return written;
    }

    private async Task<(ContentWritten? Written, List<ItemChange> Changes)> WriteAsync(DbTransaction transaction, Collection collection, ContentBatch batch, CancellationToken cancellation)
    {
        List<ItemChange> changes = [];
        var place = new { collection = collection.Number, source = batch.Source };
        await ExecuteAsync(transaction, "insert into film_sources(collection, source, position) values (@collection, @source, '') on conflict do nothing", place, cancellation);
        var lockRow = database.Dialect == Dialect.Postgres ? "for update" : "";
        var at = await transaction.Connection!.ExecuteScalarAsync<string>(new CommandDefinition(
            $"select position from film_sources where collection = @collection and source = @source {lockRow}", place, transaction, cancellationToken: cancellation));
        if (!string.Equals(at, batch.From ?? "", StringComparison.Ordinal))
        {
            return (null, changes);
        }

        var (changedGenres, renamed) = await WriteNamesAsync(transaction, collection.Number, batch.Source, ContentKind.Genre, batch.Genres, cancellation);
        var (changedPeople, calledAnew) = await WriteNamesAsync(transaction, collection.Number, batch.Source, ContentKind.Person, batch.People, cancellation);
        List<(Guid Id, string Reason)> rejected = [];
        var changed = changedGenres + changedPeople;
        if (batch.Films.Count > 0 && await WriteFilmsAsync(transaction, collection, batch, rejected, cancellation) is { } change)
        {
            changes.Add(change);
            changed += change.Items.Count;
        }

        var deleted = batch.Sweep is { } sweep ? await SweepAsync(transaction, collection, batch.Source, sweep, changes, cancellation) : 0;
        var position = batch.To([.. renamed, .. calledAnew]);
        await ExecuteAsync(
            transaction, "update film_sources set position = @position where collection = @collection and source = @source", new { position, collection = collection.Number, source = batch.Source }, cancellation);
        return (new ContentWritten(changed, deleted, rejected, position), changes);
    }

    // New ones are added, others called differently where they are; returns how many, and which of them were there before.
    private async Task<(int Changed, Guid[] Renamed)> WriteNamesAsync(
        DbTransaction transaction, int collection, string source, ContentKind kind, IReadOnlyList<ContentName> names, CancellationToken cancellation)
    {
        if (names.Count == 0)
        {
            return (0, []);
        }

        var (table, column) = kind == ContentKind.Genre ? ("genres", "name") : ("persons", "full_name");
        Dictionary<string, string> known = new(StringComparer.Ordinal);
        foreach (var chunk in names.Select(one => one.Id.ToString()).Chunk(AtOnce))
        {
            foreach (var (id, name) in await QueryAsync<(string, string)>(
                transaction, $"select id, {column} from {table} where collection = @collection and {In("id")} and source = @source", new { collection, chunk, source }, cancellation))
            {
                known[id] = name;
            }
        }

        var added = names.Where(one => !known.ContainsKey(one.Id.ToString())).Select(one => (one.Id.ToString(), one.Name)).ToArray();
        var renamed = names.Where(one => known.TryGetValue(one.Id.ToString(), out var name) && name != one.Name).ToArray();
        await tables.AddNamesAsync(transaction, collection, source, derived: false, kind == ContentKind.Genre ? added : [], kind == ContentKind.Person ? added : [], cancellation);
        foreach (var one in renamed)
        {
            await tables.RenameAsync(transaction, collection, kind, one.Id.ToString(), one.Name, cancellation);
        }

        return (added.Length + renamed.Length, [.. renamed.Select(one => one.Id)]);
    }

    private async Task<ItemChange?> WriteFilmsAsync(DbTransaction transaction, Collection collection, ContentBatch batch, List<(Guid, string)> rejected, CancellationToken cancellation)
    {
        Dictionary<string, (string? Content, bool Shown)> known = new(StringComparer.Ordinal);
        foreach (var chunk in batch.Films.Select(film => film.Id.ToString()).Chunk(AtOnce))
        {
            foreach (var (id, content, shown) in await QueryAsync<(string, string?, bool)>(
                transaction,
                $"select id, content, shown from films where collection = @collection and source = @source and {In("id")}",
                new { collection = collection.Number, chunk, source = batch.Source },
                cancellation))
            {
                known[id] = (content, shown);
            }
        }

        List<NewItem> changed = [];
        Dictionary<string, (ContentFilm Film, string Content)> described = new(StringComparer.Ordinal);
        foreach (var film in batch.Films)
        {
            var id = film.Id.ToString();
            var content = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(film)).AsSpan(0, 16));
            var isKnown = known.TryGetValue(id, out var there);
            if (isKnown && there.Content == content)
            {
                continue;
            }

            // What was hidden here stays so: the source knows nothing of it.
            var item = Item(id, film, hidden: isKnown && !there.Shown);
            if (ItemRules.Check(item) is { } fault)
            {
                rejected.Add((film.Id, fault.Detail));
            }
            else
            {
                changed.Add(item);
                described[id] = (film, content);
            }
        }

        if (changed.Count == 0)
        {
            return null;
        }

        // Their names as the films know them are for new ones only: somebody called differently is told of by their own row, which reaches all their films.
        await tables.AddNamesAsync(
            transaction, collection.Number, batch.Source, derived: false,
            Distinct(described.Values.SelectMany(one => one.Film.Genres)),
            Distinct(described.Values.SelectMany(one => one.Film.Directors.Concat(one.Film.Actors).Concat(one.Film.Writers))),
            cancellation);
        return await items.PutAsync(transaction, collection, changed, item => Row(item, described[item.Id].Film, batch.Source, described[item.Id].Content), cancellation);
    }

    private async Task<int> SweepAsync(DbTransaction transaction, Collection collection, string source, ContentSweep sweep, List<ItemChange> changes, CancellationToken cancellation)
    {
        var table = sweep.Kind switch { ContentKind.Film => "films", ContentKind.Genre => "genres", _ => "persons" };
        var rows = await QueryAsync<(string Id, long Number)>(
            transaction,
            $"""
             select id, {(sweep.Kind == ContentKind.Genre ? "0" : "number")} from {table} where collection = @collection and source = @source
               and id > @after {(sweep.Through is null ? "" : "and id <= @through")}
             """,
            new { collection = collection.Number, source, after = sweep.After?.ToString() ?? "", through = sweep.Through?.ToString() },
            cancellation);
        var gone = rows.Where(row => !sweep.Present.Contains(Guid.Parse(row.Id))).ToArray();
        if (gone.Length == 0)
        {
            return 0;
        }

        if (sweep.Kind == ContentKind.Film)
        {
            changes.Add(await items.DeleteAsync(transaction, collection, [.. gone.Select(row => ((int)row.Number, row.Id))], cancellation));
        }
        else
        {
            await tables.DeleteNamesAsync(transaction, collection.Number, sweep.Kind, [.. gone.Select(row => row.Id)], cancellation);
        }

        return gone.Length;
    }

    private static NewItem Item(string id, ContentFilm film, bool hidden)
    {
        Dictionary<string, JsonElement> attributes = new(StringComparer.Ordinal);
        if (film.Rating is { } rating)
        {
            attributes[FilmAttributes.Rating] = JsonSerializer.SerializeToElement(rating);
        }

        if (film.CreationDate is { } date)
        {
            attributes[FilmAttributes.Year] = JsonSerializer.SerializeToElement(date.Year);
        }

        if (film.Type is { Length: > 0 } type)
        {
            attributes[FilmAttributes.Type] = JsonSerializer.SerializeToElement(type);
        }

        foreach (var (name, people) in new[] { (FilmAttributes.Directors, film.Directors), (FilmAttributes.Actors, film.Actors), (FilmAttributes.Writers, film.Writers) })
        {
            if (people.Count > 0)
            {
                attributes[name] = JsonSerializer.SerializeToElement(people.Select(person => person.Name).Distinct(StringComparer.Ordinal).ToArray());
            }
        }

        var appeared = film.CreationDate is { } shown ? new DateTimeOffset(shown.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : film.Created;
        return new NewItem(id, film.Title, [.. film.Genres.Select(genre => genre.Name).Distinct(StringComparer.Ordinal)], attributes, appeared, hidden);
    }

    private static FilmRow Row(ItemRecord item, ContentFilm film, string source, string content) => new()
    {
        Number = item.Number,
        Id = item.Id,
        Title = film.Title,
        Description = film.Description,
        Rating = film.Rating,
        Shown = !item.Hidden,
        Source = source,
        Content = content,
        Genres = [.. film.Genres.Select(genre => new NamedGenre(genre.Id.ToString(), genre.Name))],
        People =
        [
            .. new[] { (FilmRoles.Director, film.Directors), (FilmRoles.Actor, film.Actors), (FilmRoles.Writer, film.Writers) }
                .SelectMany(role => role.Item2.Select(person => new Credit(role.Item1, person.Id.ToString(), person.Name))),
        ],
    };

    private static (string, string)[] Distinct(IEnumerable<ContentName> names) => [.. names.DistinctBy(one => one.Id).Select(one => (one.Id.ToString(), one.Name))];

    private string In(string column) => database.Dialect == Dialect.Sqlite ? $"{column} in @chunk" : $"{column} = any(@chunk)";

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation));

    private static async Task<List<T>> QueryAsync<T>(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        (await transaction.Connection!.QueryAsync<T>(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation))).AsList();
}
