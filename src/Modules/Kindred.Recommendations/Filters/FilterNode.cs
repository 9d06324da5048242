namespace Kindred.Recommendations.Filters;

/// <summary>A parsed filter, before it is known which attributes there are.</summary>
internal abstract record FilterNode(int Position);

internal sealed record AndNode(int Position, IReadOnlyList<FilterNode> Terms) : FilterNode(Position);

internal sealed record OrNode(int Position, IReadOnlyList<FilterNode> Terms) : FilterNode(Position);

internal sealed record NotNode(int Position, FilterNode Term) : FilterNode(Position);

/// <summary>A name alone: true where the attribute is.</summary>
internal sealed record TruthNode(int Position, string Name) : FilterNode(Position);

/// <summary>A comparison with one literal, or with any of several (<see cref="Comparison.Equal"/>).</summary>
internal sealed record CompareNode(int Position, string Name, Comparison Comparison, IReadOnlyList<Literal> Literals) : FilterNode(Position);

internal enum Comparison
{
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
    Contains,
}

/// <summary>A number, a text or a boolean as written.</summary>
internal readonly record struct Literal(int Position, LiteralKind Kind, double Number, string Text);

internal enum LiteralKind
{
    Number,
    Text,
    Boolean,
}
