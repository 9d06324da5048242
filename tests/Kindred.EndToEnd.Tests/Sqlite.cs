using Microsoft.Data.Sqlite;

namespace Kindred.EndToEnd.Tests;

/// <summary>Looks at a database file from outside the program.</summary>
internal static class Sqlite
{
    static Sqlite() => SQLitePCL.Batteries_V2.Init();

    public static string IntegrityCheck(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }
}
