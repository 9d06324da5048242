namespace Kindred.Recommendations.Answers;

/// <summary>A ranked list with what made it.</summary>
/// <param name="Source"><c>personal</c>, <c>popular</c>, <c>cold</c>, or the name of the list.</param>
/// <param name="Model">The model that answered; null before the first.</param>
/// <param name="Degraded">The answer is second best: no model yet, or the newest one was refused.</param>
/// <param name="Data">Items, best first.</param>
public sealed record AnsweredList(string Source, AnsweringModel? Model, bool Degraded, IReadOnlyList<AnsweredItem> Data);

/// <summary>The model behind an answer.</summary>
/// <param name="Recommender">Its recommender: <c>als</c>, <c>ease</c>, ...</param>
/// <param name="Run">The run that trained it.</param>
/// <param name="Version">Version of the collection's model head.</param>
public sealed record AnsweringModel(string Recommender, string Run, long Version);

/// <summary>One place of a list.</summary>
/// <param name="Item">Id.</param>
/// <param name="Title">For people; null where the item is known from events only.</param>
/// <param name="Categories">Its categories.</param>
/// <param name="Score">In the unit of what <paramref name="Source"/> ranks by.</param>
/// <param name="Rank">From 1.</param>
/// <param name="Source">What put it here: <c>personal</c>, <c>popular</c>, <c>new</c>, ...</param>
/// <param name="Reason">Why, in words and numbers.</param>
public sealed record AnsweredItem(
    string Item,
    string? Title,
    IReadOnlyList<string> Categories,
    float Score,
    int Rank,
    string Source,
    Reason Reason);

/// <summary>Why an item is in a list; never invented.</summary>
/// <param name="Text">A sentence.</param>
/// <param name="Evidence">History items that carried the score, strongest first.</param>
public sealed record Reason(string Text, IReadOnlyList<Evidence> Evidence);

/// <summary>A history item's part in a score.</summary>
/// <param name="Item">Id; null where the item may no longer be shown.</param>
/// <param name="Title">For people.</param>
/// <param name="Share">Its part, in the score's unit.</param>
public sealed record Evidence(string? Item, string? Title, float Share);

/// <summary>Which history items carried an item's score.</summary>
/// <param name="User">The user.</param>
/// <param name="Item">The item.</param>
/// <param name="Title">Its title.</param>
/// <param name="Source"><c>personal</c>, or <c>cold</c> when nothing personal is known.</param>
/// <param name="Score">The model's score; null when the item is in no model yet or nothing personal is known.</param>
/// <param name="Rank">Place among all items the user could be answered, from 1; null without a score or when the item is seen or filtered out.</param>
/// <param name="Text">A sentence.</param>
/// <param name="Evidence">Every history item with a share, strongest first; where the model is linear they sum to the score.</param>
/// <param name="Model">The model that was asked.</param>
public sealed record WhyAnswer(
    string User,
    string Item,
    string? Title,
    string Source,
    float? Score,
    int? Rank,
    string Text,
    IReadOnlyList<Evidence> Evidence,
    AnsweringModel? Model);

/// <summary>Why an item is not in a list.</summary>
/// <param name="User">The user.</param>
/// <param name="Item">The item asked for.</param>
/// <param name="Stage">What dropped it: <c>unknown</c>, <c>deleted</c>, <c>hidden</c>, <c>seen</c>, <c>category</c>, <c>filter</c>, <c>not_in_model</c>, <c>ranked_below</c>; <c>answered</c> when it is in the list.</param>
/// <param name="Text">A sentence.</param>
/// <param name="Rank">Its place, where it was ranked.</param>
/// <param name="Score">Its score, where it was ranked.</param>
/// <param name="LastScore">Score of the list's last item, where it was ranked below.</param>
/// <param name="N">Length of the list asked about.</param>
/// <param name="Model">The model that was asked.</param>
public sealed record WhyNotAnswer(
    string User,
    string Item,
    string Stage,
    string Text,
    int? Rank,
    float? Score,
    float? LastScore,
    int N,
    AnsweringModel? Model);

/// <summary>The words of <see cref="AnsweredList.Source"/> and <see cref="AnsweredItem.Source"/>.</summary>
internal static class Sources
{
    public const string Personal = "personal";
    public const string Popular = "popular";
    public const string Cold = "cold";
    public const string New = "new";
    public const string Similar = "similar";
    public const string SharedCategories = "categories";
    public const string BoughtTogether = "bought_together";
    public const string Trending = "trending";
    public const string Latest = "latest";
}
