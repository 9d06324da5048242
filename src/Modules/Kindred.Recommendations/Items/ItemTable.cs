using System.Collections.Concurrent;
using Kindred.Contracts;
using Kindred.Recommendations.Filters;

namespace Kindred.Recommendations.Items;

/// <summary>
/// A collection's items by number, with bit masks of who may be answered. Readers take no lock: rows are replaced whole, a mask word is one
/// atomic store, arrays only grow by being replaced. Writers queue on one lock. <see cref="Version"/> grows after a change is in place, so
/// whoever reads the version first and the masks second never keeps an old list under a new version.
/// </summary>
internal sealed class ItemTable
{
    private const int MostFilters = 64;

    private readonly Lock _lock = new();
    private readonly AttributeNames _attributes = new();
    private readonly ConcurrentDictionary<string, int> _numbers = new(concurrencyLevel: 1, capacity: 1024, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BitMask> _categories = new(concurrencyLevel: 1, capacity: 64, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FilterMask> _filters = new(concurrencyLevel: 1, capacity: MostFilters, StringComparer.Ordinal);
    private readonly BitMask _answerable = new();
    private ItemRow?[] _rows = new ItemRow?[1024];
    private int[] _tieOrder = [];
    private int _count;
    private int _filled;
    private long _version;
    private long _uses;

    /// <summary>One past the highest number held.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>All items below this number are held; above it there may be holes, where an item was first seen in an event.</summary>
    public int FilledTo => Volatile.Read(ref _filled);

    /// <summary>Grows with every change.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Rank of each item by id ascending; may lag behind <see cref="Count"/> for a moment.</summary>
    public int[] TieOrder => Volatile.Read(ref _tieOrder);

    /// <summary>Words that a mask of all items takes.</summary>
    public int Words => (Count + 63) >> 6;

    public ItemRow? this[int number]
    {
        get
        {
            var rows = Volatile.Read(ref _rows);
            return (uint)number < (uint)rows.Length ? Volatile.Read(ref rows[number]) : null;
        }
    }

    public bool TryFind(string id, out int number) => _numbers.TryGetValue(id, out number);

    /// <summary>Writes who may be answered under a category and a filter.</summary>
    public void Allowed(Span<ulong> words, string? category, FilterMask? filter)
    {
        _answerable.CopyTo(words);
        if (category is not null)
        {
            if (_categories.TryGetValue(category, out var mask))
            {
                mask.And(words);
            }
            else
            {
                words.Clear();
            }
        }

        filter?.Mask.And(words);
    }

    /// <summary>The mask of a filter, compiled at first use and kept up to date by later changes.</summary>
    /// <exception cref="FilterException">Not a filter, or not one for these items.</exception>
    public FilterMask Filter(string text)
    {
        if (!_filters.TryGetValue(text, out var filter))
        {
            var parsed = FilterParser.Parse(text);
            lock (_lock)
            {
                filter = new FilterMask(FilterBinder.Bind(parsed, _attributes));
                for (var item = 0; item < _count; item++)
                {
                    if (_rows[item] is { } row && filter.Predicate.Matches(row))
                    {
                        filter.Mask.Set(item, on: true);
                    }
                }

                _filters[text] = filter;
                if (_filters.Count > MostFilters)
                {
                    _filters.TryRemove(_filters.MinBy(pair => pair.Value.LastUsed).Key, out _);
                }
            }
        }

        filter.LastUsed = Interlocked.Increment(ref _uses);
        return filter;
    }

    /// <summary>Takes items as they are now; an older version than the one held is left out.</summary>
    public void Apply(IReadOnlyList<ItemRecord> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var item in items)
            {
                Apply(item);
            }

            var filled = _filled;
            while (filled < _count && _rows[filled] is not null)
            {
                filled++;
            }

            Volatile.Write(ref _filled, filled);
            Volatile.Write(ref _version, _version + 1);
        }
    }

    /// <summary>Ranks the ids anew when items were added since: as numbers where all are whole numbers, else ordinal.</summary>
    public void RankIds()
    {
        var count = Count;
        if (TieOrder.Length != count)
        {
            var ids = new string[count];
            for (var k = 0; k < count; k++)
            {
                ids[k] = this[k]?.Id ?? "";
            }

            Volatile.Write(ref _tieOrder, IdOrder.Rank(ids));
            lock (_lock)
            {
                Volatile.Write(ref _version, _version + 1);
            }
        }
    }

    private void Apply(ItemRecord record)
    {
        var number = record.Number;
        if (number >= _rows.Length)
        {
            var rows = new ItemRow?[Math.Max(number + 1, _rows.Length * 2)];
            _rows.CopyTo(rows, 0);
            Volatile.Write(ref _rows, rows);
        }

        var before = _rows[number];
        if (before is not null)
        {
            if (before.Version > record.Version)
            {
                return;
            }

            _attributes.Count(before, -1);
            foreach (var category in before.Categories)
            {
                _categories[category].Set(number, on: false);
            }
        }

        var row = _attributes.Row(record);
        _attributes.Count(row, 1);
        Volatile.Write(ref _rows[number], row);
        _numbers[row.Id] = number;
        _answerable.Set(number, row.Answerable);
        foreach (var category in row.Categories)
        {
            _categories.GetOrAdd(category, static _ => new BitMask()).Set(number, on: true);
        }

        foreach (var (_, filter) in _filters)
        {
            filter.Mask.Set(number, filter.Predicate.Matches(row));
        }

        if (number >= _count)
        {
            Volatile.Write(ref _count, number + 1);
        }
    }
}
