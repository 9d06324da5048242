using Kindred.Platform.Collections;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Profiles;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations;

/// <summary>
/// Recommendations without HTTP: what the routes answer, for the command line and other code of this process. Null means that the collection
/// or the item does not exist; an unknown user is a stranger and gets popular items.
/// </summary>
public sealed class LocalRecommendations
{
    private readonly ServedCollections _collections;
    private readonly Numbers _numbers;

    internal LocalRecommendations(ServedCollections collections, Numbers numbers)
    {
        _collections = collections;
        _numbers = numbers;
    }

    /// <summary>Takes a model that was just published, without waiting for the next look.</summary>
    public async Task RefreshAsync(string collection, CancellationToken cancellation)
    {
        if (await FindAsync(collection, cancellation) is { } served)
        {
            await served.PollAsync(cancellation);
        }
    }

    /// <summary>A user's ranked list.</summary>
    /// <exception cref="Filters.FilterException">The query's filter is refused.</exception>
    public async Task<AnsweredList?> RecommendAsync(string collection, string user, ListQuery query, CancellationToken cancellation) =>
        await FindAsync(collection, cancellation) is not { } served ? null
        : PersonalLists.Rank(served, (await ProfileAsync(served, user, cancellation)).Profile, Checked(query)).Answer();

    /// <summary>Items like this one.</summary>
    /// <exception cref="Filters.FilterException">The query's filter is refused.</exception>
    public async Task<AnsweredList?> SimilarAsync(string collection, string item, ListQuery query, CancellationToken cancellation) =>
        await FindAsync(collection, cancellation) is { } served && await ItemAsync(served, item, cancellation) is { Answerable: true } row
            ? ItemLists.Similar(served, row, Checked(query)).Answer()
            : null;

    /// <summary>What carries an item's score for a user.</summary>
    /// <exception cref="Filters.FilterException">The query's filter is refused.</exception>
    public async Task<WhyAnswer?> WhyAsync(string collection, string user, string item, ListQuery query, CancellationToken cancellation) =>
        await FindAsync(collection, cancellation) is { } served && await ItemAsync(served, item, cancellation) is { Answerable: true } row
            ? Explanations.Why(served, user, (await ProfileAsync(served, user, cancellation)).Profile, row, Checked(query))
            : null;

    /// <summary>What keeps an item out of a user's list.</summary>
    /// <exception cref="Filters.FilterException">The query's filter is refused.</exception>
    public async Task<WhyNotAnswer?> WhyNotAsync(string collection, string user, string item, ListQuery query, CancellationToken cancellation) =>
        await FindAsync(collection, cancellation) is not { } served ? null
        : Explanations.WhyNot(
            served, user, (await ProfileAsync(served, user, cancellation)).Profile, item, await ItemAsync(served, item, cancellation), Checked(query));

    internal ValueTask<ServedCollection?> FindAsync(string collection, CancellationToken cancellation) =>
        _collections.Find(collection) is not { } served ? new ValueTask<ServedCollection?>((ServedCollection?)null)
        : served.Current ? new ValueTask<ServedCollection?>(served)
        : LoadAsync(served, cancellation);

    /// <summary>The user's number (-1 for a stranger) and profile, with every item of the history in the table.</summary>
    internal async ValueTask<(int User, Profile Profile)> ProfileAsync(ServedCollection served, string user, CancellationToken cancellation)
    {
        if (await _numbers.FindUserAsync(served.Collection.Number, user, cancellation) is not { } number)
        {
            return (-1, Profile.Stranger);
        }

        var profile = await served.Profiles.GetAsync(number, cancellation);
        if (profile.HighestItem >= served.Items.FilledTo)
        {
            await served.CatchUpAsync(profile.HighestItem, cancellation);
        }

        return (number, profile);
    }

    /// <summary>An item by id, also one that another process has just numbered.</summary>
    internal async ValueTask<ItemRow?> ItemAsync(ServedCollection served, string id, CancellationToken cancellation)
    {
        if (!served.Items.TryFind(id, out var number))
        {
            if (await _numbers.FindItemAsync(served.Collection.Number, id, cancellation) is not { } found)
            {
                return null;
            }

            number = found;
            await served.CatchUpAsync(number, cancellation);
        }

        return served.Items[number];
    }

    private static async ValueTask<ServedCollection?> LoadAsync(ServedCollection served, CancellationToken cancellation)
    {
        await served.EnsureLoadedAsync(cancellation);
        await served.CatchUpAsync(served.Activity.HighestItem, cancellation);
        return served;
    }

    private static ListQuery Checked(ListQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.N, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.N, ListQuery.MaxN);
        return query;
    }
}
