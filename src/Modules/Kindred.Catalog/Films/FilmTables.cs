using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Kindred.Catalog.Films.Search;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Storage;

namespace Kindred.Catalog.Films;

/// <summary>The collection whose items are films.</summary>
internal sealed record FilmCollection(string Name);

/// <summary>
/// Writes the tables of films in the transaction that writes their items, so that lists, people and search are true whenever the items are. Items
/// that no film was written with, from imports and the native API, are films by what their attributes say. Joins are written as <c>cross join</c>, which
/// SQLite takes in the order given: without statistics it would rather begin with all people than with the films that are asked for.
/// </summary>
internal sealed class FilmTables(FilmCollection films, Database database)
{
    private const int AtOnce = 500; // parameters of one statement on SQLite

    /// <summary>True where the items of a collection are films.</summary>
    public bool Covers(Collection collection) => string.Equals(collection.Name, films.Name, StringComparison.Ordinal);

    /// <summary>
    /// Takes items that were just written, in the order of their versions; <paramref name="described"/> holds those that were written as films.
    /// </summary>
    public async Task TakeAsync(
        DbTransaction transaction, Collection collection, IReadOnlyList<ItemRecord> items, IReadOnlyDictionary<int, FilmRow>? described, CancellationToken cancellation)
    {
        int[] gone = [.. items.Where(item => item.Deleted || item.Title is null).Select(item => item.Number)];
        FilmRow[] rows = [.. items.Where(item => !item.Deleted && item.Title is not null).Select(item => described?.GetValueOrDefault(item.Number) ?? Of(item))];
        await UnlinkAsync(transaction, collection.Number, [.. gone, .. rows.Select(row => row.Number)], async () =>
        {
            await RemoveAsync(transaction, collection.Number, gone, cancellation);
            if (rows.Length > 0)
            {
                await WriteAsync(transaction, collection.Number, await ResolveAsync(transaction, collection.Number, rows, cancellation), cancellation);
            }
        }, cancellation);
        var values = new { collection = collection.Number, first = items.Min(item => item.Version), last = items.Max(item => item.Version) };
        await ExecuteAsync(transaction, "insert into film_state(collection, version) values (@collection, 0) on conflict do nothing", values, cancellation);
        await ExecuteAsync(transaction, "update film_state set version = @last where collection = @collection and version = @first - 1", values, cancellation);
    }

    /// <summary>Adds genres and people that are not there; those that are keep their names.</summary>
    public async Task AddNamesAsync(
        DbTransaction transaction, int collection, string? source, bool derived, IReadOnlyCollection<(string Id, string Name)> genres, IReadOnlyCollection<(string Id, string Name)> people, CancellationToken cancellation)
    {
        if (genres.Count > 0)
        {
            await BulkRows.InsertAsync(
                transaction, database.Dialect, "insert into genres(collection, id, name, derived, source)", "on conflict do nothing", cancellation,
                All(genres.Count, collection), new("id", Texts(genres, static one => one.Id)), new("name", Texts(genres, static one => one.Name)), All(genres.Count, derived, "derived"), Source(genres.Count, source));
        }

        if (people.Count == 0)
        {
            return;
        }

        if (database.Dialect == Dialect.Postgres)
        {
            await BulkRows.InsertAsync(
                transaction, database.Dialect, "insert into persons(collection, id, full_name, derived, source, words, folded)", "on conflict do nothing", cancellation,
                All(people.Count, collection), new("id", Texts(people, static one => one.Id)), new("full_name", Texts(people, static one => one.Name)), All(people.Count, derived, "derived"),
                Source(people.Count, source), new("words", Texts(people, static one => SearchText.Vector(('A', [one.Name]))), "tsvector"), new("folded", Texts(people, static one => Words.Folded(one.Name))));
            return;
        }

        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText =
            "insert into persons(collection, id, full_name, derived, source) values (@collection, @id, @full_name, @derived, @source) on conflict do nothing returning number";
        command.AddParameter("collection", collection);
        var id = command.AddParameter("id", "");
        var name = command.AddParameter("full_name", "");
        command.AddParameter("derived", derived);
        command.AddParameter("source", source);
        foreach (var person in people)
        {
            (id.Value, name.Value) = person;
            if (await command.ExecuteScalarAsync(cancellation) is long number)
            {
                await ExecuteAsync(transaction, "insert into person_search(rowid, name) values (@number, @name)", new { number, name = SearchText.Column([person.Name]) }, cancellation);
            }
        }
    }

    /// <summary>Calls a genre or a person differently; the items of their films are the caller's.</summary>
    public async Task RenameAsync(DbTransaction transaction, int collection, ContentKind kind, string id, string name, CancellationToken cancellation)
    {
        if (kind == ContentKind.Genre)
        {
            await ExecuteAsync(transaction, "update genres set name = @name where collection = @collection and id = @id", new { collection, id, name }, cancellation);
        }
        else if (database.Dialect == Dialect.Postgres)
        {
            await ExecuteAsync(
                transaction,
                "update persons set full_name = @name, words = cast(@words as tsvector), folded = @folded where collection = @collection and id = @id",
                new { collection, id, name, words = SearchText.Vector(('A', [name])), folded = Words.Folded(name) },
                cancellation);
        }
        else
        {
            await ExecuteAsync(transaction, "update persons set full_name = @name where collection = @collection and id = @id", new { collection, id, name }, cancellation);
            await ExecuteAsync(
                transaction,
                "update person_search set name = @words where rowid = (select number from persons where collection = @collection and id = @id)",
                new { collection, id, words = SearchText.Column([name]) },
                cancellation);
        }
    }

    /// <summary>Takes genres or people away with their links; the items of their films are the caller's.</summary>
    public async Task DeleteNamesAsync(DbTransaction transaction, int collection, ContentKind kind, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        foreach (var chunk in ids.Chunk(AtOnce))
        {
            var link = kind == ContentKind.Genre ? "film_genres" : "film_people";
            await ExecuteAsync(
                transaction, $"delete from {link} where collection = @collection and {In(kind == ContentKind.Genre ? "genre" : "person")}", new { collection, chunk }, cancellation);
            if (kind == ContentKind.Genre)
            {
                await ExecuteAsync(transaction, $"delete from genres where collection = @collection and {In("id")}", new { collection, chunk }, cancellation);
            }
        }

        if (kind == ContentKind.Person)
        {
            await DeletePeopleAsync(transaction, collection, ids, cancellation);
        }
    }

    /// <summary>The id of what only has a name: the same name is the same genre or person (RFC 9562, version 8, of the name's SHA-256).</summary>
    public static string DerivedId(string kind, string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}:{name}")).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Row id of a film's words on SQLite.</summary>
    public static long SearchId(int collection, int number) => ((long)collection << 32) + number;

    /// <summary>The film an item is by its own words.</summary>
    private static FilmRow Of(ItemRecord item) => new()
    {
        Number = item.Number,
        Id = item.Id,
        Title = item.Title!,
        Description = item.Attributes.TryGetValue(FilmAttributes.Description, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null,
        Rating = item.Attributes.TryGetValue(FilmAttributes.Rating, out var rating) && rating.ValueKind == JsonValueKind.Number ? rating.GetDouble() : null,
        Shown = !item.Hidden,
        Genres = [.. item.Categories.Select(name => new NamedGenre(null, name))],
        People = [.. FilmRoles.All.SelectMany(role => FilmAttributes.People(item.Attributes, role.Attribute).Select(name => new Credit(role.Role, null, name)))],
    };

    // Takes the old links away, lets the work be done, and then clears away what was only there for the sake of old links.
    private async Task UnlinkAsync(DbTransaction transaction, int collection, int[] numbers, Func<Task> work, CancellationToken cancellation)
    {
        HashSet<string> genres = new(StringComparer.Ordinal);
        HashSet<string> people = new(StringComparer.Ordinal);
        foreach (var chunk in numbers.Chunk(AtOnce))
        {
            var values = new { collection, chunk };
            genres.UnionWith(await QueryAsync<string>(
                transaction, $"select distinct g.id from film_genres l cross join genres g where g.collection = l.collection and g.id = l.genre and l.collection = @collection and {In("l.number")} and {Flag("g.derived")}", values, cancellation));
            people.UnionWith(await QueryAsync<string>(
                transaction, $"select distinct p.id from film_people l cross join persons p where p.collection = l.collection and p.id = l.person and l.collection = @collection and {In("l.number")} and {Flag("p.derived")}", values, cancellation));
        }

        await work();
        foreach (var chunk in genres.Chunk(AtOnce))
        {
            await ExecuteAsync(
                transaction,
                $"delete from genres where collection = @collection and {In("id")} and not exists (select 1 from film_genres l where l.collection = genres.collection and l.genre = genres.id)",
                new { collection, chunk },
                cancellation);
        }

        foreach (var chunk in people.Chunk(AtOnce))
        {
            var left = await QueryAsync<string>(
                transaction,
                $"select id from persons where collection = @collection and {In("id")} and not exists (select 1 from film_people l where l.collection = persons.collection and l.person = persons.id)",
                new { collection, chunk },
                cancellation);
            await DeletePeopleAsync(transaction, collection, left, cancellation);
        }
    }

    /// <summary>Takes people away with their words; links to them are the caller's.</summary>
    public async Task DeletePeopleAsync(DbTransaction transaction, int collection, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        foreach (var chunk in ids.Chunk(AtOnce))
        {
            if (database.Dialect == Dialect.Sqlite)
            {
                await ExecuteAsync(
                    transaction, $"delete from person_search where rowid in (select number from persons where collection = @collection and {In("id")})", new { collection, chunk }, cancellation);
            }

            await ExecuteAsync(transaction, $"delete from persons where collection = @collection and {In("id")}", new { collection, chunk }, cancellation);
        }
    }

    private async Task RemoveAsync(DbTransaction transaction, int collection, int[] numbers, CancellationToken cancellation)
    {
        BulkColumn by = new("number", numbers);
        await BulkRows.DeleteAsync(transaction, database.Dialect, "films", collection, by, cancellation);
        await BulkRows.DeleteAsync(transaction, database.Dialect, "film_genres", collection, by, cancellation);
        await BulkRows.DeleteAsync(transaction, database.Dialect, "film_people", collection, by, cancellation);
        if (database.Dialect == Dialect.Postgres)
        {
            await BulkRows.DeleteAsync(transaction, database.Dialect, "film_search", collection, by, cancellation);
        }
        else
        {
            await ForgetWordsAsync(transaction, collection, numbers, cancellation);
        }
    }

    private async Task WriteAsync(DbTransaction transaction, int collection, FilmRow[] rows, CancellationToken cancellation)
    {
        int[] numbers = [.. rows.Select(row => row.Number)];
        await BulkRows.InsertAsync(
            transaction,
            database.Dialect,
            "insert into films(collection, number, id, title, folded, description, rating, shown, source, content)",
            """
            on conflict (collection, number) do update set id = excluded.id, title = excluded.title, folded = excluded.folded,
              description = case when excluded.content is null then coalesce(excluded.description, films.description) else excluded.description end, rating = excluded.rating, shown = excluded.shown,
              source = coalesce(excluded.source, films.source), content = excluded.content
            """,
            cancellation,
            All(rows.Length, collection),
            new("number", numbers),
            new("id", Texts(rows, static row => row.Id)),
            new("title", Texts(rows, static row => row.Title)),
            new("folded", Texts(rows, static row => Words.Folded(row.Title))),
            new("description", Texts(rows, static row => row.Description)),
            new("rating", rows.Select(row => row.Rating).ToArray()),
            new("shown", rows.Select(row => row.Shown).ToArray()),
            new("source", Texts(rows, static row => row.Source)),
            new("content", Texts(rows, static row => row.Content)));

        BulkColumn by = new("number", numbers);
        await BulkRows.DeleteAsync(transaction, database.Dialect, "film_genres", collection, by, cancellation);
        await BulkRows.DeleteAsync(transaction, database.Dialect, "film_people", collection, by, cancellation);
        var genres = rows.SelectMany(row => row.Genres.Select((genre, place) => (row.Number, place, genre.Id))).ToArray();
        await BulkRows.InsertAsync(
            transaction, database.Dialect, "insert into film_genres(collection, number, place, genre)", "", cancellation,
            All(genres.Length, collection), new("number", genres.Select(one => one.Number).ToArray()), new("place", genres.Select(one => one.place).ToArray()), new("genre", Texts(genres, static one => one.Id)));
        var people = rows.SelectMany(row => row.People.Select((credit, place) => (row.Number, credit.Role, place, credit.Id))).ToArray();
        await BulkRows.InsertAsync(
            transaction, database.Dialect, "insert into film_people(collection, number, role, place, person)", "", cancellation,
            All(people.Length, collection), new("number", people.Select(one => one.Number).ToArray()), new("role", Texts(people, static one => one.Role)),
            new("place", people.Select(one => one.place).ToArray()), new("person", Texts(people, static one => one.Id)));
        await WriteWordsAsync(transaction, collection, rows, numbers, cancellation);
    }

    private async Task WriteWordsAsync(DbTransaction transaction, int collection, FilmRow[] rows, int[] numbers, CancellationToken cancellation)
    {
        if (database.Dialect == Dialect.Postgres)
        {
            await BulkRows.InsertAsync(
                transaction, database.Dialect, "insert into film_search(collection, number, words, names)",
                "on conflict (collection, number) do update set words = excluded.words, names = excluded.names", cancellation,
                All(rows.Length, collection),
                new("number", numbers),
                new("words", Texts(rows, static row => SearchText.Vector(('A', [row.Title]), ('B', Names(row)), ('C', Others(row)))), "tsvector"),
                new("names", Texts(rows, static row => Words.Folded(string.Join(' ', Names(row).Prepend(row.Title))))));
            return;
        }

        await ForgetWordsAsync(transaction, collection, numbers, cancellation);
        await BulkRows.InsertAsync(
            transaction, database.Dialect, "insert into film_search(rowid, title, people, other)", "", cancellation,
            new("rowid", numbers.Select(number => SearchId(collection, number)).ToArray()),
            new("title", Texts(rows, static row => SearchText.Column([row.Title]))),
            new("people", Texts(rows, static row => SearchText.Column(Names(row)))),
            new("other", Texts(rows, static row => SearchText.Column(Others(row)))));
    }

    private Task ForgetWordsAsync(DbTransaction transaction, int collection, int[] numbers, CancellationToken cancellation) => BulkRows.RunAsync(
        transaction, database.Dialect, "delete from film_search where rowid = @rowid", cancellation, new BulkColumn("rowid", numbers.Select(number => SearchId(collection, number)).ToArray()));

    private static IEnumerable<string> Names(FilmRow row) => row.People.Select(credit => credit.Name).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Others(FilmRow row) => [.. row.Genres.Select(genre => genre.Name), row.Description ?? ""];

    // Gives every genre and person its id, and a description that is not said again back to its film, for the sake of the search.
    private async Task<FilmRow[]> ResolveAsync(DbTransaction transaction, int collection, FilmRow[] rows, CancellationToken cancellation)
    {
        var bare = rows.Where(row => row.Content is null).ToArray();
        Dictionary<(int Number, string Name), string> ofFilm = [];
        Dictionary<(int Number, string Name), string> ofPeople = [];
        Dictionary<int, string> descriptions = [];
        foreach (var chunk in bare.Select(row => row.Number).Chunk(AtOnce))
        {
            var values = new { collection, chunk };
            foreach (var (number, name, id) in await QueryAsync<(int, string, string)>(
                transaction, $"select l.number, g.name, g.id from film_genres l cross join genres g where g.collection = l.collection and g.id = l.genre and l.collection = @collection and {In("l.number")} order by l.place desc", values, cancellation))
            {
                ofFilm[(number, name)] = id;
            }

            foreach (var (number, name, id) in await QueryAsync<(int, string, string)>(
                transaction, $"select l.number, p.full_name, p.id from film_people l cross join persons p where p.collection = l.collection and p.id = l.person and l.collection = @collection and {In("l.number")} order by l.place desc", values, cancellation))
            {
                ofPeople[(number, name)] = id;
            }

            foreach (var (number, text) in await QueryAsync<(int, string)>(
                transaction, $"select number, description from films where collection = @collection and {In("number")} and description is not null", values, cancellation))
            {
                descriptions[number] = text;
            }
        }

        var genres = await ByNameAsync(transaction, collection, "genres", "name", bare.SelectMany(row => row.Genres).Where(genre => genre.Id is null).Select(genre => genre.Name), cancellation);
        var people = await ByNameAsync(transaction, collection, "persons", "full_name", bare.SelectMany(row => row.People).Where(credit => credit.Id is null).Select(credit => credit.Name), cancellation);
        Dictionary<string, string> newGenres = new(StringComparer.Ordinal);
        Dictionary<string, string> newPeople = new(StringComparer.Ordinal);
        for (var k = 0; k < rows.Length; k++)
        {
            var row = rows[k];
            rows[k] = row with
            {
                Description = row.Description ?? descriptions.GetValueOrDefault(row.Number),
                Genres = [.. row.Genres.Select(genre => genre with { Id = genre.Id ?? Id("genre", genre.Name, row.Number, ofFilm, genres, newGenres) })],
                People = [.. row.People.Select(credit => credit with { Id = credit.Id ?? Id("person", credit.Name, row.Number, ofPeople, people, newPeople) })],
            };
        }

        await AddNamesAsync(transaction, collection, source: null, derived: true, Pairs(newGenres), Pairs(newPeople), cancellation);
        return rows;

        static (string, string)[] Pairs(Dictionary<string, string> names) => [.. names.Select(pair => (pair.Value, pair.Key))];

        static string Id(
            string kind, string name, int number, Dictionary<(int, string), string> linked, Dictionary<string, string> known, Dictionary<string, string> made)
        {
            if (linked.TryGetValue((number, name), out var id) || known.TryGetValue(name, out id) || made.TryGetValue(name, out id))
            {
                return id;
            }

            return made[name] = DerivedId(kind, name);
        }
    }

    private async Task<Dictionary<string, string>> ByNameAsync(DbTransaction transaction, int collection, string table, string column, IEnumerable<string> names, CancellationToken cancellation)
    {
        Dictionary<string, string> ids = new(StringComparer.Ordinal);
        foreach (var chunk in names.Distinct(StringComparer.Ordinal).Chunk(AtOnce))
        {
            foreach (var (name, id) in await QueryAsync<(string, string)>(
                transaction, $"select {column}, min(id) from {table} where collection = @collection and {In(column)} group by {column}", new { collection, chunk }, cancellation))
            {
                ids[name] = id;
            }
        }

        return ids;
    }

    private string In(string column) => database.Dialect == Dialect.Sqlite ? $"{column} in @chunk" : $"{column} = any(@chunk)";

    private string Flag(string column) => database.Dialect == Dialect.Sqlite ? $"{column} = 1" : column;

    private static BulkColumn All<T>(int count, T value, string name = "collection") => new(name, Enumerable.Repeat(value, count).ToArray());

    private static BulkColumn Source(int count, string? source) => new("source", Enumerable.Repeat(source, count).ToArray());

    private static string?[] Texts<T>(IEnumerable<T> rows, Func<T, string?> text) => [.. rows.Select(text)];

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, values, transaction, commandTimeout: 0, cancellationToken: cancellation));

    private static async Task<List<T>> QueryAsync<T>(DbTransaction transaction, string sql, object values, CancellationToken cancellation) =>
        (await transaction.Connection!.QueryAsync<T>(new CommandDefinition(sql, values, transaction, commandTimeout: 0, cancellationToken: cancellation))).AsList();
}
