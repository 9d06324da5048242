namespace Kindred.Recommendations.Filters;

/// <summary>
/// Reads a filter by recursive descent: <c>or</c> binds weaker than <c>and</c>, <c>and</c> weaker than <c>not</c>. Depth, length and number of
/// terms are bounded, so that no caller can make a parse or an evaluation expensive.
/// </summary>
internal ref struct FilterParser
{
    public const int MaxLength = 4096;
    public const int MaxDepth = 32;
    public const int MaxTerms = 200;

    private static readonly string[] s_reserved = ["and", "or", "not", "in", "contains", "true", "false"];

    private FilterLexer _lexer;
    private Token _token;
    private int _depth;
    private int _terms;

    /// <summary>Parses a filter.</summary>
    /// <exception cref="FilterException">Not a filter.</exception>
    public static FilterNode Parse(string filter)
    {
        if (filter.Length > MaxLength)
        {
            throw new FilterException(MaxLength, $"A filter has at most {MaxLength} characters; this one has {filter.Length}.");
        }

        var parser = new FilterParser { _lexer = new FilterLexer(filter) };
        parser.Advance();
        var node = parser.Or();
        return parser._token.Kind == TokenKind.End ? node : throw parser.Expected("'and', 'or' or the end");
    }

    private FilterNode Or() => Chain("or");

    private FilterNode Chain(string word)
    {
        var position = _token.Position;
        var first = word == "or" ? Chain("and") : Not();
        if (!_token.Is(word))
        {
            return first;
        }

        var terms = new List<FilterNode> { first };
        while (Take(word))
        {
            terms.Add(word == "or" ? Chain("and") : Not());
        }

        return word == "or" ? new OrNode(position, terms) : new AndNode(position, terms);
    }

    private FilterNode Not()
    {
        var position = _token.Position;
        if (++_depth > MaxDepth)
        {
            throw new FilterException(position, $"Parentheses and 'not' nest at most {MaxDepth} deep.");
        }

        FilterNode node;
        if (Take("not"))
        {
            node = new NotNode(position, Not());
        }
        else if (Take("("))
        {
            node = Or();
            Need(")");
        }
        else
        {
            node = Term();
        }

        _depth--;
        return node;
    }

    private FilterNode Term()
    {
        var name = _token;
        if (name.Kind != TokenKind.Name || (!name.Quoted && s_reserved.Contains(name.Text, StringComparer.OrdinalIgnoreCase)))
        {
            throw Expected("the name of an attribute");
        }

        Advance();
        if (Take("in"))
        {
            return In(name);
        }

        if (_token.Is("not"))
        {
            Advance();
            Need("in");
            return new NotNode(name.Position, In(name));
        }

        Comparison? comparison = _token.Kind is not (TokenKind.Symbol or TokenKind.Name) ? null
            : _token.Is("<") ? Comparison.Less
            : _token.Is("<=") ? Comparison.LessOrEqual
            : _token.Is(">") ? Comparison.Greater
            : _token.Is(">=") ? Comparison.GreaterOrEqual
            : _token.Is("=") || _token.Is("==") || _token.Is("!=") || _token.Is("<>") ? Comparison.Equal
            : _token.Is("contains") ? Comparison.Contains
            : null;
        if (comparison is null)
        {
            CountTerm(name.Position);
            return new TruthNode(name.Position, name.Text);
        }

        var negated = _token.Is("!=") || _token.Is("<>");
        Advance();
        var compare = new CompareNode(name.Position, name.Text, comparison.Value, [Literal()]);
        return negated ? new NotNode(name.Position, compare) : compare;
    }

    private CompareNode In(Token name)
    {
        Need("(");
        var literals = new List<Literal>();
        do
        {
            literals.Add(Literal());
        }
        while (Take(","));
        Need(")");
        return new CompareNode(name.Position, name.Text, Comparison.Equal, literals);
    }

    private Literal Literal()
    {
        var token = _token;
        CountTerm(token.Position);
        var literal = token.Kind switch
        {
            TokenKind.Number => new Literal(token.Position, LiteralKind.Number, token.Number, token.Text),
            TokenKind.Text => new Literal(token.Position, LiteralKind.Text, 0, token.Text),
            _ when token.Is("true") => new Literal(token.Position, LiteralKind.Boolean, 1, "true"),
            _ when token.Is("false") => new Literal(token.Position, LiteralKind.Boolean, 0, "false"),
            _ => throw Expected("a number, a text in quotes, true or false"),
        };
        Advance();
        return literal;
    }

    private void CountTerm(int position)
    {
        if (++_terms > MaxTerms)
        {
            throw new FilterException(position, $"A filter has at most {MaxTerms} terms.");
        }
    }

    private void Advance() => _token = _lexer.Next();

    private bool Take(string word)
    {
        if (!_token.Is(word))
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Need(string word)
    {
        if (!Take(word))
        {
            throw Expected($"'{word}'");
        }
    }

    private readonly FilterException Expected(string what) => new(_token.Position, $"Expected {what}, found {_token.Shown}.");
}
