using System.Globalization;
using Kindred.Recommendations.Items;

namespace Kindred.Recommendations.Filters;

/// <summary>
/// Ties a parsed filter to the attributes a catalogue has. A name no item has is refused with the nearest that some item has, so a typing
/// error never passes for "nothing matches"; so is a comparison with a kind of value the attribute never holds.
/// </summary>
internal static class FilterBinder
{
    private static readonly string[] s_own = ["category", "id", "title", "timestamp"];

    public static FilterPredicate Bind(FilterNode node, AttributeNames attributes) => node switch
    {
        AndNode and => new AllOf([.. and.Terms.Select(term => Bind(term, attributes))]),
        OrNode or => new AnyOf([.. or.Terms.Select(term => Bind(term, attributes))]),
        NotNode not => new NotOf(Bind(not.Term, attributes)),
        TruthNode truth => Truth(truth, attributes),
        CompareNode compare => Compare(compare, attributes),
        _ => throw new FilterException(node.Position, "Unknown part of a filter."),
    };

    private static NumberMatches Truth(TruthNode node, AttributeNames attributes)
    {
        var (name, kinds) = Find(node.Position, node.Name, attributes);
        return kinds.HasFlag(ValueKind.Boolean)
            ? new NumberMatches(name, ValueKind.Boolean, Comparison.Equal, [1])
            : throw new FilterException(node.Position, $"'{node.Name}' is {Words(kinds)}, not true or false: compare it with a value.");
    }

    private static FilterPredicate Compare(CompareNode node, AttributeNames attributes)
    {
        switch (node.Name)
        {
            case "category":
                OnlyEquality(node, "a list of texts");
                return new CategoryIs(Texts(node, "category"));
            case "id":
                return new IdMatches(node.Comparison, Texts(node, "id"));
            case "title":
                return new TitleMatches(node.Comparison, Texts(node, "title"));
            case "timestamp":
                return new TimestampMatches(node.Comparison, Times(node));
            default:
                break;
        }

        var (name, kinds) = Find(node.Position, node.Name, attributes);
        var parts = new List<FilterPredicate>();
        foreach (var group in node.Literals.GroupBy(literal => literal.Kind))
        {
            parts.AddRange(Parts(node, name, kinds, group.Key, [.. group]));
        }

        return parts.Count == 1 ? parts[0] : new AnyOf([.. parts]);
    }

    private static IEnumerable<FilterPredicate> Parts(CompareNode node, int name, ValueKind kinds, LiteralKind kind, Literal[] literals)
    {
        var found = false;
        if (kind == LiteralKind.Text)
        {
            string[] texts = [.. literals.Select(literal => literal.Text)];
            if (kinds.HasFlag(ValueKind.Text))
            {
                found = true;
                yield return new TextMatches(name, node.Comparison, texts);
            }

            if (kinds.HasFlag(ValueKind.Texts) && node.Comparison is Comparison.Equal or Comparison.Contains)
            {
                found = true;
                yield return new ListHas(name, texts);
            }
        }
        else
        {
            var wanted = kind == LiteralKind.Number ? ValueKind.Number : ValueKind.Boolean;
            if (kinds.HasFlag(wanted) && node.Comparison != Comparison.Contains && (wanted == ValueKind.Number || node.Comparison == Comparison.Equal))
            {
                found = true;
                yield return new NumberMatches(name, wanted, node.Comparison, [.. literals.Select(literal => literal.Number)]);
            }
        }

        if (!found)
        {
            throw new FilterException(literals[0].Position, $"'{node.Name}' is {Words(kinds)} and cannot be compared like this with {literals[0].Text}.");
        }
    }

    private static (int Name, ValueKind Kinds) Find(int position, string name, AttributeNames attributes)
    {
        if (attributes.TryFind(name, out var number, out var kinds))
        {
            return (number, kinds);
        }

        var nearest = attributes.Held.Concat(s_own)
            .Select(held => (Name: held, Distance: Nearness.Distance(held, name)))
            .Where(held => held.Distance <= Math.Max(1, Math.Min(name.Length, held.Name.Length) / 3))
            .OrderBy(held => held.Distance).ThenBy(held => held.Name, StringComparer.Ordinal)
            .Select(held => held.Name)
            .FirstOrDefault();
        throw new FilterException(position, $"No item has the attribute '{name}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}");
    }

    private static string[] Texts(CompareNode node, string name)
    {
        foreach (var literal in node.Literals)
        {
            if (literal.Kind != LiteralKind.Text)
            {
                throw new FilterException(literal.Position, $"'{name}' is text: write \"{literal.Text}\" in quotes.");
            }
        }

        return [.. node.Literals.Select(literal => literal.Text)];
    }

    private static long[] Times(CompareNode node)
    {
        if (node.Comparison == Comparison.Contains)
        {
            throw new FilterException(node.Position, "'timestamp' is a time and contains nothing.");
        }

        return [.. node.Literals.Select(literal => literal.Kind == LiteralKind.Text
            && DateTimeOffset.TryParse(literal.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond
                : throw new FilterException(literal.Position, "'timestamp' is compared with a time such as \"2026-01-31\" or \"2026-01-31T12:00:00Z\"."))];
    }

    private static void OnlyEquality(CompareNode node, string kind)
    {
        if (node.Comparison is not (Comparison.Equal or Comparison.Contains))
        {
            throw new FilterException(node.Position, $"'{node.Name}' is {kind}: use =, !=, in or contains.");
        }
    }

    private static string Words(ValueKind kinds) => string.Join(" or ", new[]
    {
        kinds.HasFlag(ValueKind.Number) ? "a number" : null,
        kinds.HasFlag(ValueKind.Text) ? "text" : null,
        kinds.HasFlag(ValueKind.Boolean) ? "true or false" : null,
        kinds.HasFlag(ValueKind.Texts) ? "a list of texts" : null,
    }.Where(word => word is not null));
}
