namespace Kindred.Algorithms.Sparse;

/// <summary>
/// What recommenders train on: positive interactions of users with items. Immutable.
/// </summary>
public sealed class Interactions
{
    private readonly Lazy<CsrMatrix> _byItem;

    /// <summary>Takes a matrix and, where they are known, the times and ratings of its cells.</summary>
    /// <param name="byUser"><b>[users x items]</b>; a value is the interaction's weight, above 0; 1 means one positive.</param>
    /// <param name="times">Microseconds since 1970 (UTC) per stored value of <paramref name="byUser"/>, or null.</param>
    /// <param name="ratings">Rating given per stored value, or null; only rating-aware recommenders (Bayesian mean) read it.</param>
    /// <param name="itemFeatures"><b>[items x features]</b>, a value being the feature's weight in the item, above 0; or null. Only hybrid recommenders read it.</param>
    /// <exception cref="ArgumentException">A side array is not as long as the stored values, features are not of these items, or a weight is not above 0.</exception>
    public Interactions(CsrMatrix byUser, long[]? times = null, float[]? ratings = null, CsrMatrix? itemFeatures = null)
    {
        ArgumentNullException.ThrowIfNull(byUser);
        if ((times is not null && times.Length != byUser.NonZeros) || (ratings is not null && ratings.Length != byUser.NonZeros))
        {
            throw new ArgumentException($"Times and ratings hold one entry per interaction: {byUser.NonZeros} expected, {times?.Length} times, {ratings?.Length} ratings.");
        }

        if (itemFeatures is not null && itemFeatures.Rows != byUser.Columns)
        {
            throw new ArgumentException($"Item features hold one row per item: {byUser.Columns} expected, {itemFeatures.Rows} given.", nameof(itemFeatures));
        }

        CheckWeights(byUser, "an interaction", nameof(byUser));
        CheckWeights(itemFeatures, "a feature", nameof(itemFeatures));

        ByUser = byUser;
        Times = times;
        Ratings = ratings;
        ItemFeatures = itemFeatures;
        _byItem = new Lazy<CsrMatrix>(byUser.Transpose);
    }

    /// <summary>
    /// Makes interactions from two arrays, entry k being "user <paramref name="users"/>[k] took item <paramref name="items"/>[k]", in any order; there are as many
    /// users and items as the highest numbers say. A pair named several times is one of that weight.
    /// </summary>
    /// <param name="users">Number of the user, 0 or more.</param>
    /// <param name="items">Number of the item, 0 or more.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static Interactions From(ReadOnlySpan<int> users, ReadOnlySpan<int> items)
    {
        if (users.Length != items.Length)
        {
            throw new ArgumentException($"Interactions need as many items as users: {users.Length} users, {items.Length} items.", nameof(items));
        }

        var builder = new InteractionsBuilder();
        var (userCount, itemCount) = (0, 0);
        for (var k = 0; k < users.Length; k++)
        {
            builder.Add(users[k], items[k], 1);
            (userCount, itemCount) = (Math.Max(userCount, users[k] + 1), Math.Max(itemCount, items[k] + 1));
        }

        return builder.Build(userCount, itemCount, withTimes: false);
    }

    /// <summary>Number of users.</summary>
    public int Users => ByUser.Rows;

    /// <summary>Number of items.</summary>
    public int Items => ByUser.Columns;

    /// <summary>Number of (user, item) pairs.</summary>
    public long Count => ByUser.NonZeros;

    /// <summary><b>[users x items]</b>.</summary>
    public CsrMatrix ByUser { get; }

    /// <summary><b>[items x users]</b>, made at first use.</summary>
    public CsrMatrix ByItem => _byItem.Value;

    /// <summary>Time of each stored value of <see cref="ByUser"/> in microseconds since 1970 (UTC), or null.</summary>
    public long[]? Times { get; }

    /// <summary>Rating of each stored value of <see cref="ByUser"/>, or null.</summary>
    public float[]? Ratings { get; }

    /// <summary><b>[items x features]</b>: weights of the features each item has (genres, categories), or null.</summary>
    public CsrMatrix? ItemFeatures { get; }

    private static void CheckWeights(CsrMatrix? matrix, string what, string parameter)
    {
        foreach (var weight in matrix is null ? [] : matrix.AllValues)
        {
            if (weight <= 0)
            {
                throw new ArgumentException($"The weight of {what} is above 0, not {weight}.", parameter);
            }
        }
    }
}
