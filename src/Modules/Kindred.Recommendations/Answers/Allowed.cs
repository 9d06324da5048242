using System.Buffers;
using System.Numerics;
using Kindred.Recommendations.Items;
using Kindred.Recommendations.Profiles;

namespace Kindred.Recommendations.Answers;

/// <summary>Who may be answered to one request, as a pooled mask; given back when disposed.</summary>
internal readonly struct Allowed : IDisposable
{
    private readonly ulong[] _words;

    private Allowed(ulong[] words, int length)
    {
        _words = words;
        Length = length;
    }

    /// <summary>Words in use.</summary>
    public int Length { get; }

    public Span<ulong> Words => _words.AsSpan(0, Length);

    /// <summary>Visible items under the query's category and filter, without what the profile has seen.</summary>
    /// <exception cref="Filters.FilterException">The filter is refused.</exception>
    public static Allowed For(ItemTable items, ListQuery query, Profile? profile)
    {
        var filter = query.Filter is null ? null : items.Filter(query.Filter);
        var length = items.Words;
        var allowed = new Allowed(ArrayPool<ulong>.Shared.Rent(Math.Max(1, length)), length);
        items.Allowed(allowed.Words, query.Category, filter);
        if (profile is not null && query.ExcludeSeen)
        {
            foreach (var item in profile.Seen)
            {
                allowed.Remove(item);
            }
        }

        return allowed;
    }

    public bool Has(int item) => (uint)(item >> 6) < (uint)Length && (_words[item >> 6] >> (item & 63) & 1) != 0;

    public void Remove(int item)
    {
        if ((uint)(item >> 6) < (uint)Length)
        {
            _words[item >> 6] &= ~(1UL << (item & 63));
        }
    }

    public int Count()
    {
        var count = 0;
        foreach (var word in Words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    public void Dispose() => ArrayPool<ulong>.Shared.Return(_words);
}
