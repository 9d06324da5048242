namespace Kindred.Platform.Storage;

/// <summary>Section <c>database</c>.</summary>
public sealed record DatabaseSettings
{
    /// <summary>PostgreSQL connection string; empty means the SQLite file <c>kindred.db</c> in the data folder.</summary>
    public string ConnectionString { get; init; } = "";
}
