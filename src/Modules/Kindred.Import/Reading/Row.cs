namespace Kindred.Import.Reading;

/// <summary>Why a row was left out, so that <c>{column} "{value}" {reason}</c> reads as a sentence.</summary>
/// <param name="Column">The column, or empty when the row as a whole is at fault.</param>
/// <param name="Value">What stood there, cut to a readable length.</param>
/// <param name="Reason">Such as <c>is above 10</c>.</param>
internal sealed record Fault(string Column, string Value, string Reason)
{
    private const int Longest = 200;

    public static Fault Of(string column, ReadOnlySpan<char> value, string reason) =>
        new(column, value.Length > Longest ? $"{value[..Longest]}..." : value.ToString(), reason);
}

/// <summary>A row of a file: what it says, or why it is left out.</summary>
/// <param name="Line">Line it begins on, from 1; 0 for what no single row says.</param>
/// <param name="Value">What it says, unless at fault.</param>
/// <param name="Fault">Why it is left out, or null.</param>
internal readonly record struct Row<T>(long Line, T Value, Fault? Fault);
