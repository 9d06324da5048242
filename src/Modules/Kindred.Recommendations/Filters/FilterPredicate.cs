using Kindred.Recommendations.Items;

namespace Kindred.Recommendations.Filters;

/// <summary>A filter bound to a catalogue's attributes: true or false of an item. A comparison with a missing attribute is false.</summary>
internal abstract class FilterPredicate
{
    public abstract bool Matches(ItemRow row);
}

internal sealed class AllOf(FilterPredicate[] terms) : FilterPredicate
{
    public override bool Matches(ItemRow row)
    {
        foreach (var term in terms)
        {
            if (!term.Matches(row))
            {
                return false;
            }
        }

        return true;
    }
}

internal sealed class AnyOf(FilterPredicate[] terms) : FilterPredicate
{
    public override bool Matches(ItemRow row)
    {
        foreach (var term in terms)
        {
            if (term.Matches(row))
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed class NotOf(FilterPredicate term) : FilterPredicate
{
    public override bool Matches(ItemRow row) => !term.Matches(row);
}

/// <summary>A numeric or boolean attribute.</summary>
internal sealed class NumberMatches(int name, ValueKind kind, Comparison comparison, double[] numbers) : FilterPredicate
{
    public override bool Matches(ItemRow row)
    {
        if (!row.TryGet(name, out var attribute) || attribute.Kind != kind)
        {
            return false;
        }

        foreach (var number in numbers)
        {
            if (Orders.Holds(comparison, attribute.Number.CompareTo(number)))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A text attribute: ordinal comparison, <c>contains</c> without regard to case.</summary>
internal sealed class TextMatches(int name, Comparison comparison, string[] texts) : FilterPredicate
{
    public override bool Matches(ItemRow row) =>
        row.TryGet(name, out var attribute) && attribute.Kind == ValueKind.Text && Orders.Holds(comparison, (string)attribute.Text!, texts);
}

/// <summary>A list of texts: equal to, or containing, means that some entry is.</summary>
internal sealed class ListHas(int name, string[] texts) : FilterPredicate
{
    public override bool Matches(ItemRow row) =>
        row.TryGet(name, out var attribute) && attribute.Kind == ValueKind.Texts && Orders.HasAny((string[])attribute.Text!, texts);
}

internal sealed class CategoryIs(string[] texts) : FilterPredicate
{
    public override bool Matches(ItemRow row) => Orders.HasAny(row.Categories, texts);
}

internal sealed class IdMatches(Comparison comparison, string[] texts) : FilterPredicate
{
    public override bool Matches(ItemRow row) => Orders.Holds(comparison, row.Id, texts);
}

internal sealed class TitleMatches(Comparison comparison, string[] texts) : FilterPredicate
{
    public override bool Matches(ItemRow row) => row.Title is not null && Orders.Holds(comparison, row.Title, texts);
}

internal sealed class TimestampMatches(Comparison comparison, long[] times) : FilterPredicate
{
    public override bool Matches(ItemRow row)
    {
        if (row.Timestamp == long.MinValue)
        {
            return false;
        }

        foreach (var time in times)
        {
            if (Orders.Holds(comparison, row.Timestamp.CompareTo(time)))
            {
                return true;
            }
        }

        return false;
    }
}

file static class Orders
{
    public static bool Holds(Comparison comparison, int order) => comparison switch
    {
        Comparison.Less => order < 0,
        Comparison.LessOrEqual => order <= 0,
        Comparison.GreaterOrEqual => order >= 0,
        Comparison.Greater => order > 0,
        _ => order == 0,
    };

    public static bool Holds(Comparison comparison, string value, string[] texts)
    {
        foreach (var text in texts)
        {
            if (comparison == Comparison.Contains
                ? value.Contains(text, StringComparison.OrdinalIgnoreCase)
                : Holds(comparison, string.CompareOrdinal(value, text)))
            {
                return true;
            }
        }

        return false;
    }

    public static bool HasAny(string[] values, string[] texts)
    {
        foreach (var value in values)
        {
            foreach (var text in texts)
            {
                if (string.Equals(value, text, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
