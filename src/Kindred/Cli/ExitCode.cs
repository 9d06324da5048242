namespace Kindred.Cli;

/// <summary>What a command's exit code means; scripts rely on them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int NotAllowed = 4;
    public const int ServerAway = 5;
    public const int Interrupted = 130;
}

/// <summary>Ends a command with a message for people and an exit code for scripts.</summary>
internal sealed class CommandException(int exitCode, string message, string? hint = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do about it; null where the message says it all.</summary>
    public string? Hint { get; } = hint;
}
