using System.Data.Common;
using Dapper;
using Kindred.Catalog.Films.Search;
using Kindred.Platform.Storage;

namespace Kindred.Catalog.Films;

/// <summary>Which rows of a list.</summary>
internal readonly record struct Slice(int Size, int Number)
{
    public long Offset => (long)(Number - 1) * Size;
}

/// <summary>
/// Reads films, genres and people. A search asks for all words, the last one also as a beginning; then for the words nearest to misspelt ones; then
/// for any of the words. An exact title comes first, then the better rank, then the better rating.
/// </summary>
internal sealed class FilmQueries(Database database)
{
    private const string Brief = "f.id, f.title, f.rating";
    private const string ByRating = "coalesce(f.rating, -1) desc, f.number";

    // How alike a word and its misspelling are, in [0, 1]: a letter wrong in five leaves half of the trigrams.
    private const string Alike = "0.5";

    private bool? _hasTrigrams;

    private bool IsSqlite => database.Dialect == Dialect.Sqlite;

    private string Shown => IsSqlite ? "f.shown = 1" : "f.shown";

    /// <summary>Films, best rated first, unrated last; of one genre where it is given by id or, in any case, by name.</summary>
    public async Task<IReadOnlyList<FilmBriefResponse>> ListAsync(int collection, string? genre, Slice page, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        if (genre is null)
        {
            return await BriefAsync(
                connection, $"select {Brief} from films f where f.collection = @collection and {Shown} order by {ByRating} limit @Size offset @Offset",
                new { collection, page.Size, page.Offset }, cancellation);
        }

        var known = await GenresAsync(connection, collection, cancellation);
        string[] ids = [.. known.Where(one => one.Id == genre || string.Equals(one.Name, genre, StringComparison.OrdinalIgnoreCase)).Select(one => one.Id)];
        return ids.Length == 0 ? [] : await BriefAsync(
            connection,
            $"""
             select {Brief} from films f where f.collection = @collection and {Shown}
               and f.number in (select l.number from film_genres l where l.collection = @collection and {In("l.genre")})
             order by {ByRating} limit @Size offset @Offset
             """,
            new { collection, ids, page.Size, page.Offset },
            cancellation);
    }

    public async Task<IReadOnlyList<FilmBriefResponse>> SearchAsync(int collection, string query, Slice page, CancellationToken cancellation)
    {
        var words = Words.Of(query, SearchText.MostAsked);
        if (words.Count == 0)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellation);
        Task<bool> MatchesAsync(string question) => MatchesFilmAsync(connection, collection, question, cancellation);
        var asked = await QuestionAsync(connection, words, "film_terms", MatchesAsync, cancellation);
        if (asked is null && await NearAsync(connection, words, cancellation) is { } near)
        {
            await using var transaction = await BeginNearAsync(connection, cancellation);
            Task<IReadOnlyList<FilmBriefResponse>> FilmsAsync(Slice slice) => BriefAsync(
                connection,
                $"""
                 select {Brief} from film_search s join films f on f.collection = s.collection and f.number = s.number
                 where s.collection = @collection and {near.Condition("s.names")} and {Shown} order by {near.Rank("s.names")} desc, {ByRating} limit @Size offset @Offset
                 """,
                near.Values(collection, slice),
                cancellation);
            var films = await FilmsAsync(page);
            if (films.Count > 0 || (page.Number > 1 && (await FilmsAsync(new Slice(1, 1))).Count > 0))
            {
                return films;
            }
        }

        asked ??= await AnyAsync(words, MatchesAsync);
        return asked is null ? [] : await BriefAsync(
            connection,
            IsSqlite
                ? $"""
                   select {Brief} from film_search cross join films f
                   where f.collection = @collection and f.number = film_search.rowid - @first and film_search match @asked and film_search.rowid between @first and @last and {Shown}
                   order by f.folded = @folded desc, bm25(film_search, 10.0, 4.0, 1.0), {ByRating} limit @Size offset @Offset
                   """
                : $"""
                   select {Brief} from film_search s join films f on f.collection = s.collection and f.number = s.number, cast(@asked as tsquery) as q
                   where s.collection = @collection and s.words @@ q and {Shown}
                   order by f.folded = @folded desc, ts_rank(array[0.02, 0.1, 0.4, 1.0]::real[], s.words, q) desc, {ByRating} limit @Size offset @Offset
                   """,
            new
            {
                collection, asked, folded = Words.Folded(query), first = FilmTables.SearchId(collection, 0), last = FilmTables.SearchId(collection, int.MaxValue), page.Size, page.Offset,
            },
            cancellation);
    }

    /// <summary>A film by its id; null when it is not there or not shown.</summary>
    public async Task<FilmResponse?> FindAsync(int collection, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var film = await connection.QuerySingleOrDefaultAsync<(int Number, string Id, string Title, double? Rating, string? Description)?>(new CommandDefinition(
            $"""
             select f.number, f.id, f.title, f.rating, f.description from films f
             where f.collection = @collection and f.number = (select number from item_numbers where collection = @collection and id = @id) and {Shown}
             """,
            new { collection, id },
            cancellationToken: cancellation));
        if (film is not { } found)
        {
            return null;
        }

        var values = new { collection, number = found.Number };
        var genres = await connection.QueryAsync<(string Id, string Name)>(new CommandDefinition(
            "select g.id, g.name from film_genres l cross join genres g where g.collection = l.collection and g.id = l.genre and l.collection = @collection and l.number = @number order by l.place",
            values,
            cancellationToken: cancellation));
        var people = (await connection.QueryAsync<(string Role, string Id, string Name)>(new CommandDefinition(
            "select l.role, p.id, p.full_name from film_people l cross join persons p where p.collection = l.collection and p.id = l.person and l.collection = @collection and l.number = @number order by l.place",
            values,
            cancellationToken: cancellation))).ToLookup(one => one.Role, one => new FilmPersonResponse(one.Id, one.Name), StringComparer.Ordinal);
        return new FilmResponse(
            found.Id, found.Title, found.Rating, found.Description, [.. genres.Select(genre => new GenreResponse(genre.Id, genre.Name))],
            [.. people[FilmRoles.Actor]], [.. people[FilmRoles.Writer]], [.. people[FilmRoles.Director]]);
    }

    /// <summary>All genres by name.</summary>
    public async Task<IReadOnlyList<GenreResponse>> ListGenresAsync(int collection, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. (await GenresAsync(connection, collection, cancellation)).Select(genre => new GenreResponse(genre.Id, genre.Name))];
    }

    public async Task<GenreResponse?> FindGenreAsync(int collection, string id, CancellationToken cancellation) =>
        (await ListGenresAsync(collection, cancellation)).FirstOrDefault(genre => string.Equals(genre.Id, id, StringComparison.OrdinalIgnoreCase));

    public async Task<PersonResponse?> FindPersonAsync(int collection, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var found = await PeopleAsync(
            connection, collection, "select p.id, p.full_name from persons p where p.collection = @collection and p.id = @id", new { collection, id = Id(id) }, cancellation);
        return found is [var person] ? person : null;
    }

    /// <summary>The films of somebody, best rated first.</summary>
    public async Task<IReadOnlyList<FilmBriefResponse>> ListFilmsOfAsync(int collection, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await BriefAsync(
            connection,
            $"""
             select {Brief} from films f where f.collection = @collection and {Shown}
               and f.number in (select l.number from film_people l where l.collection = @collection and l.person = @id) order by {ByRating}
             """,
            new { collection, id = Id(id) },
            cancellation);
    }

    public async Task<IReadOnlyList<PersonResponse>> SearchPeopleAsync(int collection, string query, Slice page, CancellationToken cancellation)
    {
        var words = Words.Of(query, SearchText.MostAsked);
        if (words.Count == 0)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellation);
        Task<bool> MatchesAsync(string question) => MatchesPersonAsync(connection, collection, question, cancellation);
        var asked = await QuestionAsync(connection, words, "person_terms", MatchesAsync, cancellation);
        if (asked is null && await NearAsync(connection, words, cancellation) is { } near)
        {
            await using var transaction = await BeginNearAsync(connection, cancellation);
            Task<IReadOnlyList<PersonResponse>> NearestAsync(Slice slice) => PeopleAsync(
                connection,
                collection,
                $"select p.id, p.full_name from persons p where p.collection = @collection and {near.Condition("p.folded")} order by {near.Rank("p.folded")} desc, p.full_name, p.id limit @Size offset @Offset",
                near.Values(collection, slice),
                cancellation);
            var people = await NearestAsync(page);
            if (people.Count > 0 || (page.Number > 1 && (await NearestAsync(new Slice(1, 1))).Count > 0))
            {
                return people;
            }
        }

        asked ??= await AnyAsync(words, MatchesAsync);
        return asked is null ? [] : await PeopleAsync(
            connection,
            collection,
            IsSqlite
                ? """
                  select p.id, p.full_name from person_search cross join persons p
                  where p.number = person_search.rowid and person_search match @asked and p.collection = @collection order by bm25(person_search), p.full_name, p.id limit @Size offset @Offset
                  """
                : """
                  select p.id, p.full_name from persons p, cast(@asked as tsquery) as q
                  where p.collection = @collection and p.words @@ q order by ts_rank(p.words, q) / length(p.words) desc, p.full_name, p.id limit @Size offset @Offset
                  """,
            new { collection, asked, page.Size, page.Offset },
            cancellation);
    }

    // The question as asked or, on SQLite, with misspelt words corrected; null when neither finds anything.
    private async Task<string?> QuestionAsync(DbConnection connection, List<string> words, string terms, Func<string, Task<bool>> matches, CancellationToken cancellation)
    {
        var all = SearchText.Question(database.Dialect, words, any: false);
        if (await matches(all))
        {
            return all;
        }

        return IsSqlite && await CorrectAsync(connection, words, terms, cancellation) is { } corrected
            && SearchText.Question(database.Dialect, corrected, any: false) is var again && await matches(again) ? again : null;
    }

    private async Task<string?> AnyAsync(List<string> words, Func<string, Task<bool>> matches) =>
        words.Count > 1 && SearchText.Question(database.Dialect, words, any: true) is var any && await matches(any) ? any : null;

    private async Task<bool> MatchesFilmAsync(DbConnection connection, int collection, string asked, CancellationToken cancellation) =>
        await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            IsSqlite
                ? $"""
                   select 1 from film_search cross join films f
                   where f.collection = @collection and f.number = film_search.rowid - @first and film_search match @asked and film_search.rowid between @first and @last and {Shown} limit 1
                   """
                : $"select 1 from film_search s join films f on f.collection = s.collection and f.number = s.number where s.collection = @collection and s.words @@ cast(@asked as tsquery) and {Shown} limit 1",
            new { collection, asked, first = FilmTables.SearchId(collection, 0), last = FilmTables.SearchId(collection, int.MaxValue) },
            cancellationToken: cancellation)) is not null;

    private async Task<bool> MatchesPersonAsync(DbConnection connection, int collection, string asked, CancellationToken cancellation) =>
        await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            IsSqlite
                ? "select 1 from person_search cross join persons p where p.number = person_search.rowid and person_search match @asked and p.collection = @collection limit 1"
                : "select 1 from persons p where p.collection = @collection and p.words @@ cast(@asked as tsquery) limit 1",
            new { collection, asked },
            cancellationToken: cancellation)) is not null;

    // Words that stand nowhere become the nearest that do; null when there is nothing to correct.
    private static async Task<List<string>?> CorrectAsync(DbConnection connection, List<string> words, string terms, CancellationToken cancellation)
    {
        List<string>? corrected = null;
        for (var k = 0; k < words.Count; k++)
        {
            var word = words[k];
            var last = k == words.Count - 1;
            var known = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
                $"select 1 from {terms} where term {(last ? ">= @word and term < @end" : "in (@word, @stem)")} limit 1",
                new { word, stem = Words.Stem(word), end = word + "\U0010FFFF" },
                cancellationToken: cancellation)) is not null;
            if (known || Spelling.Allowed(word) == 0)
            {
                continue;
            }

            var near = Spelling.Nearest(word, await connection.QueryAsync<(string, long)>(new CommandDefinition(
                $"select term, doc from {terms} where length(term) between @least and @most",
                new { least = word.Length - Spelling.Allowed(word), most = word.Length + Spelling.Allowed(word) },
                cancellationToken: cancellation)));
            if (near is not null)
            {
                (corrected ??= [.. words])[k] = near;
            }
        }

        return corrected;
    }

    // Rows that hold something like each of the words.
    private async Task<NearWords?> NearAsync(DbConnection connection, List<string> words, CancellationToken cancellation)
    {
        string[] longEnough = [.. words.Where(word => word.Length > 2).Take(6)];
        return longEnough.Length > 0 && await HasTrigramsAsync(connection, cancellation) ? new NearWords(longEnough) : null;
    }

    private static async Task<DbTransaction> BeginNearAsync(DbConnection connection, CancellationToken cancellation)
    {
        var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition($"set local pg_trgm.word_similarity_threshold = {Alike}", transaction: transaction, cancellationToken: cancellation));
        return transaction;
    }

    private async ValueTask<bool> HasTrigramsAsync(DbConnection connection, CancellationToken cancellation) =>
        _hasTrigrams ??= !IsSqlite && await connection.ExecuteScalarAsync<bool>(new CommandDefinition("select to_regclass('film_search_names') is not null", cancellationToken: cancellation));

    private static async Task<List<(string Id, string Name)>> GenresAsync(DbConnection connection, int collection, CancellationToken cancellation) =>
        (await connection.QueryAsync<(string, string)>(new CommandDefinition(
            "select id, name from genres where collection = @collection order by name, id", new { collection }, cancellationToken: cancellation))).AsList();

    private static async Task<IReadOnlyList<FilmBriefResponse>> BriefAsync(DbConnection connection, string sql, object values, CancellationToken cancellation) =>
        [.. (await connection.QueryAsync<(string Id, string Title, double? Rating)>(new CommandDefinition(sql, values, cancellationToken: cancellation)))
            .Select(row => new FilmBriefResponse(row.Id, row.Title, row.Rating))];

    private async Task<IReadOnlyList<PersonResponse>> PeopleAsync(DbConnection connection, int collection, string sql, object values, CancellationToken cancellation)
    {
        var people = (await connection.QueryAsync<(string Id, string Name)>(new CommandDefinition(sql, values, cancellationToken: cancellation))).AsList();
        string[] ids = [.. people.Select(person => person.Id)];
        var films = ids.Length == 0 ? null : (await connection.QueryAsync<(string Person, string Film, string Role)>(new CommandDefinition(
            $"""
             select l.person, f.id, l.role from film_people l cross join films f where f.collection = l.collection and f.number = l.number and l.collection = @collection and {In("l.person")} and {Shown} order by {ByRating}, l.role
             """,
            new { collection, ids },
            cancellationToken: cancellation))).ToLookup(row => row.Person, StringComparer.Ordinal);
        return
        [
            .. people.Select(person => new PersonResponse(
                person.Id, person.Name, [.. films![person.Id].GroupBy(row => row.Film).Select(film => new FilmOfPersonResponse(film.Key, [.. film.Select(row => row.Role).Distinct()]))])),
        ];
    }

    private string In(string column) => IsSqlite ? $"{column} in @ids" : $"{column} = any(@ids)";

    // Ids are kept in lower case; callers may write them as they like.
    private static string Id(string id) => Guid.TryParse(id, out var parsed) ? parsed.ToString() : id;

    private sealed record NearWords(string[] Words)
    {
        public string Condition(string column) => string.Join(" and ", Words.Select((_, k) => $"{column} %> @w{k}"));

        public string Rank(string column) => string.Join(" + ", Words.Select((_, k) => $"word_similarity(@w{k}, {column})"));

        public DynamicParameters Values(int collection, Slice page)
        {
            var values = new DynamicParameters(new { collection, page.Size, page.Offset });
            for (var k = 0; k < Words.Length; k++)
            {
                values.Add("w" + k.ToString(System.Globalization.CultureInfo.InvariantCulture), Words[k]);
            }

            return values;
        }
    }
}
