using System.Text;
using Kindred.Import.Reading;

namespace Kindred.Import.Writing;

/// <summary>
/// The rejected rows of one file as comma-separated text for people: line, column, value, reason. Made when the first row is rejected. Cells that a
/// spreadsheet would run as a formula begin with an apostrophe. Without a path the rows are only counted.
/// </summary>
internal sealed class Rejections(string? path, int most) : IDisposable
{
    private StreamWriter? _writer;
    private string? _path = path;

    /// <summary>Path of the file, or null when nothing was rejected.</summary>
    public string? Path => _writer is null ? null : _path;

    public long Count { get; private set; }

    /// <summary>The first rejected row, for people.</summary>
    public string? First { get; private set; }

    /// <exception cref="ImportRefusedException">More rows are rejected than allowed.</exception>
    public void Add(long line, Fault fault)
    {
        if (_path is not null)
        {
            _writer ??= OpenAny();
            _writer.Write(line);
            WriteCell(_writer, fault.Column);
            WriteCell(_writer, fault.Value);
            WriteCell(_writer, fault.Reason);
            _writer.Write('\n');
        }

        var column = fault.Column.Length == 0 ? "" : $"{fault.Column} ";
        var value = fault.Value.Length == 0 ? "" : $"\"{Printable(fault.Value)}\" ";
        First ??= $"line {line:N0}  {column}{value}{Printable(fault.Reason)}";
        if (++Count > most)
        {
            throw new ImportRefusedException($"Stopped: more than {most:N0} rows are rejected. {First}");
        }
    }

    public void Flush() => _writer?.Flush();

    public void Dispose() => _writer?.Dispose();

    // Data often lies where nothing may be written; then the list goes to the working folder.
    private StreamWriter OpenAny()
    {
        try
        {
            return Open(_path!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _path = System.IO.Path.Combine(Environment.CurrentDirectory, System.IO.Path.GetFileName(_path!));
            return Open(_path);
        }
    }

    private static StreamWriter Open(string path)
    {
        var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        writer.Write("line,column,value,reason\n");
        return writer;
    }

    private static void WriteCell(StreamWriter writer, string text)
    {
        writer.Write(',');
        var formula = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\0';
        if (formula || text.AsSpan().ContainsAny(',', '"', '\n') || text.Contains('\r'))
        {
            writer.Write('"');
            writer.Write(formula ? "'" : "");
            writer.Write(text.Replace("\"", "\"\"", StringComparison.Ordinal));
            writer.Write('"');
        }
        else
        {
            writer.Write(text);
        }
    }

    // It is shown on a terminal: no control characters of the file's making.
    private static string Printable(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var k = 0; k < to.Length; k++)
        {
            to[k] = char.IsControl(from[k]) ? ' ' : from[k];
        }
    });
}
