using System.Data.Common;
using Kindred.Platform.Storage;

namespace Kindred.Catalog;

/// <summary>One column of many rows; PostgreSQL casts it where a type has no array of ours.</summary>
internal readonly record struct BulkColumn(string Name, Array Values, string? Cast = null);

/// <summary>
/// The same statement for many rows: PostgreSQL takes them as arrays in one go, SQLite by a prepared statement a row, which are the fast ways of each.
/// </summary>
internal static class BulkRows
{
    /// <summary>Inserts rows; <paramref name="head"/> is <c>insert into t(a, b)</c> in the order of the columns, <paramref name="tail"/> what to do on conflict.</summary>
    public static Task InsertAsync(DbTransaction transaction, Dialect dialect, string head, string tail, CancellationToken cancellation, params IReadOnlyList<BulkColumn> columns) =>
        RunAsync(
            transaction,
            dialect,
            dialect == Dialect.Postgres
                ? $"{head} select {string.Join(", ", columns.Select(column => column.Cast is null ? column.Name : $"{column.Name}::{column.Cast}"))} from {Given(columns)} {tail}"
                : $"{head} values ({string.Join(", ", columns.Select(column => "@" + column.Name))}) {tail}",
            cancellation,
            columns);

    /// <summary>
    /// Deletes rows of a collection by one column: <paramref name="from"/> is the table.
    /// </summary>
    public static Task DeleteAsync(DbTransaction transaction, Dialect dialect, string from, int collection, BulkColumn by, CancellationToken cancellation) =>
        RunAsync(
            transaction,
            dialect,
            dialect == Dialect.Postgres
                ? $"delete from {from} where collection = {collection} and {by.Name} = any(@{by.Name})"
                : $"delete from {from} where collection = {collection} and {by.Name} = @{by.Name}",
            cancellation,
            [by]);

    /// <summary>Runs a statement written for the dialect: parameters are arrays on PostgreSQL and one row's values on SQLite.</summary>
    public static async Task RunAsync(DbTransaction transaction, Dialect dialect, string sql, CancellationToken cancellation, params IReadOnlyList<BulkColumn> columns)
    {
        var rows = columns[0].Values.Length;
        if (rows == 0)
        {
            return;
        }

        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        if (dialect == Dialect.Postgres)
        {
            foreach (var column in columns)
            {
                command.AddParameter(column.Name, column.Values);
            }

            await command.ExecuteNonQueryAsync(cancellation);
            return;
        }

        var parameters = columns.Select(column => command.AddParameter(column.Name, null)).ToArray();
        for (var row = 0; row < rows; row++)
        {
            for (var k = 0; k < parameters.Length; k++)
            {
                parameters[k].Value = columns[k].Values.GetValue(row) ?? DBNull.Value;
            }

            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static string Given(IReadOnlyList<BulkColumn> columns) =>
        $"unnest({string.Join(", ", columns.Select(column => "@" + column.Name))}) as given({string.Join(", ", columns.Select(column => column.Name))})";
}
