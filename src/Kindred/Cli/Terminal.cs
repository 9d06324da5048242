using System.Text.Json;
using Spectre.Console;

namespace Kindred.Cli;

/// <summary>Where a command writes: data to standard output, everything said to people to standard error. Quiet says only what went wrong.</summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public Terminal(TextWriter output, TextWriter error, bool json, bool quiet, bool interactive, bool color)
    {
        Output = output;
        Error = error;
        Json = json;
        Quiet = quiet;
        Interactive = interactive;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(error),
            Ansi = interactive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No,
        });
    }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public bool Json { get; }

    public bool Quiet { get; }

    /// <summary>Standard error is a terminal that moves its cursor: bars are drawn, else a line every ten seconds.</summary>
    public bool Interactive { get; }

    /// <summary>Draws on standard error.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess(bool json, bool quiet, bool noColor)
    {
        var dumb = System.Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb";
        var plain = noColor || dumb || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        return new Terminal(System.Console.Out, System.Console.Error, json, quiet, interactive: !dumb, color: !plain);
    }

    /// <summary>A line of data.</summary>
    public void Write(string line) => Output.WriteLine(line);

    /// <summary>An object as one line of JSON in snake_case.</summary>
    public void WriteJson(object value) => Output.WriteLine(JsonSerializer.Serialize(value, s_json));

    /// <summary>A line for people; nothing when quiet.</summary>
    public void Say(string line)
    {
        if (!Quiet)
        {
            Error.WriteLine(line);
        }
    }

    /// <summary>What went wrong, quiet or not.</summary>
    public void Fail(string message, string? hint = null)
    {
        Console.MarkupInterpolated($"[red]error[/]: ");
        Error.WriteLine(message);
        if (hint is not null)
        {
            Hint(hint);
        }
    }

    /// <summary>What to do about it.</summary>
    public void Hint(string hint) => Error.WriteLine($"  {hint}");

    /// <summary>A table of text on standard output: the first column to the left, the others to the right where <paramref name="numbers"/>.</summary>
    public void WriteTable(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, bool numbers = true)
    {
        var widths = header.Select((title, column) => rows.Select(row => row[column].Length).Append(title.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(header))
        {
            var cells = row.Select((cell, column) => numbers && column > 0 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            Output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
