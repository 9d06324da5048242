namespace Kindred.Import.Reading;

/// <summary>
/// Reads rows of delimited text one at a time, in memory that does not depend on the file: a row longer than <c>longest</c> characters, or a quote that
/// is never closed, becomes a fault of that line and reading goes on with the next. Quotes may hold delimiters, doubled quotes and line ends (RFC 4180);
/// lines may end with LF, CRLF or CR, also mixed. Empty lines are passed over. See docs/decisions/0010 for why this is our own.
/// </summary>
internal sealed class DelimitedReader(TextReader text, string delimiter, bool quotes, int longest = DelimitedReader.Longest) : IDisposable
{
    public const int Longest = 1 << 20;
    private const int ExcerptLength = 80;

    private char[] _buffer = new char[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;
    private long _nextLine = 1;

    private char[] _unquoted = [];
    private int _unquotedLength;
    private bool _isUnquoted;
    private int[] _bounds = new int[64];

    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        AfterQuote,
    }

    /// <summary>Line the row begins on, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Number of fields of the row.</summary>
    public int Count { get; private set; }

    /// <summary>Why the row could not be read, or null; a faulty row has no fields.</summary>
    public string? Fault { get; private set; }

    /// <summary>The beginning of a faulty row.</summary>
    public string Excerpt { get; private set; } = "";

    /// <summary>A field of the row, valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<char> this[int field] => (_isUnquoted ? _unquoted : _buffer).AsSpan(_bounds[2 * field], _bounds[(2 * field) + 1]);

    public bool Read()
    {
        Fault = null;
        Count = 0;
        while (true)
        {
            Line = _nextLine;
            if (!NextLine(out var length))
            {
                return false;
            }

            if (length == 0)
            {
                PassLine(0);
                continue;
            }

            if (length > longest)
            {
                DropLongLine();
            }
            else if (quotes && _buffer.AsSpan(_start, length).Contains('"'))
            {
                ReadQuoted();
            }
            else
            {
                Split(length);
            }

            return true;
        }
    }

    public void Dispose() => text.Dispose();

    private void Split(int length)
    {
        _isUnquoted = false;
        var line = _buffer.AsSpan(_start, length);
        var at = 0;
        while (delimiter.Length > 0)
        {
            var next = delimiter.Length == 1 ? line[at..].IndexOf(delimiter[0]) : line[at..].IndexOf(delimiter, StringComparison.Ordinal);
            if (next < 0)
            {
                break;
            }

            Add(_start + at, next);
            at += next + delimiter.Length;
        }

        Add(_start + at, length - at);
        PassLine(length);
    }

    private void ReadQuoted()
    {
        _isUnquoted = true;
        _unquotedLength = 0;
        var state = State.FieldStart;
        var fieldStart = 0;
        var lineEnds = 0;
        for (var at = 0; ; at++)
        {
            var ended = _start + at >= _end && (at > longest || !Fill());
            if (at > longest || (ended && state == State.Quoted))
            {
                Refuse(at > longest ? $"is longer than {longest:N0} characters, or a quote is not closed" : "a quote is not closed");
                return;
            }

            var c = ended ? '\n' : _buffer[_start + at];
            if (state == State.Quoted)
            {
                if (c == '"')
                {
                    state = State.AfterQuote;
                }
                else
                {
                    // CRLF is one line end: the CR is counted when no LF follows.
                    lineEnds += c == '\n' || (c == '\r' && !(_start + at + 1 < _end && _buffer[_start + at + 1] == '\n')) ? 1 : 0;
                    Append(c);
                }
            }
            else if (c == '"' && state == State.FieldStart)
            {
                state = State.Quoted;
            }
            else if (c == '"' && state == State.AfterQuote)
            {
                Append('"');
                state = State.Quoted;
            }
            else if (c == delimiter[0] && !ended)
            {
                Add(fieldStart, _unquotedLength - fieldStart);
                fieldStart = _unquotedLength;
                state = State.FieldStart;
            }
            else if (c is '\n' or '\r')
            {
                Add(fieldStart, _unquotedLength - fieldStart);
                PassLine(at);
                _nextLine += lineEnds;
                return;
            }
            else if (state == State.AfterQuote)
            {
                Refuse("has text after a closing quote");
                return;
            }
            else
            {
                state = State.Plain;
                Append(c);
            }
        }
    }

    /// <summary>Gives up on the line the row began on, only that one: what a stray quote swallowed is read again as rows.</summary>
    private void Refuse(string fault)
    {
        NextLine(out var length);
        Count = 0;
        Fault = fault;
        Excerpt = _buffer.AsSpan(_start, Math.Min(length, ExcerptLength)).ToString();
        PassLine(length);
    }

    private void DropLongLine()
    {
        Fault = $"is longer than {longest:N0} characters";
        Excerpt = _buffer.AsSpan(_start, ExcerptLength).ToString();
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOfAny('\r', '\n');
            if (at >= 0)
            {
                PassLine(at);
                return;
            }

            _start = _end;
            if (!Fill())
            {
                return;
            }
        }
    }

    /// <summary>Length of the line ahead without its end; more than <c>longest</c> stands for any length. False at the end of the text.</summary>
    private bool NextLine(out int length)
    {
        var searched = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOfAny('\r', '\n');
            if (at >= 0)
            {
                length = searched + at;
                return true;
            }

            searched = length = _end - _start;
            if (searched > longest)
            {
                return true;
            }

            if (!Fill())
            {
                return searched > 0;
            }
        }
    }

    private void PassLine(int length)
    {
        _start += length;
        _nextLine++;
        if (_start < _end && _buffer[_start] == '\r')
        {
            _start++;

            // Filling moves the buffer, so fields of the row are kept ahead of it.
            if (_start == _end && !_ended)
            {
                KeepFields();
                Fill();
            }
        }
        else if (_start < _end)
        {
            _start++;
            return;
        }
        else
        {
            return;
        }

        if (_start < _end && _buffer[_start] == '\n')
        {
            _start++;
        }
    }

    private void KeepFields()
    {
        if (_isUnquoted || Count == 0)
        {
            return;
        }

        _unquotedLength = 0;
        for (var field = 0; field < Count; field++)
        {
            var begin = _unquotedLength;
            foreach (var c in _buffer.AsSpan(_bounds[2 * field], _bounds[(2 * field) + 1]))
            {
                Append(c);
            }

            _bounds[2 * field] = begin;
        }

        _isUnquoted = true;
    }

    private bool Fill()
    {
        if (_ended)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = text.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _ended = read == 0;
        return read > 0;
    }

    private void Append(char c)
    {
        if (_unquotedLength == _unquoted.Length)
        {
            Array.Resize(ref _unquoted, Math.Max(1024, _unquoted.Length * 2));
        }

        _unquoted[_unquotedLength++] = c;
    }

    private void Add(int start, int length)
    {
        if (2 * Count == _bounds.Length)
        {
            Array.Resize(ref _bounds, _bounds.Length * 2);
        }

        _bounds[2 * Count] = start;
        _bounds[(2 * Count) + 1] = length;
        Count++;
    }
}
