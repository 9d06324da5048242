using Kindred.Recommendations.Items;

namespace Kindred.Recommendations.Answers;

/// <summary>
/// One place of a list in numbers and rows: some eighty bytes, where the JSON it becomes has hundreds. Kept lists and receipts hold these; rows never
/// change, so a list kept is a list as it was answered.
/// </summary>
/// <param name="Item">The item.</param>
/// <param name="Score">In the unit of what <paramref name="Source"/> ranks by.</param>
/// <param name="Source">One of <see cref="Sources"/>.</param>
/// <param name="Why">Why it is here.</param>
internal readonly record struct Slot(ItemRow Item, float Score, string Source, Why Why)
{
    public AnsweredItem Answer(int rank) => new(Item.Id, Item.Title, Item.Categories, Score, rank, Source, Why.Reason());
}

/// <summary>Words and evidence before they become a sentence.</summary>
/// <param name="Words">The sentence, or its beginning where it ends with a name.</param>
/// <param name="About">The item whose name ends the sentence, or null.</param>
internal readonly record struct Why(string Words, ItemRow? About = null)
{
    /// <summary>The strongest history items, at most three, with their shares.</summary>
    public (ItemRow Item, float Share) First { get; init; }

    public (ItemRow Item, float Share) Second { get; init; }

    public (ItemRow Item, float Share) Third { get; init; }

    /// <summary>All of them, where they were asked for.</summary>
    public IReadOnlyList<Evidence>? All { get; init; }

    public string Text => About is null ? Words : Words + About.Name;

    public Reason Reason() => new(Text, All ?? [.. new[] { First, Second, Third }.Where(one => one.Item is not null).Select(one => new Evidence(one.Item.Id, one.Item.Title, one.Share))]);
}

/// <summary>A ranked list before it is written.</summary>
/// <param name="Source"><c>personal</c>, <c>popular</c>, <c>cold</c>, or the name of the list.</param>
/// <param name="Model">The model that answered; null before the first.</param>
/// <param name="Degraded">The answer is second best.</param>
/// <param name="Slots">Best first.</param>
internal sealed record RankedList(string Source, AnsweringModel? Model, bool Degraded, Slot[] Slots)
{
    /// <summary>About how much memory it holds.</summary>
    public int Bytes => 64 + (Slots.Length * 96);

    public AnsweredList Answer() => new(Source, Model, Degraded, [.. Slots.Select((slot, k) => slot.Answer(k + 1))]);
}
