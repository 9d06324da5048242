using System.Data.Common;

namespace Kindred.Platform.Storage;

/// <summary>What ADO.NET makes longer than it is.</summary>
public static class DbCommandExtensions
{
    /// <summary>Adds a named parameter and returns it, so that a prepared command is run with many values.</summary>
    public static DbParameter AddParameter(this DbCommand command, string name, object? value)
    {
        ArgumentNullException.ThrowIfNull(command);
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
