using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Kindred.Platform.Collections;

/// <summary>How an event reads: liked, disliked or neither.</summary>
public enum Judgement
{
    /// <summary>Counts against the item: seen, never a positive.</summary>
    Negative = -1,

    /// <summary>Says nothing about taste.</summary>
    Neutral = 0,

    /// <summary>Counts as a positive interaction.</summary>
    Positive = 1,
}

/// <summary>One world of items, users, events and models, as this process knows it. Immutable.</summary>
/// <param name="Number">Number in the database.</param>
/// <param name="Name">Name in routes: lower-case letters, digits and dashes.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="EventTypes">Its event types by number.</param>
public sealed record Collection(int Number, string Name, CollectionSettings Settings, IReadOnlyList<EventType> EventTypes)
{
    /// <summary>Binds a handler's parameter to the collection the route names; the access rule has resolved it.</summary>
    public static ValueTask<Collection?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Features.Get<RequestScope>()?.Collection);
    }

    /// <summary>The event type of that name, compared exactly, or null.</summary>
    public EventType? FindEventType(string name) => EventTypes.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.Ordinal));

    /// <summary>The event type of that number; null for a type that settings no longer name.</summary>
    public EventType? FindEventType(int number) => EventTypes.FirstOrDefault(type => type.Number == number);
}

/// <summary>An event type of a collection: how its events read.</summary>
/// <param name="Number">Number within the collection; kept for ever once an event has it.</param>
/// <param name="Name">Name in events.</param>
/// <param name="Settings">Its settings.</param>
public sealed record EventType(int Number, string Name, EventTypeSettings Settings)
{
    private readonly ValueRule? _positive = ValueRule.Parse(Settings.Positive);
    private readonly ValueRule? _negative = ValueRule.Parse(Settings.Negative);

    /// <summary>Reads an event of this type: negative rules first, then positive; without rules every event is positive, and a positive rule leaves an event without a value neutral.</summary>
    public Judgement Judge(float? value) =>
        _negative is { } negative && value is { } bad && negative.Holds(bad) ? Judgement.Negative
        : _positive is not { } positive ? Judgement.Positive
        : value is { } good && positive.Holds(good) ? Judgement.Positive
        : Judgement.Neutral;
}

/// <summary>A comparison with a number: <c>&gt;= 7</c>.</summary>
/// <param name="Comparison">One of <c>&gt;=, &gt;, &lt;=, &lt;, =</c>.</param>
/// <param name="Bound">A finite number.</param>
public readonly record struct ValueRule(string Comparison, float Bound)
{
    private static readonly string[] s_comparisons = [">=", "<=", ">", "<", "="];

    /// <summary>Reads a rule; null for empty text.</summary>
    /// <exception cref="FormatException">Not a comparison with a finite number.</exception>
    public static ValueRule? Parse(string text)
    {
        var rule = text.AsSpan().Trim();
        if (rule.IsEmpty)
        {
            return null;
        }

        foreach (var comparison in s_comparisons)
        {
            if (rule.StartsWith(comparison)
                && float.TryParse(rule[comparison.Length..].Trim(), System.Globalization.CultureInfo.InvariantCulture, out var bound)
                && float.IsFinite(bound))
            {
                return new ValueRule(comparison, bound);
            }
        }

        throw new FormatException($"\"{text}\" is not a comparison with a number, such as \">= 7\".");
    }

    /// <summary>True when the value satisfies the rule.</summary>
    public bool Holds(float value) => Comparison switch
    {
        ">=" => value >= Bound,
        ">" => value > Bound,
        "<=" => value <= Bound,
        "<" => value < Bound,
        _ => value == Bound,
    };
}
