using System.Data.Common;

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
    /// <summary>Which SQL to write.</summary>
    public Dialect Dialect => throw new NotSupportedException();

    /// <summary>An open connection for reading; the caller disposes it, which returns it to the pool.</summary>
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>
    /// Runs work in one write transaction and commits it durably when the work returns; an exception rolls it back and is rethrown. On SQLite it is
    /// <c>BEGIN IMMEDIATE</c> behind this process's write queue; PostgreSQL repeats the work on a serialization failure or deadlock, so it must be repeatable.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancellation) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
