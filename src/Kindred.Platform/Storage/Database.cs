using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Kindred.Platform.Storage;

/// <summary>Which SQL a statement is written for.</summary>
public enum Dialect
{
    /// <summary>SQLite 3.35, embedded, the default.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15.</summary>
    Postgres,
}

/// <summary>
/// The database: a SQLite file in the data folder, or PostgreSQL by connection string. Commits are durable (SQLite runs WAL with
/// <c>synchronous=FULL</c>). SQLite has one writer at a time; writers of this process queue in order. Safe for any number of threads.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const int Attempts = 5;

    // WAL is a property of the file, so readers need none of this. The one writer touches pages all over its indexes: a cache that holds them and rarer
    // checkpoints write each page once where it was often.
    private const string Writing =
        "PRAGMA busy_timeout=30000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-64000; PRAGMA wal_autocheckpoint=32000";

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly NpgsqlDataSource? _postgres;
    private readonly string _sqlite;
    private SqliteConnection? _writer;

    static Database() => Batteries_V2.Init();

    /// <summary>Names the database; nothing is opened yet. The data folder is made with mode 700 when missing.</summary>
    public Database(DatabaseSettings settings, PlatformSettings platform)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(platform);
        if (!Directory.Exists(platform.DataFolder))
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(platform.DataFolder);
            }
            else
            {
                Directory.CreateDirectory(platform.DataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        _sqlite = new SqliteConnectionStringBuilder { DataSource = Path.Combine(platform.DataFolder, "kindred.db") }.ConnectionString;
        if (settings.ConnectionString.Length > 0)
        {
            Dialect = Dialect.Postgres;
            _postgres = NpgsqlDataSource.Create(settings.ConnectionString);
        }
    }

    /// <summary>Which SQL to write.</summary>
    public Dialect Dialect { get; }

    /// <summary>Called after each commit of <see cref="WriteAsync{T}"/> with its transaction, which is over: a key to remember things by. Must be quick and must not throw.</summary>
    public Action<DbTransaction>? Committed { get; set; }

    /// <summary>An open connection for reading; the caller disposes it, which returns it to the pool.</summary>
    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellation) =>
        _postgres is null ? await OpenSqliteAsync(null, cancellation) : await _postgres.OpenConnectionAsync(cancellation);

    /// <summary>
    /// Runs work in one write transaction and commits it durably when the work returns; an exception rolls it back and is rethrown. On SQLite it is
    /// <c>BEGIN IMMEDIATE</c> behind this process's write queue; PostgreSQL repeats the work on a serialization failure or deadlock, so it must be repeatable.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (_postgres is null)
        {
            await _writing.WaitAsync(cancellation);
            try
            {
                _writer ??= await OpenSqliteAsync(Writing, cancellation);
                return await RunAsync(_writer, work, cancellation);
            }
            catch
            {
                // Whatever state it is in, the next write begins on a new one.
                await (_writer?.DisposeAsync() ?? default);
                _writer = null;
                throw;
            }
            finally
            {
                _writing.Release();
            }
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await _postgres.OpenConnectionAsync(cancellation);
                return await RunAsync(connection, work, cancellation);
            }
            catch (PostgresException conflict) when (attempt < Attempts && conflict.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected)
            {
            }
        }
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<DbTransaction, Task> work, CancellationToken cancellation) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction);
                return true;
            },
            cancellation);

    /// <summary>True when the database is away, busy or out of room, so that the same request may succeed later; false for faults of the request or ours.</summary>
    public static bool IsUnavailable(DbException exception) => exception switch
    {
        // Classes 53 and 57: out of resources, and an operator's doing.
        PostgresException refused => refused.IsTransient || refused.SqlState.StartsWith("53", StringComparison.Ordinal) || refused.SqlState.StartsWith("57", StringComparison.Ordinal),
        SqliteException sqlite => sqlite.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_READONLY or raw.SQLITE_IOERR
            or raw.SQLITE_CORRUPT or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_NOTADB,
        _ => true,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
        else
        {
            // A transaction under way ends first: a connection closed beneath it breaks both.
            await _writing.WaitAsync();
            await (_writer?.DisposeAsync() ?? default);
            using var connection = new SqliteConnection(_sqlite);
            SqliteConnection.ClearPool(connection);
        }

        _writing.Dispose();
    }

    private async Task<T> RunAsync<T>(DbConnection connection, Func<DbTransaction, Task<T>> work, CancellationToken cancellation)
    {
        // Microsoft.Data.Sqlite begins serializable transactions with BEGIN IMMEDIATE, so a reader never fails half-way to becoming a writer.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var result = await work(transaction);

        // From here on the outcome is the database's to tell: a commit is not cancelled half-way.
        await transaction.CommitAsync(CancellationToken.None);
        Committed?.Invoke(transaction);
        return result;
    }

    private async Task<SqliteConnection> OpenSqliteAsync(string? pragmas, CancellationToken cancellation)
    {
        var connection = new SqliteConnection(_sqlite);
        try
        {
            await connection.OpenAsync(cancellation);
            if (pragmas is not null)
            {
                await using var command = connection.CreateCommand();
                command.CommandText = pragmas;
                await command.ExecuteNonQueryAsync(cancellation);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
