using System.Globalization;
using System.Text;

namespace Kindred.Recommendations.Filters;

internal enum TokenKind
{
    End,
    Name,
    Text,
    Number,
    Symbol,
}

/// <summary>One token. Words of the language are names until the parser asks for them.</summary>
internal readonly record struct Token(TokenKind Kind, int Position, string Text, double Number, bool Quoted)
{
    public bool Is(string word) =>
        Kind == TokenKind.Symbol ? string.Equals(Text, word, StringComparison.Ordinal)
        : Kind == TokenKind.Name && !Quoted && string.Equals(Text, word, StringComparison.OrdinalIgnoreCase);

    public string Shown => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => "a text",
        _ => $"'{Text}'",
    };
}

/// <summary>Cuts a filter into tokens.</summary>
internal ref struct FilterLexer(string filter)
{
    private static readonly string[] s_symbols = ["<=", ">=", "!=", "<>", "==", "<", ">", "=", "(", ")", ","];

    private readonly string _filter = filter;
    private int _at;

    public Token Next()
    {
        while (_at < _filter.Length && char.IsWhiteSpace(_filter[_at]))
        {
            _at++;
        }

        if (_at == _filter.Length)
        {
            return new Token(TokenKind.End, _at, "", 0, Quoted: false);
        }

        var first = _filter[_at];
        return first switch
        {
            '"' or '\'' => Quoted(first, TokenKind.Text),
            '`' => Quoted(first, TokenKind.Name),
            '-' or '+' or '.' or (>= '0' and <= '9') => Number(),
            _ when char.IsLetter(first) || first == '_' => Name(),
            _ => Symbol(),
        };
    }

    private Token Quoted(char quote, TokenKind kind)
    {
        var start = _at++;
        var text = new StringBuilder();
        while (_at < _filter.Length)
        {
            var letter = _filter[_at++];
            if (letter == quote)
            {
                return new Token(kind, start, text.ToString(), 0, Quoted: true);
            }

            if (letter == '\\')
            {
                if (_at == _filter.Length)
                {
                    break;
                }

                letter = _filter[_at++];
                letter = letter switch
                {
                    'n' => '\n',
                    't' => '\t',
                    '\\' or '"' or '\'' or '`' => letter,
                    _ => throw new FilterException(_at - 1, $"'\\{letter}' is no escape; there are \\\\ \\\" \\' \\` \\n \\t."),
                };
            }

            text.Append(letter);
        }

        throw new FilterException(start, $"The text that starts here is never closed with {quote}.");
    }

    private Token Number()
    {
        var start = _at;
        while (_at < _filter.Length
            && (char.IsAsciiDigit(_filter[_at]) || _filter[_at] is '.' or 'e' or 'E'
                || (_filter[_at] is '-' or '+' && (_at == start || _filter[_at - 1] is 'e' or 'E'))))
        {
            _at++;
        }

        var text = _filter[start.._at];
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new Token(TokenKind.Number, start, text, number, Quoted: false)
            : throw new FilterException(start, $"'{text}' is not a number.");
    }

    private Token Name()
    {
        var start = _at;
        while (_at < _filter.Length && (char.IsLetterOrDigit(_filter[_at]) || _filter[_at] is '_' or '.' or '-'))
        {
            _at++;
        }

        return new Token(TokenKind.Name, start, _filter[start.._at], 0, Quoted: false);
    }

    private Token Symbol()
    {
        foreach (var symbol in s_symbols)
        {
            if (string.CompareOrdinal(_filter, _at, symbol, 0, symbol.Length) == 0)
            {
                var start = _at;
                _at += symbol.Length;
                return new Token(TokenKind.Symbol, start, symbol, 0, Quoted: false);
            }
        }

        throw new FilterException(_at, $"'{_filter[_at]}' has no meaning here.");
    }
}
