using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Kindred.Tests.Content;

/// <summary>
/// A content database as the cinema keeps it, invented: the same size and seed give the same rows. Names repeat, some films lack this or that, and many rows
/// were modified at the same moment, as a bulk update leaves them.
/// </summary>
internal static class ContentDatabase
{
    public const string Schema =
        """
        create schema content;
        create table content.film_work(id uuid primary key, title text, description text, creation_date date, rating double precision, type text, created timestamptz, modified timestamptz);
        create table content.genre(id uuid primary key, name text, description text, created timestamptz, modified timestamptz);
        create table content.person(id uuid primary key, full_name text, created timestamptz, modified timestamptz);
        create table content.genre_film_work(id uuid primary key default gen_random_uuid(), genre_id uuid not null, film_work_id uuid not null, created timestamptz);
        create table content.person_film_work(id uuid primary key default gen_random_uuid(), person_id uuid not null, film_work_id uuid not null, role text, created timestamptz);
        """;

    private static readonly string[] s_genres =
        ["Action", "Adventure", "Animation", "Comedy", "Crime", "Drama", "Family", "Fantasy", "History", "Horror", "Music", "Mystery", "Romance", "Sci-Fi", "Sport", "Thriller", "War", "Western"];

    private static readonly string[] s_adjectives = ["Last", "Silent", "Hidden", "Северный", "Тихий", "Последний", "Distante", "Antigo", "Pale", "Burning"];
    private static readonly string[] s_nouns = ["Train", "Lighthouse", "Garden", "поезд", "мост", "рассвет", "Farol", "Retrato", "Compass", "Orbit"];
    private static readonly string[] s_first = ["Ada", "Noel", "Анна", "Вера", "Rui", "Inês", "Hugh", "Miriam", "Олег", "Caio"];
    private static readonly string[] s_last = ["Marsh", "Vance", "Ветров", "Лугова", "Sobral", "Arruda", "Brandt", "Okafor", "Зорин", "Dray"];

    /// <summary>The id of the k-th row of a kind.</summary>
    public static Guid Id(int kind, int k)
    {
        Span<byte> bytes = stackalloc byte[16];
        var mixed = (ulong)(k + 1) * 0x9E3779B97F4A7C15UL;
        BitConverter.TryWriteBytes(bytes, mixed ^ (mixed >> 29));
        BitConverter.TryWriteBytes(bytes[8..], ((ulong)kind << 32) | (uint)k);
        return new Guid(bytes);
    }

    /// <summary>Makes the schema and fills it.</summary>
    public static async Task FillAsync(string connectionString, int films, int seed, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var command = source.CreateCommand(Schema))
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }

        var random = new Random(seed);
        var people = Math.Max(20, films * 2 / 5);
        var began = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync("copy content.genre(id, name, created, modified) from stdin (format binary)", cancellation))
        {
            for (var k = 0; k < s_genres.Length; k++)
            {
                await RowAsync(copy, cancellation, Id(1, k), s_genres[k], began, began.AddMinutes(k));
            }

            await copy.CompleteAsync(cancellation);
        }

        await using (var copy = await connection.BeginBinaryImportAsync("copy content.person(id, full_name, created, modified) from stdin (format binary)", cancellation))
        {
            for (var k = 0; k < people; k++)
            {
                await RowAsync(copy, cancellation, Id(2, k), Name(random, k), began, began.AddSeconds(k / 7));
            }

            await copy.CompleteAsync(cancellation);
        }

        await using (var copy = await connection.BeginBinaryImportAsync("copy content.film_work(id, title, description, creation_date, rating, type, created, modified) from stdin (format binary)", cancellation))
        {
            for (var k = 0; k < films; k++)
            {
                await RowAsync(
                    copy,
                    cancellation,
                    Id(0, k),
                    string.Create(CultureInfo.InvariantCulture, $"{Of(random, s_adjectives)} {Of(random, s_nouns)} {k}"),
                    random.Next(10) == 0 ? null : Description(random),
                    random.Next(20) == 0 ? null : new DateOnly(1950 + random.Next(75), 1 + random.Next(12), 1 + random.Next(28)),
                    random.Next(20) == 0 ? null : Math.Round(1 + (random.NextDouble() * 9), 1),
                    random.Next(8) == 0 ? "tv_show" : "movie",
                    began,
                    began.AddSeconds(k / 13));
            }

            await copy.CompleteAsync(cancellation);
        }

        await using (var copy = await connection.BeginBinaryImportAsync("copy content.genre_film_work(id, genre_id, film_work_id, created) from stdin (format binary)", cancellation))
        {
            for (var k = 0; k < films; k++)
            {
                for (var (j, at) = (random.Next(4), random.Next(s_genres.Length)); j > 0; j--)
                {
                    await RowAsync(copy, cancellation, Id(3, (k * 4) + j), Id(1, (at + (j * 5)) % s_genres.Length), Id(0, k), began);
                }
            }

            await copy.CompleteAsync(cancellation);
        }

        await using (var copy = await connection.BeginBinaryImportAsync("copy content.person_film_work(id, person_id, film_work_id, role, created) from stdin (format binary)", cancellation))
        {
            string[] roles = ["director", "actor", "actor", "actor", "writer", "actor"];
            for (var k = 0; k < films; k++)
            {
                for (var j = 0; j < 1 + random.Next(roles.Length); j++)
                {
                    await RowAsync(copy, cancellation, Id(4, (k * 8) + j), Id(2, random.Next(people)), Id(0, k), roles[j], began);
                }
            }

            await copy.CompleteAsync(cancellation);
        }

        await using var analyze = source.CreateCommand("create index on content.genre_film_work(film_work_id); create index on content.person_film_work(film_work_id); analyze");
        await analyze.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Runs statements on the source.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Name(Random random, int k) => string.Create(CultureInfo.InvariantCulture, $"{Of(random, s_first)} {Of(random, s_last)} {k % 1009}");

    private static string Description(Random random)
    {
        var text = new StringBuilder();
        for (var k = 5 + random.Next(20); k > 0; k--)
        {
            text.Append(Of(random, s_adjectives)).Append(' ').Append(Of(random, s_nouns)).Append(", ");
        }

        return text.ToString();
    }

    private static T Of<T>(Random random, T[] choices) => choices[random.Next(choices.Length)];

    private static async Task RowAsync(NpgsqlBinaryImporter copy, CancellationToken cancellation, params object?[] values)
    {
        await copy.StartRowAsync(cancellation);
        foreach (var value in values)
        {
            await (value switch
            {
                null => copy.WriteNullAsync(cancellation),
                Guid id => copy.WriteAsync(id, NpgsqlDbType.Uuid, cancellation),
                double number => copy.WriteAsync(number, NpgsqlDbType.Double, cancellation),
                DateOnly day => copy.WriteAsync(day, NpgsqlDbType.Date, cancellation),
                DateTime time => copy.WriteAsync(time, NpgsqlDbType.TimestampTz, cancellation),
                _ => copy.WriteAsync((string)value, NpgsqlDbType.Text, cancellation),
            });
        }
    }
}
